# Clones of one remote under fire: each task is finished once, nothing acknowledged is lost.
. "$(dirname "$0")/../lib.sh"

drivers=$GIT_AGENT_SOURCE_ROOT/tests/conc

t 'agents of several clones claim and finish tasks while processes, server and connections are killed' '
  python3 -B "$drivers/clones.py" storm ${CLONES_STORM:---clones 3 --workers 2 --tasks 40 --limit 240}
'

t 'two clones apart for long, with conflicting work, agree when they meet' '
  python3 -B "$drivers/apart.py" apart ${CLONES_APART:---operations 60}
'

done_testing

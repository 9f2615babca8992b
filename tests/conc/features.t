# Features under fire: commands and the git they run are killed at random, and nothing is lost or left.
. "$(dirname "$0")/../lib.sh"

t 'features are spun, merged and cleaned while their commands are killed' '
  python3 -B "$GIT_AGENT_SOURCE_ROOT/tests/conc/features.py" storm ${FEATURES_STORM:---workers 3 --features 18 --limit 240}
'

done_testing

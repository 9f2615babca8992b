# The sessions in the manual work as they stand there, see man/TEMPLATE.md. Needs python3.
. "$(dirname "$0")/../lib.sh"

skip_all_unless 'git-agent init -h' 'there is no git agent-init to begin with'

for page in "$GIT_AGENT_SOURCE_ROOT"/man/*.scd; do
  grep -q '^# EXAMPLES' "$page" || continue
  t "the examples in ${page##*/}" "python3 '$GIT_AGENT_SOURCE_ROOT/tests/docs/examples.py' '$page'"
done

t 'the session in docs/ledger.md' "python3 '$GIT_AGENT_SOURCE_ROOT/tests/docs/examples.py' '$GIT_AGENT_SOURCE_ROOT/docs/ledger.md'"

done_testing

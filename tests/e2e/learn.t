# git agent-learn: proposals of agents, and what a person makes of them.
. "$(dirname "$0")/../lib.sh"

new_repo r
cd r
git agent-init >/dev/null
printf '# Team\n\n## GOTCHAS\n\n- Never commit generated files.\n' >AGENTS.md
git add -A && git commit -qm "Take up git-agent"
git agent-task add "The API" --slug api >/dev/null
reflect() {
  printf '1. %s\n2. %s\n3. %s\n' "$1" "$2" "$3" | GIT_AGENT_NAME=ada git agent-reflect --task api -F - --json
}
id_of() { json "$1" "d[\"data\"][\"learnings\"][$2][\"id\"]"; }
GIT_AGENT_NAME=ada git agent-task claim api >/dev/null 2>&1
git agent-task list >/dev/null

t 'nothing waits at first' '
  expect 1 git agent-learn list
'

t 'what says the same or the opposite is pointed out' '
  reflect "The tests need them" "GOTCHAS: Commit generated files" "Name the port" >one.json
  id=$(id_of one.json 0)
  expect 0 git agent-learn show "$id" --json >s.json
  test "$(json s.json "[(r[\"likeness\"], r[\"where\"]) for r in d[\"data\"][\"learning\"][\"remarks\"]]")" = "[[\"opposite\", \"AGENTS.md:5\"]]"
  git agent-learn show "$id" | grep "the opposite stands in AGENTS.md:5"
  test "$(git agent-learn list --json | json - "len(d[\"data\"][\"learnings\"])")" = 2
  test "$(git agent-learn list --kind prompt --json | json - "len(d[\"data\"][\"learnings\"])")" = 1
'

t 'edited until decided, by its author or the lead' '
  id=$(id_of one.json 0)
  GIT_AGENT_NAME=bob expect 4 git agent-learn edit "$id" -m "Other words"
  GIT_AGENT_NAME=ada expect 0 git agent-learn edit "$id" -m "Run make gen first" --section STYLE
  test "$(git agent-learn show "$id" --json | json - "d[\"data\"][\"learning\"][\"section\"]")" = STYLE
  expect 129 git agent-learn edit "$id" </dev/null
'

t 'a rejection says why, to its author too' '
  id=$(id_of one.json 0)
  GIT_AGENT_NAME=ada expect 4 git agent-learn reject "$id" -m "no"
  expect 129 git agent-learn reject "$id"
  expect 0 git agent-learn reject "$id" -m "The build does that"
  expect 4 git agent-learn reject "$id" -m "again"
  test "$(git agent-learn show "$id" --json | json - "(d[\"data\"][\"learning\"][\"state\"], d[\"data\"][\"learning\"][\"reason\"])")" = "[\"rejected\", \"The build does that\"]"
  git agent-sql "SELECT text FROM messages WHERE recipient = \"ada\"" 2>/dev/null | grep "The build does that" ||
    git agent-brief api | grep "The build does that"
  git agent-bead list | grep "Rejected: Run make gen first"
'

t 'ids that are none, or of several, are named' '
  expect 129 git agent-learn show xyz
  expect 1 git agent-learn show ffffffffffff
'

done_testing

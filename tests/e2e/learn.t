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

t 'without curators and without a terminal nothing is approved' '
  reflect "x" "GOTCHAS: Start the fake clock first" "Look at the clock" >two.json
  tip=$(git rev-parse HEAD)
  expect 4 git agent-learn approve "$(id_of two.json 0)" </dev/null 2>err
  grep "no curators are named" err
  test "$(git rev-parse HEAD)" = "$tip"
'

t 'an approved line stands in its section, by a commit of the person, approved with the key' '
  ssh-keygen -q -t ed25519 -N "" -C lena -f "$HOME/approvals"
  git config agent.signingKey "$HOME/approvals"
  mkdir -p .git-agent && echo "lena@example.org namespaces=\"git-agent\" $(cat "$HOME/approvals.pub")" >.git-agent/curators
  git add .git-agent && git commit -qm "Name who may approve"
  id=$(id_of two.json 0)
  GIT_AGENT_NAME=ada expect 4 git agent-learn approve "$id"
  expect 0 git agent-learn approve "$id" --json >a.json
  test "$(json a.json "d[\"data\"][\"learning\"][\"commit\"]")" = "$(git rev-parse HEAD)"
  printf "# Team\n\n## GOTCHAS\n\n- Never commit generated files.\n- Start the fake clock first\n" | diff - AGENTS.md
  test -z "$(git status --porcelain -- AGENTS.md)"
  test "$(git log -1 --format=%ae)" = "$(git config user.email)"
  expect 0 git agent-guard check HEAD
  git agent-guard log --verify | grep "AGENTS.md" | grep "holds"
  git log -1 | grep "Approved for AGENTS.md: Start the fake clock first"
  expect 4 git agent-learn approve "$id"
'

t 'a prompt improvement goes to the file of its role, and both reach the next briefing' '
  expect 0 git agent-learn approve "$(id_of two.json 1)"
  grep "^- Look at the clock$" .git-agent/prompts/builder.md
  git agent-task add "Next" --slug next-x >/dev/null
  git agent-brief next-x >brief
  grep "Start the fake clock first" brief && grep "Look at the clock" brief
'

t 'what was edited after it was shown is shown again, and nothing is done' '
  reflect "x" "GOTCHAS: Close the log file" "none" >three.json
  id=$(id_of three.json 0)
  git agent-learn show "$id" >/dev/null
  GIT_AGENT_NAME=ada git agent-learn edit "$id" -m "Close every file"
  tip=$(git rev-parse HEAD)
  expect 3 git agent-learn approve "$id" >out
  grep "Close every file" out
  test "$(git rev-parse HEAD)" = "$tip"
  expect 0 git agent-learn approve "$id"
  grep "^- Close every file$" AGENTS.md
'

t 'a line that stands there already needs no commit; work in the way keeps everything as it is' '
  reflect "x" "GOTCHAS: Close every file" "Say the port" >four.json
  tip=$(git rev-parse HEAD)
  expect 0 git agent-learn approve "$(id_of four.json 0)"
  test "$(git rev-parse HEAD)" = "$tip"
  echo "- mine" >>.git-agent/prompts/builder.md
  code=0; git agent-learn approve "$(id_of four.json 1)" --json >b.json || code=$?
  test "$(json b.json "d[\"error\"][\"kind\"]")" = target_busy
  test "$(git rev-parse HEAD)" = "$tip"
  git checkout -q -- .git-agent
  expect 0 git agent-learn approve "$(id_of four.json 1)"
'

t 'lint names what is gone, repeated or contradicted, by line, and leaves the rest alone' '
  mkdir -p docs && echo x >docs/gone.md && echo x >docs/here.md && git add docs && git commit -qm "Two pages"
  git rm -q docs/gone.md && git commit -qm "One page"
  printf "# Team\n\n- Indent with tabs.\n- Indent with spaces.\n- See \`docs/gone.md\` and \`docs/here.md\`.\n" >lint.md
  expect 1 git agent-learn lint lint.md --json >l.json
  json l.json "sorted((f[\"rule\"], f[\"line\"]) for f in d[\"data\"][\"findings\"])" >found
  grep "stale-path\", 5" found
  grep "contradiction" found
  printf "# Team\n\n- Indent with tabs.\n- See \`docs/here.md\`.\n" >lint.md
  expect 0 git agent-learn lint lint.md
  expect 129 git agent-learn lint nowhere.md || expect 128 git agent-learn lint nowhere.md
  rm lint.md
'

t 'ids that are none, or of several, are named' '
  expect 129 git agent-learn show xyz
  expect 1 git agent-learn show ffffffffffff
'

done_testing

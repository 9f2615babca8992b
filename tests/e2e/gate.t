. "$(dirname "$0")/../lib.sh"

# policy TEXT...: the policy of the target.
policy() {
  printf '%s\n' "$@" >.git-agent.toml
  git add .git-agent.toml && git commit -q -m "Set the policy"
}
hash() {
  git agent-gate list --json | json - 'd["data"]["hash"]'
}
trust() {
  git agent-gate trust "$(hash)" >/dev/null
}
verdict() {
  json out.json 'd["data"]["gates"][0]["verdict"]'
}

t 'no gates: the answer is empty' '
  new_repo none && cd none
  expect 1 git agent-gate run --json >out.json
  test "$(json out.json "d[\"ok\"], d[\"data\"][\"gates\"]")" = "[true, []]"
  expect 1 git agent-gate list --json >out.json
  # Nothing to trust, nothing to refuse.
  expect 0 git agent-gate trust
'

t 'nothing runs before it is trusted, and a change asks again' '
  new_repo trust && cd trust
  policy "[[gate]]" "name = \"a\"" "on = [\"merge\"]" "run = \"touch $TEST_DIR/ran\""
  expect 4 git agent-gate run --json >out.json
  test "$(json out.json "d[\"error\"][\"kind\"]")" = not_trusted
  test "$(json out.json "d[\"error\"][\"next\"][2]")" = trust
  test ! -e "$TEST_DIR/ran"
  expect 4 git agent-gate trust
  expect 4 git agent-gate trust 1234
  GIT_AGENT_NAME=bob expect 4 git agent-gate trust "$(hash)"
  expect 0 git agent-gate trust "$(hash)" 2>err
  grep -q "+ gate a runs \[\"touch\"" err
  expect 0 git agent-gate run
  test -e "$TEST_DIR/ran"
  policy "[[gate]]" "name = \"a\"" "on = [\"merge\"]" "run = \"touch $TEST_DIR/ran2\""
  expect 4 git agent-gate run
  expect 0 git agent-gate trust "$(hash)" 2>err
  grep -q "^- gate a .*ran\"" err
  grep -q "^+ gate a .*ran2\"" err
  test "$(find "$XDG_CONFIG_HOME/git-agent/trust" -type f ! -perm 600)" = ""
  # Trust is this repository'\''s alone.
  git clone -q . ../copy && cd ../copy
  expect 4 git agent-gate run
'

t 'verdicts, excerpts and logs' '
  new_repo verdicts && cd verdicts
  policy "[[gate]]" "name = \"good\"" "on = [\"merge\"]" "run = \"true\"" \
    "[[gate]]" "name = \"bad\"" "on = [\"merge\"]" "run = \"sh -c \\\"seq 2000; echo the end; exit 3\\\"\"" \
    "[[gate]]" "name = \"missing\"" "on = [\"task-done\"]" "run = \"no-such-program-at-all\"" \
    "[[gate]]" "name = \"slow\"" "on = [\"pre-commit\"]" "run = \"sh -c \\\"sleep 77 & sleep 77\\\"\"" "timeout = \"1s\""
  trust
  expect 1 git agent-gate run --on merge --json >out.json
  test "$(json out.json "d[\"error\"][\"kind\"]")" = gate_failed
  test "$(json out.json "[g[\"verdict\"] for g in d[\"data\"][\"gates\"]]")" = "[\"pass\", \"fail\"]"
  test "$(json out.json "d[\"data\"][\"gates\"][1][\"excerpt\"].splitlines()[-1]")" = "the end"
  test "$(json out.json "len(d[\"data\"][\"gates\"][1][\"excerpt\"]) <= 2048")" = true
  test "$(wc -l <"$(json out.json "d[\"data\"][\"gates\"][1][\"log\"]")")" = 2001
  expect 1 git agent-gate run --on merge >out 2>err
  grep -q "^good  pass .*(cached)" out
  grep -q "^bad  fail .*(cached)" out
  grep -q "| the end" out
  grep -q "whole log: /" out
  expect 1 git agent-gate run --on task-done --json >out.json
  test "$(verdict)" = error
  json out.json "d[\"data\"][\"gates\"][0][\"excerpt\"]" | grep -q "agent.path"
  echo x >>file.txt && git add file.txt
  expect 1 git agent-gate run --on pre-commit --json >out.json
  test "$(verdict)" = timeout
  expect 1 git agent-gate run --on pre-commit >out 2>err
  grep -q "did not end within its time limit (1s)" out
  ! pgrep -f "sleep 77"
  # Neither is remembered.
  expect 1 git agent-gate run --on task-done --json >out.json
  test "$(json out.json "d[\"data\"][\"gates\"][0][\"cached\"]")" = false
'

t 'gates see a clean environment and nothing but the tree' '
  new_repo clean && cd clean
  policy "[[gate]]" "name = \"env\"" "on = [\"merge\"]" "run = \"sh -c \\\"env; pwd; ls -A; cat; exit 1\\\"\"" "env = [\"LISTED\"]"
  trust
  echo secret >untracked
  SSH_AUTH_SOCK=/x API_TOKEN=abc LISTED=yes UNLISTED=no GIT_DIR=.git expect 1 git agent-gate run --json >../out.json
  log=$(json ../out.json "d[\"data\"][\"gates\"][0][\"log\"]")
  grep -q "^LISTED=yes" "$log"
  grep -q "^GIT_AGENT_GATE=env" "$log"
  grep -E "SSH_AUTH_SOCK|API_TOKEN|UNLISTED|^GIT_DIR|untracked|^HOME=$HOME\$" "$log" && exit 1
  grep -q "^file.txt" "$log"
  test "$(git worktree list | wc -l)" = 1
  test "$(git status --porcelain)" = "?? untracked"
'

t 'what an agent judged does not count for the lead' '
  new_repo apart && cd apart
  policy "[[gate]]" "name = \"a\"" "on = [\"merge\"]" "run = \"true\""
  trust
  GIT_AGENT_NAME=bob git agent-gate run --json >out.json
  GIT_AGENT_NAME=bob git agent-gate run --json >out.json
  test "$(json out.json "d[\"data\"][\"gates\"][0][\"cached\"]")" = true
  git agent-gate run --json >out.json
  test "$(json out.json "d[\"data\"][\"gates\"][0][\"cached\"]")" = false
  git agent-gate run --no-cache --json >out.json
  test "$(json out.json "d[\"data\"][\"gates\"][0][\"cached\"]")" = false
'

t 'a gate for some files runs when they change' '
  new_repo files && cd files
  policy "[[gate]]" "name = \"js\"" "on = [\"merge\"]" "run = \"true\"" "files = [\"**/*.js\"]"
  trust
  git checkout -q -b side
  echo x >>file.txt && git commit -qam "No script"
  expect 1 git agent-gate run
  mkdir src && echo x >src/a.js && git add src && git commit -qm "A script"
  expect 0 git agent-gate run
  expect 0 git agent-gate run --gate js
  expect 1 git agent-gate run --gate other
  expect 129 git agent-gate run --on commit
'

t 'the policy of the target judges, not the one on the branch' '
  new_repo target && cd target
  policy "[[gate]]" "name = \"a\"" "on = [\"merge\"]" "run = \"false\""
  git agent-init >/dev/null
  trust
  git checkout -q -b side
  git rm -q .git-agent.toml && git commit -q --no-verify -m "Away with it"
  expect 1 git agent-gate run --on merge
'

t 'what is wrong in a policy is said with its line' '
  new_repo wrong && cd wrong
  try() {
    printf "%b" "$1" >.git-agent.toml
    expect 128 git agent-gate list 2>err
    grep -q -- "$2" err || { cat err; return 1; }
  }
  try "[team]\nwip = \"four\"\n" "\.git-agent.toml:2: team.wip must be a whole number"
  try "[team\n" "\.git-agent.toml:1:"
  try "\n[[gate]]\nname = \"a\"\non = [\"merge\"]\n" "\.git-agent.toml:2: gate.run is missing"
  try "[[gate]]\nname = \"a\"\non = [\"push\"]\nrun = \"x\"\n" ":3: gate.on names .push."
  try "[[gate]]\nname = \"../a\"\n" ":2: gate.name"
  try "[[gate]]\nname = \"a\"\non = [\"merge\"]\nrun = \"x\"\nenv = [\"SSH_AUTH_SOCK\"]\n" ":5: gate.env names SSH_AUTH_SOCK"
  try "[gate]\nname = \"a\"\n" ":1: gate must be a list of tables"
  try "[lock]\nunowned = \"keep\"\n" "must be one of: take, warn, refuse"
  head -c 1100000 /dev/zero | tr "\0" "#" >.git-agent.toml
  expect 128 git agent-gate list 2>err
  grep -q "1 MiB\|larger than" err
  printf "[team]\nwipp = 3\n[new]\nx = 1\n[[gate]]\nname = \"a\"\non = [\"merge\"]\nrun = \"x\"\ntime = 3\n" >.git-agent.toml
  expect 0 git agent-gate list --json 2>err >../out.json
  test "$(json ../out.json "d[\"data\"][\"unknown\"]")" = "[\"gate.time\", \"new\", \"team.wipp\"]"
  grep -q "nothing reads .team.wipp." err
'

t 'killed in the middle of a checkout, the next run repairs it' '
  new_repo killed && cd killed
  policy "[[gate]]" "name = \"clean\"" "on = [\"merge\"]" "run = \"sh -c \\\"test -z \\\\\\\"\$(git status --porcelain --ignored)\\\\\\\"\\\"\""
  trust
  for point in 1 2; do
    GIT_AGENT_TEST_FAULT=gates.checkout:$point expect 137 git-agent gate run --no-cache || :
  done
  slot=$(cat .git/agent/pool/1/where)
  echo junk >"$slot/junk" && echo changed >"$slot/file.txt"
  : >.git/agent/pool/1/index.lock
  : >.git/agent/pool/1/git/index.lock
  expect 0 git agent-gate run
  printf broken >.git/agent/pool/1/index
  expect 0 git agent-gate run --no-cache
'

t 'many at once' '
  new_repo many && cd many
  policy "[[gate]]" "name = \"a\"" "on = [\"merge\"]" "run = \"sh -c \\\"sleep 0.2; test -f file.txt\\\"\""
  trust
  for n in 1 2 3 4 5 6; do
    git agent-gate run --no-cache >out.$n 2>&1 &
  done
  wait
  test "$(cat out.* | grep -c "^a  pass")" = 6
'

done_testing

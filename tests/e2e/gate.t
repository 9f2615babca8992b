. "$(dirname "$0")/../lib.sh"

# policy TEXT...: the policy of the target.
policy() {
  printf '%s\n' "$@" >.git-agent.toml
  git add .git-agent.toml && git commit -q --allow-empty -m "Set the policy"
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

t 'without gates of its own a repository has the built-in ones, which need no trust and no checkout' '
  new_repo none && cd none
  expect 0 git agent-gate run --json >out.json
  test "$(json out.json "d[\"ok\"], all(g[\"builtin\"] and g[\"coverage\"] for g in d[\"data\"][\"gates\"])")" = "[true, true]"
  test "$(json out.json "len(d[\"data\"][\"gates\"]) > 0")" = true
  expect 0 git agent-gate list --json >out.json
  test "$(json out.json "[g[\"builtin\"] for g in d[\"data\"][\"gates\"] if g[\"name\"] == \"protected\"]")" = "[true]"
  test ! -e .git/agent/pool && test ! -e "$XDG_CACHE_HOME/git-agent"
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
  test "$(json out.json "[g[\"verdict\"] for g in d[\"data\"][\"gates\"] if not g[\"builtin\"]]")" = "[\"pass\", \"fail\"]"
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
  git agent-gate run --json | grep "\"gate\":\"js\"" && exit 1
  expect 1 git agent-gate run --gate js
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

t 'a report names file, line and rule; one that is missing, stale or empty is a failure' '
  new_repo report && cd report
  cat >"$TEST_DIR/lint" <<\END
#!/bin/sh
case $1 in
bad) printf "<checkstyle><file name=\"%s/file.txt\"><error line=\"3\" column=\"7\" severity=\"error\" message=\"no semicolon\" source=\"semi\"/></file></checkstyle>" "$PWD" >lint.xml ;;
none) ;;
empty) : >lint.xml ;;
tap) printf "1..2\nok 1 - one\nnot ok 2 - two\n" ;;
short) printf "1..3\nok 1 - one\n" ;;
esac
exit 0
END
  chmod +x "$TEST_DIR/lint"
  gate() {
    policy "[[gate]]" "name = \"lint\"" "on = [\"merge\"]" "run = \"$TEST_DIR/lint $1\"" "report = \"$2\""
    trust
    expect 1 git agent-gate run --on merge --gate lint --no-cache --json >../out.json
  }
  gate bad checkstyle:lint.xml
  test "$(json ../out.json "[[f[k] for k in (\"file\", \"line\", \"column\", \"rule\")] for f in d[\"data\"][\"gates\"][0][\"findings\"]]")" = "[[\"file.txt\", 3, 7, \"semi\"]]"
  json ../out.json "d[\"error\"][\"hints\"][0]" | grep -x "correct file.txt:3, then try again"
  expect 1 git agent-gate run --on merge >../out
  grep "file.txt:3:7: semi: no semicolon" ../out
  gate none checkstyle:lint.xml
  json ../out.json "d[\"data\"][\"gates\"][0][\"findings\"][0][\"description\"]" | grep "left no report"
  # A report that stands in the tree is nobody'\''s word.
  echo "<checkstyle/>" >lint.xml && git add lint.xml && git commit -q -m "A report"
  gate none checkstyle:lint.xml
  gate empty checkstyle:lint.xml
  gate tap tap:-
  json ../out.json "d[\"data\"][\"gates\"][0][\"coverage\"]" | grep -x "2 tests"
  gate short tap:-
  for wrong in lint.xml "xml:a" "tap:../x" "tap:/x" "tap:"; do
    printf "[[gate]]\nname = \"a\"\non = [\"merge\"]\nrun = \"x\"\nreport = \"%s\"\n" "$wrong" >.git-agent.toml
    git commit -qam x
    expect 128 git agent-gate list 2>../err
    grep ":5: gate.report must" ../err
  done
'

t 'a pass after a failure on one tree is flaky, and quarantined only with evidence, approval and another'\''s change' '
  new_repo flaky && cd flaky && git agent-init >/dev/null
  cat >"$TEST_DIR/sometimes" <<\END
#!/bin/sh
# The first run fails, the second passes, as long as the file says so.
if [ "$(cat "$1")" = always ]; then echo "not ok 1 - net"; echo 1..1; exit 1; fi
n=$(($(cat "$1") + 1)); echo $n >"$1"
if [ $((n % 2)) = 1 ]; then echo "not ok 1 - net"; echo 1..1; exit 1; fi
echo "ok 1 - net"; echo 1..1
END
  chmod +x "$TEST_DIR/sometimes"
  gate="[[gate]]
name = \"net\"
on = [\"merge\"]
run = \"$TEST_DIR/sometimes $TEST_DIR/count\"
report = \"tap:-\"
retries = 1"
  policy "$gate"
  trust
  echo 0 >"$TEST_DIR/count"
  git agent-gate run --gate net --json >../out.json
  test "$(json ../out.json "[d[\"data\"][\"gates\"][0][k] for k in (\"verdict\", \"flaky\", \"attempts\", \"cached\")]")" = "[\"pass\", true, 2, false]"
  # Not remembered as a pass, and evidence once for each tree.
  git agent-gate run --gate net --json >../out.json
  test "$(json ../out.json "d[\"data\"][\"gates\"][0][\"cached\"]")" = false
  git agent-gate flaky --json >../out.json
  test "$(json ../out.json "[[f[\"gate\"], f[\"test\"], len(f[\"trees\"]), f[\"quarantined\"]] for f in d[\"data\"][\"flaky\"]]")" = "[[\"net\", \"net\", 1, false]]"
  echo always >"$TEST_DIR/count"
  expect 1 git agent-gate run --gate net --no-cache
  # Listed by the lead, but seen on one tree only.
  policy "$gate" "[[quarantine]]" "gate = \"net\"" "test = \"net\"" "reason = \"the network\"" "until = \"2999-01-01\""
  git checkout -q -b side && echo x >>file.txt && git commit -q --no-verify -am "A change"
  expect 1 git agent-gate run --gate net --no-cache
  echo 0 >"$TEST_DIR/count"
  expect 0 git agent-gate run --gate net --no-cache
  echo always >"$TEST_DIR/count"
  git agent-gate run --gate net --no-cache --json >../out.json
  test "$(json ../out.json "d[\"data\"][\"gates\"][0][\"verdict\"], d[\"data\"][\"gates\"][0][\"quarantined\"]")" = "[\"pass\", [\"net\"]]"
  git agent-gate run --gate net >../out
  grep "^net  pass .*quarantined: net" ../out
  # A change that touches what looks like a test is not excused, nor is one after the last day.
  mkdir tests && echo x >tests/a && git add tests && git commit -q --no-verify -m "A test"
  expect 1 git agent-gate run --gate net --no-cache
  git rm -qr tests && git commit -q --no-verify -m "No test"
  expect 0 git agent-gate run --gate net --no-cache
  git checkout -q main
  policy "$gate" "[[quarantine]]" "gate = \"net\"" "test = \"net\"" "reason = \"the network\"" "until = \"2020-01-01\""
  # The branch cannot excuse itself: there it still stands until 2999.
  git checkout -q side
  expect 1 git agent-gate run --gate net --no-cache
'

t 'gates that write have a checkout to themselves, one after the other' '
  new_repo write && cd write
  printf "#!/bin/sh\nmkdir %s/alone || exit 1\nsleep 0.3\nrmdir %s/alone\ntest ! -e junk && echo >junk && rm file.txt\n" "$TEST_DIR" "$TEST_DIR" >"$TEST_DIR/writer"
  chmod +x "$TEST_DIR/writer"
  policy "[[gate]]" "name = \"w1\"" "on = [\"merge\"]" "run = \"$TEST_DIR/writer\"" "effect = \"write\"" \
    "[[gate]]" "name = \"w2\"" "on = [\"merge\"]" "run = \"$TEST_DIR/writer\"" "effect = \"write\"" \
    "[[gate]]" "name = \"r\"" "on = [\"merge\"]" "run = \"sh -c \\\"sleep 0.5; test -f file.txt && test ! -e junk\\\"\""
  trust
  git agent-gate run --no-cache >out.1 & git agent-gate run --no-cache >out.2 & wait
  test "$(cat out.? | grep -c "^[wr][12]*  pass")" = 6
'

t 'as many side by side as the policy says' '
  new_repo jobs && cd jobs
  gates=
  for n in 1 2 3; do gates="$gates
[[gate]]
name = \"g$n\"
on = [\"merge\"]
run = \"sh -c \\\"mkdir $TEST_DIR/one && sleep 0.1 && rmdir $TEST_DIR/one\\\"\""; done
  policy "[gates]" "jobs = 1" "$gates"
  trust
  expect 0 git agent-gate run
'

t 'without the network: in a sandbox where there is one, and never without it where that is asked for' '
  new_repo net && cd net
  mkdir ../bin
  gate() {
    policy "[[gate]]" "name = \"n\"" "on = [\"merge\"]" "run = \"sh -c \\\"echo \$IN_SANDBOX\\\"\"" "network = $1"
    git config agent.path "$2"
    trust
  }
  gate false "$TEST_DIR/bin:/usr/bin:/bin"
  # A sandbox that cannot be had, as where user name spaces are not permitted.
  printf "#!/bin/sh\nexit 1\n" >../bin/bwrap && chmod +x ../bin/bwrap
  git agent-gate run --gate n --json >../out.json
  json ../out.json "d[\"data\"][\"gates\"][0][\"note\"]" | grep "ran with the network"
  gate "\"never\"" "$TEST_DIR/bin:/usr/bin:/bin"
  expect 1 git agent-gate run --gate n --json >../out.json
  test "$(json ../out.json "d[\"data\"][\"gates\"][0][\"verdict\"]")" = error
  printf "#!/bin/sh\nfor a; do shift; case \$a in --) break ;; --unshare-net) net=off ;; esac; done\nIN_SANDBOX=\$net exec \"\$@\"\n" >../bin/bwrap
  git agent-gate run --gate n --json >../out.json
  test "$(json ../out.json "d[\"data\"][\"gates\"][0][\"excerpt\"], d[\"data\"][\"gates\"][0][\"note\"]")" = "[\"off\\n\", null]"
'

t 'what an agent is told fits into 2 KB, and the log is whole' '
  new_repo small && cd small
  policy "[[gate]]" "name = \"a\"" "on = [\"merge\"]" "run = \"sh -c \\\"seq 100000; exit 1\\\"\"" \
    "[[gate]]" "name = \"b\"" "on = [\"merge\"]" "run = \"sh -c \\\"yes long line of output | head -9999; exit 2\\\"\""
  trust
  GIT_AGENT_NAME=bob expect 1 git agent-gate run >out 2>err
  test "$(cat out err | wc -c)" -lt 2048
  grep "^error: 2 of" err && grep "^hint: correct what the log shows" err
  test "$(grep -c "whole log: /" out)" = 2
  wc -l <"$(sed -n "s/.*whole log: //p" out | head -1)" | grep -x "100000"
'

t 'SARIF and JUnit for other programs' '
  new_repo formats && cd formats
  policy "[[gate]]" "name = \"a\"" "on = [\"merge\"]" "run = \"sh -c \\\"echo \\\\\\\"<&>\\\\\\\"; exit 1\\\"\""
  trust
  expect 1 git agent-gate run --format sarif >../a.sarif
  test "$(json ../a.sarif "d[\"version\"], [r[\"tool\"][\"driver\"][\"name\"] for r in d[\"runs\"]][0], d[\"runs\"][0][\"results\"][0][\"level\"]")" = "[\"2.1.0\", \"git-agent/a\", \"error\"]"
  expect 1 git agent-gate run --format junit >../a.xml
  python3 -c "
import sys, xml.etree.ElementTree as e
t = e.parse(sys.argv[1]).getroot()
assert t.get(\"failures\") == \"1\", t.attrib
assert \"<&>\" in t.find(\".//failure\").text
" ../a.xml
  expect 1 git agent-gate run --format json >../a.json
  test "$(json ../a.json "d[\"cmd\"], d[\"ok\"]")" = "[\"gate.run\", false]"
  expect 129 git agent-gate run --format yaml
'

t 'a gate of the policy may have the name of a built-in one' '
  new_repo name && cd name
  policy "[[gate]]" "name = \"protected\"" "on = [\"merge\"]" "run = \"true\""
  trust
  git agent-gate run --json >../out.json
  test "$(json ../out.json "sorted(g[\"gate\"] for g in d[\"data\"][\"gates\"] if \"protected\" in g[\"gate\"])")" = "[\"builtin-protected\", \"protected\"]"
  expect 0 git agent-gate run --gate builtin-protected
'

t 'a test that passes without its change is told of; one that bites is not' '
  new_repo bite && cd bite
  mkdir tests && echo 1 >src.txt && echo true >tests/test_all.sh
  printf "[[gate]]\nname = \"test\"\non = [\"task-done\"]\nrun = \"sh tests/test_all.sh\"\nbite = true\n" >.git-agent.toml
  git add -A && git commit -qm "Begin" && git agent-init >/dev/null
  git agent-gate trust "$(git agent-gate list --json | json - "d[\"data\"][\"hash\"]")" >/dev/null
  for feature in lazy keen; do
    git agent-spin $feature -d "$feature" --no-launch >/dev/null 2>&1
    (cd "../bite.agents/$feature" && echo $feature >src.txt
      if [ $feature = lazy ]; then echo "test -e src.txt"; else echo "grep -q keen src.txt"; fi >tests/test_all.sh
      git commit -qam "Write $feature")
    expect 0 git agent-task done $feature --json >$feature.json
  done
  bite="[[f[\"rule\"] + \" \" + f[\"file\"] for f in g[\"findings\"]] for g in d[\"data\"][\"gates\"] if g[\"gate\"] == \"bite\"]"
  test "$(json lazy.json "$bite")" = "[[\"tests-do-not-bite tests/test_all.sh\"]]"
  test "$(json keen.json "$bite")" = "[[]]"
'

done_testing

# git agent-task: planning, claiming, finishing.
. "$(dirname "$0")/../lib.sh"

new_repo r >/dev/null
cd r || exit 1

t 'add makes a task, shows its short id and slug' '
  expect 0 git agent-task add "Write the parser" --slug parser --accept "handles quotes" --priority 1 >out
  grep -q "^[0-9a-f]\{4,\}  parser$" out
  expect 0 git agent-task show parser --json >show.json
  test "$(json show.json "d[\"data\"][\"task\"][\"status\"]")" = pending
  test "$(json show.json "d[\"data\"][\"task\"][\"ready\"]")" = true
  test "$(json show.json "len(d[\"data\"][\"task\"][\"id\"])")" = 32
'

t 'nothing of ours shows in git status or the branch list' '
  rm -f out show.json
  test -z "$(git status --porcelain)"
  test "$(git branch --list | wc -l)" = 1
'

t 'a dependency blocks until it is finished, and ready --explain says so' '
  expect 0 git agent-task add "Print it" --needs parser --slug printer
  expect 0 git agent-task ready --explain >../out
  grep -q "^[0-9a-f]*  *1 *parser" ../out
  grep -q "not ready: printer: needs parser (pending)" ../out
  expect 4 git agent-task claim printer 2>../err
  grep -q "blocked by parser" ../err
'

t 'a claim has one holder; the second asker is told who it is' '
  GIT_AGENT_NAME=anna expect 0 git agent-task claim parser 2>../err
  grep -q "acting as anna (builder)" ../err
  GIT_AGENT_NAME=bert expect 3 git agent-task claim parser --json >../out 2>&1
  grep -q claim_lost ../out
  grep -q "claimed by anna" ../out
  GIT_AGENT_NAME=anna expect 0 git agent-task claim parser
'

t 'another agent cannot finish, release or fail it' '
  for verb in done release; do GIT_AGENT_NAME=bert expect 4 git agent-task $verb parser; done
  GIT_AGENT_NAME=bert expect 4 git agent-task fail parser -m why
'

t 'done is refused while a criterion is open, then completes and unblocks' '
  GIT_AGENT_NAME=anna expect 1 git agent-task done parser 2>../err
  grep -q "1. handles quotes" ../err
  GIT_AGENT_NAME=anna expect 0 git agent-task accept parser 1 "tests pass"
  GIT_AGENT_NAME=anna expect 0 git agent-task done parser -m "a parser" 2>../err
  grep -q "now ready: printer" ../err
  expect 0 git agent-task show parser --json >../out
  test "$(json ../out "d[\"data\"][\"task\"][\"status\"]")" = completed
'

t 'next claims in order, gives the own open claim first, says why there is none' '
  GIT_AGENT_NAME=anna expect 0 git agent-task next --json >../out
  test "$(json ../out "d[\"data\"][\"task\"][\"slug\"]")" = printer
  GIT_AGENT_NAME=anna expect 0 git agent-task next --json >../out
  test "$(json ../out "d[\"data\"][\"task\"][\"slug\"]")" = printer
  sleep 60 & keep=$!
  GIT_AGENT_NAME=bert expect 1 git agent-task next --json >../out 2>&1 || true
  GIT_AGENT_NAME=anna expect 0 git agent-task done printer
  GIT_AGENT_NAME=bert expect 1 git agent-task next --json >../out
  kill $keep
  test "$(json ../out "d[\"data\"][\"reason\"]")" = all_done
  test "$(json ../out "d[\"ok\"]")" = true
'

t 'cycles are refused and named' '
  expect 0 git agent-task add A --slug aa-one
  expect 0 git agent-task add B --slug bb-two --needs aa-one
  expect 129 git agent-task dep add aa-one bb-two 2>../err
  grep -q "cycle: aa-one -> bb-two -> aa-one" ../err
  expect 129 git agent-task dep add aa-one aa-one
  expect 0 git agent-task dep rm bb-two aa-one
  expect 0 git agent-task dep add aa-one bb-two
'

t 'hostile titles never reach the terminal raw' '
  title=$(printf "evil\033[31m title\007")
  expect 0 git agent-task add "$title" --slug evil
  expect 0 git agent-task list >../out
  ! grep -q "$(printf "\033")" ../out
  grep -q "x1b" ../out
  bad=$(printf "bad\377utf")
  expect 129 git agent-task add "$bad"
  expect 129 git agent-task add ""
  expect 129 git agent-task add x --slug "../x"
  expect 129 git agent-task add x --slug "a..b"
  expect 129 git agent-task add x --slug -rf 2>../err
  long=$(printf "%0300d" 0)
  expect 129 git agent-task add x --slug "$long"
  expect 129 git agent-task add x --slug deadbeef
  expect 129 git agent-task add x --owns "/etc/passwd"
  expect 129 git agent-task add x --owns "../up"
'

t 'a spec becomes parents and children' '
  expect 0 git agent-task add -F "$GIT_AGENT_SOURCE_ROOT/examples/feature.md" --split --json >../out
  test "$(json ../out "[t[\"slug\"] for t in d[\"data\"][\"tasks\"]]")" = "[\"keep-links\", \"data-layer\", \"validation\", \"api\", \"search\"]"
  test "$(json ../out "len(d[\"data\"][\"tasks\"][1][\"accept\"])")" = 3
  expect 0 git agent-task show api --json >../out
  test "$(json ../out "len(d[\"data\"][\"task\"][\"needs\"])")" = 2
  expect 0 git agent-task list --tree >../out
  grep -q "  data-layer" ../out
'

t 'a parent waits for its children' '
  expect 0 git agent-task claim keep-links
  expect 4 git agent-task done keep-links 2>../err
  grep -q "unfinished children" ../err
  expect 0 git agent-task release keep-links
'

t 'json lines add many at once, or nothing' '
  printf "%s\n" "{\"title\":\"One\",\"slug\":\"one-x\"}" "{\"title\":\"Two\",\"needs\":[\"one-x\"]}" >../in
  expect 0 git agent-task add --json-lines ../in --json >../out
  test "$(json ../out "len(d[\"data\"][\"tasks\"])")" = 2
  printf "%s\n" "{\"title\":\"Three\"}" "{\"titel\":\"Four\"}" >../in
  before=$(git rev-parse refs/agent/ledger)
  expect 129 git agent-task add --json-lines ../in 2>../err
  grep -q ":2: unknown member" ../err
  test "$before" = "$(git rev-parse refs/agent/ledger)"
  printf "%s\n" "{\"title\":\"Five\",\"needs\":[\"no-such-task\"]}" | expect 1 git agent-task add --json-lines -
  test "$before" = "$(git rev-parse refs/agent/ledger)"
'

t 'block holds, unblock ends it, cancel and reopen' '
  expect 129 git agent-task block one-x
  expect 0 git agent-task block one-x -m "waits for the vendor"
  expect 0 git agent-task list --status blocked --json >../out
  test "$(json ../out "\"one-x\" in [t[\"slug\"] for t in d[\"data\"][\"tasks\"]]")" = true
  expect 4 git agent-task claim one-x
  expect 0 git agent-task unblock one-x
  expect 4 git agent-task unblock one-x
  expect 0 git agent-task cancel one-x -m "not wanted"
  expect 0 git agent-task reopen one-x
'

t 'ids are accepted by any unique prefix; unknown names suggest near ones' '
  id=$(git agent-task show two --json | json - "d[\"data\"][\"task\"][\"id\"]")
  expect 0 git agent-task show "$(echo "$id" | cut -c1-12)"
  expect 1 git agent-task show twoo 2>../err
  grep -q "did you mean two" ../err
  expect 1 git agent-task show ffffffffffffffffffffffffffffffff
'

t 'ids of one digit, and names that are none' '
  new_repo ../ids && cd ../ids
  git agent-task add "Only one" --slug only-one >/dev/null
  id=$(git agent-task show only-one --json | json - "d[\"data\"][\"task\"][\"id\"]")
  git agent-task show "$(echo "$id" | cut -c1)" | grep -q "^only-one "
  git agent-task show "$(echo "$id" | cut -c1-3)" | grep -q "^only-one "
  for name in add b2 7 deadbeef; do expect 129 git agent-task add X --slug "$name"; done
  expect 129 git agent-task add X --slug team 2>../err
  grep -q "^hint: for example: team-task" ../err
  expect 0 git agent-task add Team >../out
  grep -q "team-task$" ../out
  expect 0 git agent-task add Add >../out
  grep -q "add-task$" ../out
  for who in @@ @ "a@b" " "; do expect 129 git agent-task add X --assign "$who"; done
  expect 129 git agent-task edit only-one --assign @@
  expect 0 git agent-task edit only-one --assign @builder
'

t 'ownership of paths is exclusive while work is on' '
  expect 0 git agent-task add P --slug pp-one --owns "src/**"
  expect 0 git agent-task add Q --slug qq-two --owns "src/a.c"
  GIT_AGENT_NAME=anna expect 0 git agent-task claim pp-one
  GIT_AGENT_NAME=bert expect 4 git agent-task claim qq-two --json >../out 2>&1
  grep -q "\"kind\":\"locked\"" ../out
  GIT_AGENT_NAME=anna expect 0 git agent-task release pp-one
  GIT_AGENT_NAME=bert expect 0 git agent-task claim qq-two
'

t 'a stale fence is refused' '
  GIT_AGENT_NAME=bert GIT_AGENT_TASK=qq-two GIT_AGENT_FENCE=00000000000000000000000000000000 expect 4 git agent-task note qq-two hello --json >../out 2>&1 || true
  GIT_AGENT_NAME=bert GIT_AGENT_TASK=qq-two GIT_AGENT_FENCE=00000000000000000000000000000000 expect 4 git agent-task done qq-two --json >../out 2>/dev/null
  grep -q "\"kind\":\"fenced\"" ../out
'

t 'graph, lint, log' '
  expect 0 git agent-task graph --format dot --all >../out
  grep -q "digraph tasks" ../out
  expect 0 git agent-task graph --format mermaid >../out
  expect 129 git agent-task graph --format svg
  expect 1 git agent-task lint >../out
  grep -q "no-criterion" ../out
  expect 0 git agent-task log parser >../out
  test "$(wc -l <../out)" -ge 4
  tail -n 1 ../out | grep -q "parser: add"
'

t 'a post-task hook has the last word' '
  new_repo ../hooked && cd ../hooked
  printf "#!/bin/sh\necho hook saw \$# arguments; test -e allowed\n" >.git/hooks/post-task && chmod +x .git/hooks/post-task
  git agent-task add Hooked --slug hooked-x >/dev/null
  git agent-task claim hooked-x >/dev/null
  expect 1 git agent-task done hooked-x --json >../out
  json ../out "d[\"error\"][\"message\"]" | grep -q "hook saw 2 arguments"
  expect 0 git agent-task show hooked-x --json >../out
  test "$(json ../out "d[\"data\"][\"task\"][\"status\"]")" = in_progress
  touch allowed
  expect 0 git agent-task done hooked-x >../out 2>../err
  grep -qx "hook saw 2 arguments" ../err
  expect 4 git agent-task done hooked-x 2>../err
  grep -q "is completed, which does not allow .done." ../err
'

t 'a red gate on new work is one iteration, told wherever one looks' '
  new_repo ../gated && cd ../gated
  printf "%s\n" "[[gate]]" "name = \"test\"" "on = [\"task-done\"]" "run = \"echo bad is here; test ! -e bad\"" "shell = true" >.git-agent.toml
  git add .git-agent.toml && git commit -q -m Policy
  git agent-gate trust "$(git agent-gate list --json | json - "d[\"data\"][\"hash\"]")"
  git agent-spin data -d "Data" --accept "It is there" --no-launch >/dev/null
  cd ../gated.agents/data
  touch bad && git add bad && git commit -q -m Bad
  expect 0 git agent-task accept data 1 "seen"
  expect 1 git agent-task done 2>../../err
  grep -q "the gate test refused .data.$" ../../err
  expect 1 git agent-task done
  git agent-task show --json >../../out
  test "$(json ../../out "d[\"data\"][\"task\"][\"iteration\"]")" = 1
  test "$(json ../../out "d[\"data\"][\"task\"][\"status\"]")" = in_progress
  git agent-task show >../../out
  grep -qx "iteration:   1 of 8" ../../out
  grep -q "bad is here" ../../out
  git agent-brief >../../out
  grep -q "iteration 1 of 8" ../../out
  grep -q "^> bad is here" ../../out
  git agent-status | grep -q "1/8"
  git agent-task log | grep -q "done refused, iteration 1: gate .test. fails with exit code 1"
  git agent-log | grep -q "done refused, iteration 1"
  echo more >bad && git commit -q -a -m "Worse"
  git agent-task accept data 1 "seen"
  expect 1 git agent-task done
  git agent-task show | grep -qx "iteration:   2 of 8"
'

t 'evidence: agents must bring it, and a gate must have passed on that commit' '
  cd ../gated.agents/data
  GIT_AGENT_NAME=data expect 129 git agent-task accept data 1
  expect 1 git agent-task accept data 1 --evidence gate:nosuch --json >../../out
  grep -q "\"kind\":\"not_found\"" ../../out
  expect 1 git agent-task accept data 1 --evidence gate:test --json >../../out
  grep -q "has failed on" ../../out
  git mv bad good && git commit -q -m "Rename it"
  expect 1 git agent-task accept data 1 gate:test 2>../../err
  grep -q "has not judged" ../../err
  grep -q "^hint: git agent-gate run --gate test" ../../err
  git agent-gate run --gate test
  expect 0 git agent-task accept data 1 --evidence gate:test
  test "$(git agent-task show --json | json - "d[\"data\"][\"task\"][\"accept\"][0][\"done\"]")" = true
  git agent-brief | grep -qF "1. [x] It is there"
  git mv good bad && git commit -q -m "Back"
  # The tick was for the commit before.
  test "$(git agent-task show --json | json - "d[\"data\"][\"task\"][\"accept\"][0][\"done\"]")" = false
  git agent-task show | grep -qF "1. [ ] It is there  (ticked at an older commit, "
  git agent-brief | grep -qF "1. [ ] It is there (ticked at an older commit, "
'

t 'done in review: newer commits are submitted, none changes nothing' '
  cd ../gated.agents/data
  git rm -q bad && git commit -q -m "Mend it"
  git agent-task accept data 1 "seen"
  expect 0 git agent-task done
  before=$(git rev-parse refs/agent/ledger)
  expect 0 git agent-task done >../../out
  grep -qx "data: in review at $(git rev-parse HEAD | cut -c1-10) already" ../../out
  test "$before" = "$(git rev-parse refs/agent/ledger)"
  echo more >more && git add more && git commit -q -m "More"
  expect 4 git agent-merge data
  expect 1 git agent-task done 2>../../err
  grep -q "ticked at an older commit" ../../err
  git agent-task accept data 1 "seen"
  expect 0 git agent-task done
  git agent-task show --json >../../out
  test "$(json ../../out "d[\"data\"][\"task\"][\"status\"]")" = in_review
  test "$(json ../../out "d[\"data\"][\"task\"][\"commit\"]")" = "$(git rev-parse HEAD)"
  expect 0 git agent-merge data
'

t 'what is held cannot be finished' '
  git agent-task add Held --slug held-x >/dev/null
  git agent-task claim held-x >/dev/null
  git agent-task block held-x -m "waits for the vendor"
  expect 4 git agent-task done held-x 2>../err
  grep -q "held: waits for the vendor" ../err
  grep -q "git agent-task unblock held-x" ../err
  git agent-task unblock held-x
  expect 0 git agent-task done held-x
'

t 'next offers children before their parent, and not the parent for ever' '
  new_repo ../family && cd ../family
  git agent-task add Whole --slug whole >/dev/null
  git agent-task add Part --slug part --parent whole --priority 1 >/dev/null
  git agent-task add Rest --slug rest --parent whole >/dev/null
  git agent-task ready --explain >../out
  grep -q "not ready: whole: comes after its unfinished children: part (pending), rest (pending)" ../out
  ! grep -q "^[0-9a-f]* .* whole " ../out
  next() { git agent-task next --json | json - "d[\"data\"][\"task\"][\"slug\"]"; }
  test "$(next)" = part
  test "$(next)" = part
  git agent-task claim whole >/dev/null
  git agent-task done part
  test "$(next)" = rest
  test "$(next)" = rest
  git agent-task done rest
  test "$(next)" = whole
  git agent-task release whole
  test "$(next)" = whole
  git agent-task done whole
'

t 'the last child of a task makes it ready' '
  cd ../family
  git agent-task add Trunk --slug trunk >/dev/null
  git agent-task add Leaf --slug leaf --parent trunk >/dev/null
  test "$(git agent-task show trunk --json | json - "d[\"data\"][\"task\"][\"ready\"]")" = false
  git agent-task claim leaf >/dev/null
  git agent-task done leaf 2>../err
  grep -q "now ready: trunk" ../err
  test "$(git agent-task show trunk --json | json - "d[\"data\"][\"task\"][\"ready\"]")" = true
  git agent-task cancel trunk -m "done with"
'

t 'next says why: assigned to others, too many at work' '
  cd ../family
  git agent-task add "For ada" --slug for-ada --assign ada >/dev/null
  GIT_AGENT_NAME=bob expect 1 git agent-task next --json >../out 2>../err
  test "$(json ../out "d[\"data\"][\"reason\"]")" = all_claimed
  grep -q "every task that is ready is assigned to others" ../err
  printf "[team]\nwip = 1\n" >.git-agent.toml && git add .git-agent.toml && git commit -q -m Policy
  # A worktree that was only prepared has no agent; who claims its task by hand is one.
  git agent-spin busy -d "Busy" --no-launch >/dev/null
  git agent-task release busy
  GIT_AGENT_NAME=cleo expect 0 git agent-task claim busy
  GIT_AGENT_NAME=ada expect 1 git agent-task next --json >../out 2>../err
  test "$(json ../out "d[\"data\"][\"reason\"]")" = wip
  grep -q "1 agent is at work, and \[team\] wip is 1" ../err
  git agent-task fail busy -m "enough"
  GIT_AGENT_NAME=ada expect 0 git agent-task next
'

t 'the past: list --at' '
  expect 0 git agent-task list --all --at now >../out
  expect 1 git agent-task list --at "2001-01-01"
'

t 'outside a repository: 128, and what to do' '
  mkdir ../nowhere && cd ../nowhere
  expect 128 git-agent task list 2>../err
  grep -q "not a git repository" ../err
'

t 'deleting the index changes no answer' '
  git agent-task list --all >../before
  rm -f .git/agent/index.db*
  git agent-task list --all >../after
  cmp ../before ../after
'

t 'git fsck is clean' 'git fsck --strict 2>&1 | grep -v dangling | grep . && exit 1; true'

done_testing

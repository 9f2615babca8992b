. "$(dirname "$0")/../lib.sh"

new_repo r >/dev/null
cd r || exit 1
git agent-init >/dev/null
printf '#!/bin/sh\ncase $1 in *x*) ;; esac\ngrep -rn bad src && exit 1\nexit 0\n' >"$TEST_DIR/lint"
chmod +x "$TEST_DIR/lint"
cat >.git-agent.toml <<END
[[gate]]
name = "lint"
on = ["task-done", "merge"]
run = "$TEST_DIR/lint"
[profile.fake]
command = "$TEST_DIR/reviewer"
END
git add . && git commit -q --no-verify -m "Set the policy"
git agent-gate trust "$(git agent-gate list --json | json - 'd["data"]["hash"]')" >/dev/null 2>&1

# hand_in SLUG TEXT: a feature with one commit, in review.
hand_in() {
  git agent-spin "$1" -d "Make $1" --accept "It works" --no-launch >/dev/null 2>&1 || :
  change "$1" "$2" && git agent-task accept "$1" 1 --evidence "tried it" >/dev/null
  git agent-task done "$1" >/dev/null 2>&1
}
change() {
  mkdir -p "../r.agents/$1/src"
  echo "$2" >>"../r.agents/$1/src/$1.txt"
  git -C "../r.agents/$1" add . && git -C "../r.agents/$1" commit -q -m "Work: $2"
}
field() {
  git agent-task show "$1" --json | json - "d[\"data\"][\"task\"]$2"
}

t 'what fails its review goes back with its words: as message, in the briefing, as a note' '
  hand_in one first
  tip=$(git rev-parse agent/one)
  expect 0 git agent-review request one -m "Look at the words"
  expect 4 git agent-review request one
  git agent-review list --json >../out.json
  test "$(json ../out.json "[r[\"state\"] for r in d[\"data\"][\"reviews\"]]")" = "[\"requested\"]"
  expect 129 git agent-review fail one
  expect 129 git agent-review fail one --comment "no place"
  printf "{\"file\":\"src/one.txt\",\"line\":1,\"text\":\"a typo\"}\n{\"text\":\"and the rest\"}\n" >../remarks
  expect 0 git agent-review fail one -m "Not good" --comment "src/one.txt:1:write second: not first" -F ../remarks --json >../out.json
  test "$(json ../out.json "d[\"data\"][\"review\"][\"state\"], d[\"data\"][\"review\"][\"declared\"], d[\"data\"][\"review\"][\"commit\"]")" = "[\"failed\", \"person\", \"$tip\"]"
  test "$(json ../out.json "[[c[\"file\"], c[\"line\"], c[\"text\"]] for c in d[\"data\"][\"review\"][\"comments\"]]")" = "[[\"src/one.txt\", 1, \"write second: not first\"], [\"src/one.txt\", 1, \"a typo\"]]"
  test "$(field one "[\"status\"], d[\"data\"][\"task\"][\"review\"][\"state\"], d[\"data\"][\"task\"][\"iteration\"]")" = "[\"in_progress\", \"failed\", 1]"
  GIT_AGENT_NAME=one git agent-status --json | json - "d[\"data\"][\"messages\"][0][\"text\"]" | grep "src/one.txt:1: write second"
  git agent-brief one >../brief
  grep "^> src/one.txt:1: write second: not first" ../brief
  grep "^> and the rest" ../brief
  git log -1 --notes=agent agent/one | grep "Review failed: Not good"
  # Not in review any more.
  expect 4 git agent-review pass one
  expect 1 git agent-review wait one --timeout 1s --json >../out.json
  test "$(json ../out.json "d[\"error\"][\"kind\"]")" = review_failed
'

t 'the verdicts of the gates on the judged commit are notes that plain git log shows' '
  git log -1 --notes=agent agent/one | grep "Gate: lint pass, .* (task-done)"
'

t 'any new commit voids the verdict' '
  change one second
  git agent-task accept one 1 --evidence "again" >/dev/null
  expect 0 git agent-task done one
  test "$(field one "[\"review\"][\"state\"]")" = null
  expect 0 git agent-review pass one -m "Good" --at "$(git rev-parse agent/one)"
  test "$(field one "[\"review\"][\"state\"]")" = passed
  change one third
  git agent-review show one --json >../out.json
  test "$(json ../out.json "d[\"data\"][\"review\"][\"state\"]")" = void
  expect 3 git agent-review fail one -m "Late"
  git agent-task accept one 1 --evidence "again" >/dev/null
  expect 0 git agent-task done one
  git agent-review show one --json >../out.json
  test "$(json ../out.json "d[\"data\"][\"review\"][\"state\"]")" != passed
'

t 'nobody reviews work of their own, and an agent'\''s word counts only from a reviewer that we started' '
  GIT_AGENT_NAME=one expect 4 git agent-review pass one --json >../out.json
  test "$(json ../out.json "d[\"error\"][\"kind\"]")" = not_approved
  expect 4 git agent-review request one --from one
  GIT_AGENT_NAME=mallory GIT_AGENT_ROLE=reviewer expect 0 git agent-review pass one -m "Fine" --json >../out.json
  test "$(json ../out.json "d[\"data\"][\"review\"][\"declared\"], d[\"data\"][\"task\"][\"review\"][\"state\"]")" = "[\"self-declared\", \"self-declared\"]"
  git agent-review show one | grep "mallory passed (self-declared)"
  expect 4 git agent-merge one --json >../out.json
  test "$(json ../out.json "d[\"error\"][\"kind\"]")" = not_approved
  # Nor does it send anything back.
  GIT_AGENT_NAME=mallory expect 0 git agent-review fail one -m "Bad"
  test "$(field one "[\"status\"]")" = in_review
'

t 'a person acts on the version last shown to them: a submit between show and approve' '
  hand_in two first
  git agent-review show two >../out
  grep "^two  " ../out && grep "\[x\] It works" ../out && grep "lint" ../out && grep "src/two.txt" ../out
  tail -1 ../out | grep -x "Next  git agent-merge two"
  old=$(git rev-parse agent/two)
  change two second
  git agent-task accept two 1 --evidence "again" >/dev/null
  git agent-task done two
  expect 3 git agent-review pass two 2>../err
  grep "src/two.txt" ../err
  test "$(field two "[\"review\"][\"state\"]")" = null
  # It counts as shown now.
  expect 0 git agent-review pass two
  # The same for a merge.
  git agent-review show two >/dev/null
  change two third
  git agent-task accept two 1 --evidence "again" >/dev/null && git agent-task done two >/dev/null 2>&1
  before=$(git rev-parse main)
  expect 3 git agent-merge two --json 2>../err >../out.json
  test "$(json ../out.json "d[\"error\"][\"kind\"]")" = target_moved
  grep "src/two.txt" ../err
  test "$(git rev-parse main)" = "$before"
  test "$(field two "[\"status\"]")" = in_review
  expect 3 git agent-merge two --at "$old"
  expect 0 git agent-merge two --at "$(git rev-parse agent/two)"
'

t 'the sheet of what conflicts and of a red gate' '
  hand_in three first
  git agent-review show three >/dev/null
  mkdir -p src && echo other >src/three.txt && git add src && git commit -q --no-verify -m "In the way"
  git agent-review show three --diff >../out
  grep "^Conflicts  src/three.txt" ../out
  grep "^+first" ../out
  git reset -q --hard HEAD~1
  change three "so bad"
  git agent-task accept three 1 --evidence "again" >/dev/null
  expect 1 git agent-task done three
  key=ghp_$(printf "%036d" 7)
  git agent-task show three --json >/dev/null
  git agent-bead list --json | json - "[b for b in d[\"data\"][\"beads\"] if b[\"kind\"] == \"gate\"][0][\"text\"]" | grep "so bad"
'

t 'reviewers that we start: read-only, no commit, one verdict that counts' '
  cat >"$TEST_DIR/reviewer" <<END
#!/bin/sh
{
  pwd; git rev-parse HEAD; git symbolic-ref -q HEAD || echo detached
  find . -path ./.git -prune -o -perm /222 -print | grep . && echo writable
  git -c user.name=x -c user.email=x@x commit -q --allow-empty -m "Not mine" && echo committed
  git -c user.name=x -c user.email=x@x commit -q --no-verify --allow-empty -m "Not mine" && echo committed
  git update-ref refs/heads/agent/four HEAD~1 && echo moved
  git agent-gate run --gate lint && echo judged
  git agent-review fail -m "Not yet" --comment src/four.txt:1:rename
} >"$TEST_DIR/reviewer.out" 2>&1
END
  chmod +x "$TEST_DIR/reviewer"
  hand_in four first
  tip=$(git rev-parse agent/four)
  expect 4 git agent-spin --role reviewer --task four --name four --profile fake
  expect 0 git agent-spin --role reviewer --task four --profile fake
  expect 1 git agent-review wait four --timeout 60s
  cat "$TEST_DIR/reviewer.out"
  wait_until 20 grep -q "review of four failed" "$TEST_DIR/reviewer.out"
  sed -n 2p "$TEST_DIR/reviewer.out" | grep -x "$tip"
  sed -n 3p "$TEST_DIR/reviewer.out" | grep -x detached
  grep -E "^(writable|committed|moved)$" "$TEST_DIR/reviewer.out" && exit 1
  grep "is for reading" "$TEST_DIR/reviewer.out"
  grep judged "$TEST_DIR/reviewer.out"
  test "$(git rev-parse agent/four)" = "$tip"
  test "$(field four "[\"status\"]")" = in_progress
  git agent-review list --all --json >../out.json
  test "$(json ../out.json "[r[\"declared\"] for r in d[\"data\"][\"reviews\"] if r[\"by\"] == \"four-reviewer\"]")" = "[\"run\"]"
  expect 4 git agent-spin --role reviewer --task four --profile fake
'

t 'where reviews are required nothing else is merged, and the lead sees only what has passed' '
  sed -i "1i [merge]\nreview = \"required\"" .git-agent.toml && git commit -q --no-verify -am "Require reviews"
  hand_in five first
  expect 4 git agent-merge five
  waits() { git agent-status --json | json - "[w[\"kind\"] for w in d[\"data\"][\"waiting\"] if w[\"task\"] == \"$(field five "[\"id\"]")\"]"; }
  test "$(waits)" = "[\"reviewer\"]"
  expect 0 git agent-review request five
  test "$(waits)" = "[]"
  printf "#!/bin/sh\nsleep 1; git agent-review pass -m Good\n" >"$TEST_DIR/reviewer"
  expect 0 git agent-spin --role reviewer --task five --profile fake
  expect 0 git agent-review wait five --timeout 60s
  test "$(waits)" = "[\"review\"]"
  expect 0 git agent-merge five
  # The reviewer and its worktree go with it, now or when its run has ended.
  wait_until 20 sh -c "git agent-run list --json | grep -v \"\\\"running\\\"\""
  expect 0 git agent-clean five
  test -z "$(git worktree list | grep five)"
'

done_testing

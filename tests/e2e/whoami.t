. "$(dirname "$0")/../lib.sh"

t 'a person' '
  new_repo r
  cd r
  expect 0 git agent-whoami --json >../out
  test "$(json ../out "d[\"data\"][\"actor\"]")" = "{\"name\": \"Test Person\", \"person\": true, \"role\": \"lead\", \"source\": \"person\"}"
  test "$(json ../out "d[\"data\"][\"task\"]")" = null
  test "$(json ../out "d[\"data\"][\"run\"]")" = null
'

t 'by environment' '
  cd r
  GIT_AGENT_NAME=api GIT_AGENT_ROLE=reviewer git agent-whoami --json >../out
  test "$(json ../out "d[\"data\"][\"actor\"][\"name\"]")" = api
  test "$(json ../out "d[\"data\"][\"actor\"][\"role\"]")" = reviewer
  test "$(json ../out "d[\"data\"][\"actor\"][\"source\"]")" = environment
  expect 129 env GIT_AGENT_NAME=../x git agent-whoami
'

t 'by the runner among its ancestors' '
  cd r
  cat >../agent.sh <<END
git agent-whoami --json >$TEST_DIR/seen1
env -u GIT_AGENT_NAME -u GIT_AGENT_FENCE -u GIT_AGENT_TASK git agent-whoami --json >$TEST_DIR/seen2
END
  GIT_AGENT_SCRIPT=$TEST_DIR/agent.sh git agent-spin x -d x --profile script --role reviewer
  wait_until 5 test -s ../seen2
  for f in 1 2; do
    test "$(json ../seen$f "d[\"data\"][\"actor\"][\"name\"]")" = x
    test "$(json ../seen$f "d[\"data\"][\"actor\"][\"role\"]")" = reviewer
    test "$(json ../seen$f "d[\"data\"][\"task\"][\"slug\"]")" = x
    test "$(json ../seen$f "d[\"data\"][\"run\"][\"slug\"]")" = x
  done
  test "$(json ../seen1 "d[\"data\"][\"actor\"][\"source\"]")" = environment
  test "$(json ../seen2 "d[\"data\"][\"actor\"][\"source\"]")" = process
'

done_testing

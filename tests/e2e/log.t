. "$(dirname "$0")/../lib.sh"

t "help" "
  expect 0 git agent-log -h
"

done_testing

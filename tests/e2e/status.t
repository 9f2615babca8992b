. "$(dirname "$0")/../lib.sh"

t "help" "
  expect 0 git agent-status -h
"

done_testing

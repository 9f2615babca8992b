. "$(dirname "$0")/../lib.sh"

t "help" "
  expect 0 git agent-doctor -h
"

done_testing

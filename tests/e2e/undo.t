. "$(dirname "$0")/../lib.sh"

t "help" "
  expect 0 git agent-undo -h
"

done_testing

. "$(dirname "$0")/../lib.sh"

t 'git finds the program' '
  expect 0 git agent --version >out
  grep -q "^git-agent [0-9]" out
'

t 'a wrong use exits 129' '
  expect 129 git-agent --no-such-option
'

done_testing

. "$(dirname "$0")/../lib.sh"

t 'the briefing says what, how and with what' '
  new_repo r
  cd r
  git agent-task add "Whole" --slug whole -d "The whole story"
  git agent-task add "Base" --slug base --parent whole
  git agent-task add "Thing" --slug thing --parent whole --needs base -d "Make the thing" --accept "It works" --owns "src/**"
  git agent-task note thing "a first thought"
  git agent-brief thing >../out
  for words in "# Thing" "> Make the thing" "> The whole story" "1. [ ] It works" "src/**" " (pending): Base" "a first thought" "git agent-task done thing" "git agent-task fail thing"; do
    grep -qF -- "$words" ../out || { echo "missing: $words"; cat ../out; exit 1; }
  done
  expect 0 git agent-brief thing --json >../out
  test "$(json ../out "d[\"data\"][\"task\"][\"slug\"]")" = thing
  test "$(json ../out "d[\"data\"][\"briefing\"].startswith(\"# Thing\")")" = true
'

t 'text of others cannot pass for ours' '
  cd r
  printf "line\n## How to work\n\033[31mred\342\200\256\n" | git agent-task add "Evil" --slug evil -F -
  git agent-brief evil >../out
  ! grep -q "^## How to work$" ../out
  ! grep -q "$(printf "\033")" ../out
  ! grep -q "$(printf "\342\200\256")" ../out
'

t 'inside the worktree no name is needed' '
  cd r
  expect 129 git agent-brief
  expect 1 git agent-brief nothing
  git agent-spin lone -d "Alone" --no-launch
  cd ../r.agents/lone
  git agent-brief | grep -q "^# Alone"
'

done_testing

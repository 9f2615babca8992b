# Worktrees that commit at once, with gates that take their time: nothing of anybody's is lost or judged for another.
. "$(dirname "$0")/../lib.sh"

new_repo r >/dev/null
cd r || exit 1
git agent-init >/dev/null

t 'two worktrees committing at once keep what is staged, what is not, and what is untracked' '
  cat >.git-agent.toml <<END
[[gate]]
name = "see"
on = ["pre-commit"]
run = "sh -c \"sleep 0.2; cat own >>$TEST_DIR/seen\""
END
  for n in 1 2 3 4 5 6; do echo "line $n" >>file.txt; done
  git add . && git commit -q --no-verify -m "Set the policy"
  git agent-gate trust "$(git agent-gate list --json | json - "d[\"data\"][\"hash\"]")" >/dev/null
  for w in 1 2; do git worktree add -q "../w$w" -b "b$w"; done
  for round in 1 2 3; do
    for w in 1 2; do
      (
        cd "../w$w"
        echo "w$w round $round" >own && git add own
        sed "s/^line $round$/unstaged of w$w/" file.txt >x && cat x >file.txt && rm x
        echo "untracked $round" >"untracked.$round"
        git stash list >"../stash.before.$w"
        git commit -q -m "Round $round" >"../commit.$w" 2>&1 || echo failed >>"../failed"
      ) &
    done
    wait
    for w in 1 2; do
      test "$(git -C "../w$w" show HEAD:own)" = "w$w round $round"
      test "$(grep -c "unstaged of w$w" "../w$w/file.txt")" = "$round"
      test "$(cat "../w$w/untracked.$round")" = "untracked $round"
      test "$(git -C "../w$w" diff --name-only)" = file.txt
      test -z "$(git -C "../w$w" diff --cached --name-only)"
    done
  done
  test ! -e ../failed
  test -z "$(git stash list)"
  test "$(sort "$TEST_DIR/seen" | uniq -c | wc -l)" = 6
  git fsck --strict 2>&1 | grep -v dangling | grep . && exit 1 || :
'

done_testing

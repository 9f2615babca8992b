# git agent-reflect: what agents answer after a task.
. "$(dirname "$0")/../lib.sh"

new_repo r
cd r
git agent-init >/dev/null
git add -A && git commit -qm "Take up git-agent"
git agent-task add "The API" --slug api >/dev/null
git agent-spin api --no-launch >/dev/null 2>&1
wt=$PWD/../r.agents/api
who=api
as_agent() { (cd "$wt" && GIT_AGENT_NAME=$who GIT_AGENT_ROLE=builder "$@"); }

cat >answers.md <<'END'
## What surprised me?
The generated files are in the repository.
## One pattern for AGENTS.md
GOTCHAS: Run `make gen` before the tests.
## One prompt improvement
reviewer: Look at the generated files too.
END

t 'REFLECTION.md in the worktree is taken: a bead, two proposals, and no file left to commit' '
  as_agent git agent-task claim api >/dev/null
  cp answers.md "$wt/REFLECTION.md"
  as_agent expect 0 git agent-reflect --json >m.json
  test ! -e "$wt/REFLECTION.md"
  test "$(json m.json "[(l[\"kind\"], l[\"section\"], l[\"file\"]) for l in d[\"data\"][\"learnings\"]]")" = \
    "[[\"rule\", \"GOTCHAS\", \"AGENTS.md\"], [\"prompt\", \"reviewer\", \".git-agent/prompts/reviewer.md\"]]"
  git agent-bead list --kind gotcha | grep "generated files are in the repository"
  git agent-log | grep "reflection"
'

t 'a file of the project of that name stays' '
  (cd "$wt" && echo x >REFLECTION.md && git add REFLECTION.md && cp "$OLDPWD/answers.md" REFLECTION.md && true)
  cp answers.md "$wt/REFLECTION.md"
  as_agent expect 0 git agent-reflect
  test -e "$wt/REFLECTION.md"
  (cd "$wt" && git rm -qf --cached REFLECTION.md && rm REFLECTION.md)
'

t 'an answer that is missing is named, and nothing is recorded' '
  tip=$(git rev-parse refs/agent/ledger)
  printf "## Surprise\nx\n" | as_agent expect 129 git agent-reflect -F - 2>err
  grep "does not answer" err
  as_agent expect 129 git agent-reflect </dev/null 2>err
  grep "no REFLECTION.md in this worktree" err
  as_agent git agent-reflect --template | as_agent expect 129 git agent-reflect -F - 2>err
  test "$(git rev-parse refs/agent/ledger)" = "$tip"
'

t 'where the policy asks for one, an agent is not done without, and is told how' '
  git agent-task add "Second" --slug second >/dev/null
  printf "[guard]\nreflection = \"required\"\n" >.git-agent.toml && git add -A && git commit -qm "Ask for reflections"
  git agent-spin second --no-launch >/dev/null 2>&1
  wt=$PWD/../r.agents/second who=second
  as_agent git agent-task claim second >/dev/null 2>&1
  (cd "$wt" && echo 1 >f && git add f && git commit -qm "Work")
  as_agent expect 4 git agent-task done second --json >d.json
  test "$(json d.json "d[\"error\"][\"kind\"]")" = reflection_due
  as_agent git agent-brief | grep "answer three questions"
  as_agent git agent-reflect -F - <answers.md
  as_agent expect 0 git agent-task done second
'

done_testing

# A server's hooks: what enters a shared repository is judged there, from objects, by the branch as it was.
. "$(dirname "$0")/../lib.sh"

skip_all_unless "command -v ssh-keygen" "needs ssh-keygen"

for k in curator other; do ssh-keygen -q -t ed25519 -N "" -C "$k" -f "$HOME/$k" || exit 1; done
public() { cut -d" " -f1-2 "$HOME/$1.pub"; }

# A bare repository made as docs/server.md says, and a clone of it with curators.
serve() {
  doc=$GIT_AGENT_SOURCE_ROOT/docs/server.md
  mkdir -p "$1" && cd "$1"
  sed -n "/^\$ git init -q --bare/,/^\`\`\`/p" "$doc" | sed -n "s/^[$>] \{0,1\}//p" >setup
  grep -q pre-receive setup
  sh setup
  git clone -q shared.git work 2>/dev/null
  cd work && git checkout -q -B main 2>/dev/null
  git agent-init >/dev/null 2>&1
  mkdir -p .git-agent
  echo "lead@example.org namespaces=\"git-agent\" $(public curator)" >.git-agent/curators
  echo "Use tabs." >AGENTS.md
  git add . && git commit -q -m "Begin with agents" 2>/dev/null
  git config agent.signingKey "$HOME/curator"
  git push -q -u origin main 2>../first
}
approve() { git agent-guard approve "$@" >/dev/null 2>&1; }
both() { git push -q origin main refs/agent/ledger 2>err; }
refused() { # WORDS
  if git push -q origin "${2:-main}" 2>err; then echo "came in"; git log -3 --format=%s; false; fi
  cat err
  grep -q "$1" err
}
again() { git reset -q --hard origin/main; }

t 'the first push passes, and is said to' '
  serve a
  grep -q "no main yet" ../first
  git --git-dir=../shared.git rev-parse -q --verify main
'

t 'a protected change comes in with its approval, from the same push' '
  cd a/work
  echo "Use spaces." >AGENTS.md && git commit -q -am "Spaces" 2>/dev/null
  refused "nobody has approved"
  refused "AGENTS.md"
  approve
  refused "nobody has approved"
  both || { cat err; false; }
  test "$(git --git-dir=../shared.git show main:AGENTS.md)" = "Use spaces."
'

t 'or from the ledger that is on the server already' '
  cd a/work
  echo "Use both." >AGENTS.md && git commit -q -am "Both" 2>/dev/null
  approve
  git push -q origin refs/agent/ledger
  git push -q origin main
  git --git-dir=../shared.git fsck >/dev/null 2>&1
'

t 'what is refused leaves nothing behind' '
  cd a/work
  echo "Never." >AGENTS.md && git commit -q -am "Never" 2>/dev/null
  id=$(git rev-parse HEAD)
  refused "nobody has approved"
  if git --git-dir=../shared.git cat-file -e "$id" 2>/dev/null; then false; fi
  again
'

t 'a change hidden in a middle commit does not come in' '
  cd a/work
  echo "Never." >AGENTS.md && git commit -q -am "Bad one" 2>/dev/null
  git checkout -q HEAD~ AGENTS.md && git commit -q -m "Back" 2>/dev/null
  git diff --quiet origin/main HEAD
  refused "Bad one"
  again
'

t 'nor on a side branch of a merge' '
  cd a/work
  git checkout -q -b side && echo "Never." >AGENTS.md && git commit -q -am "Bad side" 2>/dev/null
  git checkout -q HEAD~ AGENTS.md && git commit -q -m "Back" 2>/dev/null
  git checkout -q main && echo x >x && git add x && git commit -q -m "X" && git merge -q --no-edit side 2>/dev/null
  refused "Bad side"
  again
'

t 'nor made by the merge itself' '
  cd a/work
  git branch -f side HEAD && git checkout -q side && echo y >y && git add y && git commit -q -m "Y" 2>/dev/null
  git checkout -q main && echo z >z && git add z && git commit -q -m "Z" 2>/dev/null
  git merge -q --no-commit side >/dev/null 2>&1 && echo "Never." >AGENTS.md && git add AGENTS.md && git commit -q -m "Evil merge" 2>/dev/null
  refused "Evil merge"
  again
'

t 'nor by a merge that takes an older version back' '
  cd a/work
  old=$(git rev-list HEAD -- AGENTS.md | tail -n 1)
  git checkout -q -B old "$old" && echo o >o && git add o && git commit -q -m "Old line" 2>/dev/null
  git checkout -q main && git merge -q --no-commit old >/dev/null 2>&1 && git checkout -q "$old" -- AGENTS.md && git commit -q -m "Older rules" 2>/dev/null
  refused "Older rules"
  again
  git checkout -q old && git merge -q -s ours --no-edit main && git branch -f main old && git checkout -q main
  refused "as a whole"
  again
'

t 'nor by setting the branch back' '
  cd a/work
  first=$(git rev-list HEAD -- AGENTS.md | tail -n 1)
  if git push -q --force origin "$first:main" 2>err; then false; fi
  grep -q "as a whole" err
  if git push -q origin :main 2>err; then false; fi
  grep -q "not deleted" err
'

t 'new branches and tags are judged by what they bring' '
  cd a/work
  git push -q origin HEAD:refs/heads/same
  git tag fine && git push -q origin fine
  git checkout -q -b new && echo "Never." >AGENTS.md && git commit -q -am "Bad branch" 2>/dev/null
  refused "Bad branch" new
  git tag -a bad -m "A tag"
  refused "Bad branch" bad
  git checkout -q main
  git push -q origin :refs/heads/same
'

t 'a policy or curators in the push have no say about it' '
  cd a/work
  printf "[guard]\ncurators = \"mine\"\n" >.git-agent.toml
  echo "eve@example.org $(public other)" >mine
  echo "Never." >AGENTS.md && git add . && git commit -q -m "Mine" 2>/dev/null
  git config agent.signingKey "$HOME/other"
  refused "protected"
  again
  git config agent.signingKey "$HOME/curator"
'

t 'a new curator comes in by the approval of an old one, and then approves' '
  cd a/work
  echo "second@example.org $(public other)" >>.git-agent/curators && git commit -q -am "A second curator" 2>/dev/null
  refused "curators"
  approve && both || { cat err; false; }
  git config agent.signingKey "$HOME/other"
  echo "Second." >AGENTS.md && git commit -q -am "Second" 2>/dev/null
  approve && both || { cat err; false; }
  git config agent.signingKey "$HOME/curator"
'

t 'an old approval does not bring a bad version back' '
  cd a/work
  echo "Use both." >AGENTS.md && git commit -q -am "Both again" 2>/dev/null && approve && both
  echo "Second." >AGENTS.md && git commit -q -am "Replay" 2>/dev/null
  refused "used before"
  again
'

t 'the ledger only grows' '
  cd a/work
  if git push -q --force origin "$(git rev-parse refs/agent/ledger~1):refs/agent/ledger" 2>err; then false; fi
  grep -q "only grows" err
  if git push -q origin :refs/agent/ledger 2>err; then false; fi
  grep -q "only grows" err
'

t 'without curators approvals count, and are called unsigned' '
  mkdir u && cd u
  git init -q --bare --initial-branch=main shared.git
  printf "#!/bin/sh\nexec git-agent hook git pre-receive\n" >shared.git/hooks/pre-receive && chmod +x shared.git/hooks/pre-receive
  git clone -q shared.git work 2>/dev/null && cd work && git checkout -q -B main 2>/dev/null
  git agent-init >/dev/null 2>&1
  echo "Use tabs." >AGENTS.md && git add . && git commit -q -m "Begin" 2>/dev/null && git push -q -u origin main 2>/dev/null
  echo "Never." >AGENTS.md && git commit -q -am "Never" 2>/dev/null
  refused "nobody has approved"
  python3 "$GIT_AGENT_SOURCE_ROOT/tests/e2e/on-terminal.py" 200,yes git agent-guard approve >/dev/null
  both || { cat err; false; }
  git push origin main refs/agent/ledger >out 2>&1
  echo "Once." >AGENTS.md && git commit -q -am "Once" 2>/dev/null
  python3 "$GIT_AGENT_SOURCE_ROOT/tests/e2e/on-terminal.py" 200,yes git agent-guard approve >/dev/null
  both && grep -q "unsigned" err
'

t 'update judges one ref by the ledger on the server' '
  cd a && rm shared.git/hooks/pre-receive
  sed -n "/^\$ cat >shared.git\/hooks\/update/,/^\`\`\`/p" "$GIT_AGENT_SOURCE_ROOT/docs/server.md" | sed -n "s/^[$>] \{0,1\}//p" >setup
  sh setup && cd work
  echo "By update." >AGENTS.md && git commit -q -am "By update" 2>/dev/null
  refused "nobody has approved"
  approve
  git push -q origin refs/agent/ledger && git push -q origin main
'

t 'what is no push is refused' '
  cd a/shared.git
  echo nonsense | expect 129 git agent-hook git pre-receive 2>/dev/null
  echo "x y refs/heads/main" | expect 129 git agent-hook git pre-receive 2>/dev/null
'

done_testing

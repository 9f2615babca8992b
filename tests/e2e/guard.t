# git agent-guard: files that people curate change only with an approval of exactly that change.
. "$(dirname "$0")/../lib.sh"

terminal() { answer=$1; shift; python3 "$GIT_AGENT_SOURCE_ROOT/tests/e2e/on-terminal.py" "200,$answer" "$@"; }

skip_all_unless "command -v ssh-keygen" "needs ssh-keygen"

for k in curator other committer; do ssh-keygen -q -t ed25519 -N "" -C "$k" -f "$HOME/$k" || exit 1; done
public() { cut -d" " -f1-2 "$HOME/$1.pub"; }

# A repository with a policy, curators, an AGENTS.md and a feature whose branch may change things.
curated() {
  new_repo "$1" && cd "$1" && git agent-init >/dev/null 2>&1
  mkdir -p .git-agent
  echo "lead@example.org namespaces=\"git-agent\"${2:+,$2} $(public curator)" >.git-agent/curators
  echo "Use tabs." >AGENTS.md
  git add . && git commit -q -m "Begin with agents" 2>/dev/null
  git config agent.signingKey "$HOME/curator"
}
# A branch in review with what CODE does to the work tree.
feature() {
  git agent-spin "$1" -d "Work" --no-launch >/dev/null 2>&1
  dir=$(git agent-task show "$1" --json | json - "d[\"data\"][\"task\"][\"worktree\"]")
  (cd "$dir" && eval "$2" && git add -A && git commit -q --no-verify -m "Do $1") >/dev/null 2>&1
}
merge() { git agent-merge "$1" --adopt; }
agents_md() { git show HEAD:AGENTS.md; }

t 'a person edits AGENTS.md with two commands' '
  curated own
  echo "Use spaces." >AGENTS.md
  git commit -q -am "Spaces" 2>err
  grep -q "git agent-guard approve" err
  expect 4 git agent-guard check >out 2>err
  grep -q "^-Use tabs." out && grep -q "^+Use spaces." out
  git agent-guard approve -m "agreed" >out 2>err
  grep -q "approved: .* by lead@example.org" out
  expect 0 git agent-guard check >out
  grep -q "approved by lead@example.org" out
  git agent-guard log --verify | grep -q "AGENTS.md .*holds"
  expect 1 git agent-guard approve 2>err
  grep -q "approved already" err
  git agent-bead list | grep -q "Approved by lead@example.org: AGENTS.md"
'

t 'what is staged can be approved before it is committed, by an agent too' '
  cd own
  echo "Use both." >AGENTS.md && git add AGENTS.md
  expect 1 env GIT_AGENT_NAME=ada GIT_AGENT_ROLE=builder git commit -q -m "Both" 2>err
  grep -q "not an agent" err
  git agent-guard approve AGENTS.md >out 2>&1
  git commit -q -m "Both" 2>err
  if grep -q protected err; then cat err; false; fi
'

t 'a merge passes with an approval, and not without' '
  curated m
  feature tidy "echo \"Never.\" >AGENTS.md"
  expect 4 merge tidy 2>err
  grep -q "nobody has approved" err && grep -q "git agent-guard approve tidy" err
  test "$(agents_md)" = "Use tabs."
  git agent-guard approve tidy >out 2>&1
  merge tidy >/dev/null 2>&1
  test "$(agents_md)" = "Never."
'

t 'an old approval is not used again: no way back to a bad version' '
  cd m
  feature back "echo \"Use tabs.\" >AGENTS.md"
  git agent-guard approve back >/dev/null 2>&1 && merge back
  test "$(agents_md)" = "Use tabs."
  feature again "echo \"Never.\" >AGENTS.md"
  expect 4 merge again 2>err
  grep -q "used before" err
  git agent-guard approve again >/dev/null 2>&1
  merge again
  test "$(agents_md)" = "Never."
'

t 'an approval is for one path' '
  curated path
  feature one "echo \"Never.\" >AGENTS.md"
  git agent-guard approve one >/dev/null 2>&1
  feature two "cp ../path.agents/one/AGENTS.md CLAUDE.md 2>/dev/null || echo \"Never.\" >CLAUDE.md"
  expect 4 merge two 2>err
  grep -q "CLAUDE.md" err
'

t 'an approval is for one repository' '
  curated repo-a && feature one "echo \"Never.\" >AGENTS.md"
  git agent-guard approve one >/dev/null 2>&1
  git agent-sql "SELECT statement FROM approvals" --json >../a.json
  cd .. && rm -rf repo-b && mkdir repo-b && cd repo-b && git init -q . && git commit -q --allow-empty -m "Another beginning"
  cp -r ../repo-a/AGENTS.md ../repo-a/.git-agent ../repo-a/.git-agent.toml . && git agent-init >/dev/null 2>&1
  git add . && git commit -q -m "Begin" 2>/dev/null
  git fetch -q ../repo-a refs/agent/ledger && git update-ref refs/agent/ledger FETCH_HEAD
  git agent-guard log | grep -q AGENTS.md
  git agent-guard log --verify | grep -q "another repository"
  git checkout -q -b one && echo "Never." >AGENTS.md && git commit -q -am "Never" 2>/dev/null
  expect 4 git agent-guard check >out 2>&1
  grep -q "another repository" out
'

t 'a revoked key approves nothing' '
  curated revoked
  sed "s|^\[guard\]|[guard]\nrevoked = \".git-agent/revoked\"|" .git-agent.toml >policy && mv policy .git-agent.toml
  git commit -q -am "Name a file of revoked keys" 2>/dev/null
  feature one "echo \"Never.\" >AGENTS.md"
  git agent-guard approve one >/dev/null 2>&1
  public curator >.git-agent/revoked && git add . && git commit -q -m "Revoke" 2>/dev/null
  expect 4 merge one 2>err
  grep -qi "revoked" err
  expect 4 git agent-guard approve one 2>err
  grep -qi "revoked" err
'

t 'an expired key approves nothing' '
  curated expired "valid-before=\"20200101Z\""
  feature one "echo \"Never.\" >AGENTS.md"
  expect 4 git agent-guard approve one >out 2>err
  grep -q "expired" err
'

# An approval made by hand, with what is given for key, namespace and statement.
forge() { # KEY NAMESPACE SED
  git agent-guard log --json | json - "d[\"data\"][\"approvals\"][0][\"statement\"]" | sed "\$d;$3" >st
  ssh-keygen -q -Y sign -n "$2" -f "$HOME/$1" st 2>/dev/null
  write_approval "$4"
}
# One that stands in the ledger, written once more: "rewrap" its signature, or say it was of an "older" policy.
put_approval() { # HOW WHICH
  git agent-guard log --json | json - "[a for a in d[\"data\"][\"approvals\"] if \"$2\" in a[\"statement\"]][0][\"statement\"]" | sed "\$d" >st
  git agent-guard log --json | json - "[a for a in d[\"data\"][\"approvals\"] if \"$2\" in a[\"statement\"]][0][\"signature\"]" | sed "\$d" >st.sig
  case $1 in
    rewrap) python3 -c "
lines = open(\"st.sig\").read().split()
body = \"\".join(lines[3:-3])
open(\"st.sig\", \"w\").write(\"-----BEGIN SSH SIGNATURE-----\n\" + \"\".join(body[i:i + 64] + \"\n\" for i in range(0, len(body), 64)) + \"-----END SSH SIGNATURE-----\n\")" ;;
    older) sed -i "s/^policy .*/policy 1111111111111111111111111111111111111111/" st ;;
  esac
  write_approval ""
}
write_approval() { # A=>B
  python3 - "$1" <<\END
import hashlib, json, subprocess, sys
statement = open("st").read(); signature = open("st.sig").read()
if sys.argv[1:] and sys.argv[1]: statement = statement.replace(*sys.argv[1].split("=>"))
toml = lambda s: json.dumps(s).replace("\\u007f", "")
name = hashlib.sha256((statement + "\0" + signature).encode()).hexdigest()[:32]
text = "".join(f"{k} = {toml(v)}\n" for k, v in sorted({"curator": "lead@example.org", "id": name, "kind": "guard",
    "signature": signature, "statement": statement, "time": "2026-01-01T00:00:00Z"}.items()))
git = lambda *a, i=None: subprocess.run(["git", *a], input=i, text=True, check=True, capture_output=True).stdout.strip()
blob = git("hash-object", "-w", "--stdin", i=text)
import os
os.environ["GIT_INDEX_FILE"] = os.path.abspath("forged-index")
git("read-tree", "refs/agent/ledger")
git("update-index", "--add", "--cacheinfo", f"100644,{blob},approvals/{name[0]}/{name[1]}/{name[2]}/{name}.toml")
op = git("hash-object", "-w", "--stdin", i=json.dumps({"actor": {"name": "x", "person": True, "role": "lead"}, "args": {}, "id": name, "kind": "later.kind", "time": "2026-01-01T00:00:00Z"}, separators=(",", ":")) + "\n")
git("update-index", "--cacheinfo", f"100644,{op},op")
commit = git("commit-tree", git("write-tree"), "-p", "refs/agent/ledger", "-m", "forged")
git("update-ref", "refs/agent/ledger", commit)
END
}
# A feature whose change nobody approved, and a statement for exactly it that is then signed wrongly.
forged() { # REPO
  curated "$1"
  feature base "echo \"Approved once.\" >AGENTS.md"
  git agent-guard approve base >/dev/null 2>&1
  old=$(git rev-parse HEAD:AGENTS.md) once=$(git rev-parse agent/base:AGENTS.md)
  feature worse "echo \"Never.\" >AGENTS.md"
  new=$(git rev-parse agent/worse:AGENTS.md)
}

t 'a signature made for commits approves nothing' '
  forged namespace
  forge curator git "s/^new $once/new $new/"
  expect 4 merge worse 2>err
  grep -q "made for .git." err
'

t 'a key that is no curator approves nothing' '
  forged key
  forge other git-agent "s/^new $once/new $new/"
  expect 4 merge worse 2>err
  grep -q "no curator" err
  git config agent.signingKey "$HOME/other"
  expect 4 git agent-guard approve worse 2>err
  grep -q "not in .git-agent/curators" err
'

t 'a statement that was changed after it was signed approves nothing' '
  forged tampered
  forge curator git-agent "" "$once=>$new"
  expect 4 merge worse 2>err
  grep -q "ssh-keygen says no" err
'

t 'the same forged by the right hand counts, so that the refusals above are for their reasons' '
  forged right
  forge curator git-agent "s/^new $once/new $new/"
  merge worse >out 2>&1 || { cat out; false; }
  test "$(agents_md)" = "Never."
'

t 'an approval that was used is not used again, in whatever shape it is written down' '
  curated reshaped
  feature once "echo \"Never.\" >AGENTS.md"
  git agent-guard approve once >/dev/null 2>&1 && merge once >/dev/null 2>&1
  feature back "echo \"Use tabs.\" >AGENTS.md"
  git agent-guard approve back >/dev/null 2>&1 && merge back >/dev/null 2>&1
  feature again "echo \"Never.\" >AGENTS.md"
  expect 4 merge again 2>err
  grep -q "used before" err
  # The same statement and signature in other lines, and one that nobody signed, as if of an older policy.
  again=$(git rev-parse agent/again:AGENTS.md)
  put_approval rewrap "new $again"
  put_approval older "new $again"
  git agent-guard log | grep -c AGENTS.md | grep -qx 4
  expect 4 merge again 2>err
  grep -q "used before" err
  # Nor does it help to hide from Git where the change was made.
  mkdir -p .git/info && git rev-parse HEAD >.git/info/grafts
  expect 4 merge again 2>err
  rm .git/info/grafts
  git replace --graft HEAD
  expect 4 merge again 2>err
  git replace -d HEAD >/dev/null
  test "$(agents_md)" = "Use tabs."
'

t 'a policy that nobody could read is not merged, approved or not' '
  curated unreadable
  feature slip "echo \"[guard\" >>.git-agent.toml"
  git agent-guard approve slip >/dev/null 2>&1
  expect 128 merge slip 2>err
  grep -q "hint: mend it on the branch" err
  git agent-status >/dev/null
'

t 'a key that signs commits is refused, unless its owner insists' '
  curated double
  git config user.signingKey "$HOME/curator"
  feature one "echo \"Never.\" >AGENTS.md"
  expect 4 git agent-guard approve one 2>err
  grep -q "also signs your commits" err
  git config agent.allowCommitKey true
  git agent-guard approve one >/dev/null 2>&1
  git config --unset agent.allowCommitKey
  expect 4 merge one 2>err
  grep -q "also signs commits" err
'

t 'a change hidden in a middle commit is found' '
  curated middle
  feature hide "echo \"Never.\" >AGENTS.md; git add .; git commit -q --no-verify -m Bad; git checkout -q HEAD~ AGENTS.md"
  expect 4 merge hide 2>err
  grep -q "Bad" err
'

t 'a symlink, a case variant, a rename, a mode, a nested file, another repository: all are changes' '
  curated tricks
  feature link "rm AGENTS.md; echo Never >x; ln -s x AGENTS.md"
  feature case "echo Never >agents.MD"
  feature renamed "echo Never >x; git add x; git mv -f x AGENTS.md"
  feature mode "chmod +x AGENTS.md"
  feature nested "mkdir -p src/deep; echo Never >src/deep/AGENTS.md"
  feature gitlink "echo x >x"
  feature removed "git rm -q AGENTS.md"
  for f in link case renamed mode nested removed; do
    expect 4 merge $f 2>err || { echo $f; false; }
    grep -qi "agents.md" err
  done
  (cd "$(git agent-task show gitlink --json | json - "d[\"data\"][\"task\"][\"worktree\"]")" &&
    git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),.claude && git commit -q --no-verify -m "A module") >/dev/null 2>&1
  expect 4 merge gitlink 2>err
  grep -q "claude" err
'

t 'what a protected link leads to is protected' '
  curated linked
  git rm -q --cached AGENTS.md && mv AGENTS.md rules.txt && ln -s rules.txt AGENTS.md
  git add -A && git commit -q -m "A link" 2>/dev/null
  feature through "echo Never >rules.txt"
  expect 4 merge through 2>err
  grep -q "rules.txt" err
'

t 'without curators it takes a person at a terminal, and says unsigned' '
  new_repo bare && cd bare && git agent-init >/dev/null 2>&1
  echo "Use tabs." >AGENTS.md && git add . && git commit -q -m "Begin" 2>/dev/null
  feature one "echo Never >AGENTS.md"
  expect 4 git agent-guard approve one 2>err
  grep -q "takes a person at a terminal" err
  expect 4 env GIT_AGENT_NAME=ada GIT_AGENT_ROLE=builder python3 "$GIT_AGENT_SOURCE_ROOT/tests/e2e/on-terminal.py" 200,yes git agent-guard approve one >out
  grep -q "a person" out
  expect 4 env GIT_AGENT_NAME=ada GIT_AGENT_ROLE=lead python3 "$GIT_AGENT_SOURCE_ROOT/tests/e2e/on-terminal.py" 200,yes git agent-guard approve one >out
  expect 4 terminal no git agent-guard approve one >out
  terminal yes git agent-guard approve one >out
  grep -q "(unsigned)" out
  git agent-guard log | grep -q "(unsigned)"
  git agent-bead list | grep -q "(unsigned)"
  merge one >/dev/null 2>&1
  test "$(agents_md)" = "Never"
'

t 'approving acts on the version last shown' '
  curated shown
  feature one "echo First >AGENTS.md"
  expect 4 git agent-guard check one >/dev/null 2>&1
  (cd "$dir" && echo Second >AGENTS.md && git commit -q --no-verify --amend -am "Other") >/dev/null 2>&1
  expect 3 git agent-guard approve one >out 2>err
  grep -q "+Second" out && grep -q "changed since it was last shown" err
  expect 1 git agent-guard log 2>/dev/null
  expect 3 git agent-guard approve one --at 0000000 2>/dev/null
  git agent-guard approve one >/dev/null 2>&1
  expect 0 git agent-guard log >/dev/null
'

t 'what nobody sees is shown' '
  curated unseen
  feature one "printf \"ok\\342\\200\\256evil\\033[2J\\n\" >AGENTS.md; printf \"* diff=x\\n\" >.gitattributes; git config diff.x.textconv true"
  expect 4 git agent-guard check one >out 2>&1
  grep -q "<U+202E>evil" out
  if grep -q "$(printf "\033")" out; then false; fi
'

t 'the first curators are pinned; later ones need the approval of those before' '
  curated pin
  feature one "echo Never >AGENTS.md"
  git agent-guard check one >/dev/null 2>err || true
  grep -q "taken at their word" err
  echo "eve@example.org $(public other)" >.git-agent/curators
  git commit -q --no-verify -am "Take over"
  git config agent.signingKey "$HOME/other"
  expect 4 git agent-guard approve one 2>err
  expect 4 merge one 2>err
  grep -q "without an approval" err
  git config agent.signingKey "$HOME/curator"
  git agent-guard approve .git-agent/curators >out 2>&1 || { cat out; false; }
  git config agent.signingKey "$HOME/other"
  git agent-guard approve one >out 2>&1 || { cat out; false; }
  merge one >/dev/null 2>&1
'

t 'the pin is set anew by a person at a terminal' '
  curated repin
  feature one "echo Never >AGENTS.md"
  git agent-guard check one >/dev/null 2>&1 || true
  echo "eve@example.org $(public other)" >.git-agent/curators
  git commit -q --no-verify -am "Take over"
  git config agent.signingKey "$HOME/other"
  expect 4 git agent-guard approve one 2>/dev/null
  expect 4 git agent-guard approve --pin 2>err
  grep -q "person at a terminal" err
  terminal yes git agent-guard approve --pin >out
  grep -q "pinned: .git-agent/curators" out
  git agent-guard approve one >/dev/null 2>&1
'

t 'a curators file that names nobody is not approved' '
  curated nobody
  echo "# nobody" >.git-agent/curators && git commit -q -am "Nobody" 2>/dev/null
  expect 4 git agent-guard approve 2>err
  grep -q "name nobody" err
'

t 'where nothing protected changes, no key and no program is asked' '
  curated quiet
  feature one "echo x >x"
  mkdir -p "$TEST_DIR/no" && printf "#!/bin/sh\necho called >>$TEST_DIR/called\nexit 1\n" >"$TEST_DIR/no/ssh-keygen" && chmod +x "$TEST_DIR/no/ssh-keygen"
  PATH=$TEST_DIR/no:$PATH merge one >/dev/null 2>&1
  test ! -e "$TEST_DIR/called"
'

done_testing

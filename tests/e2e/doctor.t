. "$(dirname "$0")/../lib.sh"

new_repo r
cd r || exit 1
git config notes.displayRef refs/notes/agent
git agent-task add "First" --slug first >/dev/null
git agent-task add "Second" --slug second --needs first >/dev/null
git agent-task note first "a note" >/dev/null
found() { json "$1" '[f["check"] for f in d["data"]["findings"]]'; }

t 'all is well' '
  expect 0 git agent-doctor >out
  grep -q "all is well (3 operations, 2 tasks, 3 operations replayed)" out
  expect 0 git agent-doctor --json >d.json
  test "$(json d.json "d[\"data\"][\"findings\"]")" = "[]"
  test "$(json d.json "d[\"data\"][\"facts\"][\"replayed\"]")" = 3
'

t 'outside of a repository it is 128' '
  mkdir -p ../nowhere
  cd ../nowhere
  expect 128 git agent-doctor
'

t 'a repository without a ledger' '
  new_repo ../bare-of-it
  cd ../bare-of-it
  expect 1 git agent-doctor --json >d.json
  test "$(found d.json)" = "[\"ledger\"]"
'

t 'notes that nobody will see' '
  git config --unset notes.displayRef
  expect 1 git agent-doctor >out
  grep -q "notes.displayRef" out
  git config notes.displayRef refs/notes/agent
'

t 'a broken index is found, and repaired' '
  python3 -c "
import sqlite3
db = sqlite3.connect(\".git/agent/index.db\")
db.execute(\"UPDATE tasks SET nblock = 7\")
db.commit()"
  expect 1 git agent-doctor --json >d.json
  test "$(found d.json)" = "[\"index\"]"
  expect 0 git agent-doctor --fix --json >d.json
  test "$(json d.json "[f[\"fixed\"] for f in d[\"data\"][\"findings\"]]")" = "[true]"
  expect 0 git agent-doctor
'

t 'a forged note is found, and repaired' '
  git notes --ref=agent add -m "forged" HEAD
  expect 1 git agent-doctor --json >d.json
  test "$(found d.json)" = "[\"notes\"]"
  expect 0 git agent-doctor --fix
  expect 1 git notes --ref=agent show HEAD
  expect 0 git agent-doctor
'

t 'a stale lock is found, and removed' '
  mkdir -p .git/refs/agent
  : >.git/refs/agent/ledger.lock
  touch -d "1 hour ago" .git/refs/agent/ledger.lock
  expect 1 git agent-doctor --json >d.json
  test "$(found d.json)" = "[\"locks\"]"
  expect 0 git agent-doctor --fix
  test ! -e .git/refs/agent/ledger.lock
'

t 'a lock that a killed git left on a branch keeps it from being cleaned, until doctor removes it' '
  git agent-spin locked -d "Do it" --no-launch >/dev/null
  git agent-task cancel locked -m "Not wanted" >/dev/null
  : >.git/refs/heads/agent/locked.lock
  git agent-clean locked --force 2>err
  grep "agent/locked stays: it is locked" err
  expect 0 git agent-doctor
  touch -d "20 minutes ago" .git/refs/heads/agent/locked.lock
  expect 1 git agent-doctor --json >d.json
  test "$(found d.json)" = "[\"locks\"]"
  expect 0 git agent-doctor --fix
  git agent-clean locked --force
  expect 1 git rev-parse -q --verify agent/locked
'

t 'the lock of an agents worktree is told of and stays: a commit may be at work there' '
  git agent-spin busy -d "Do it" --no-launch >/dev/null
  lock=.git/worktrees/busy/index.lock
  : >"$lock"
  touch -d "1 hour ago" "$lock"
  expect 1 git agent-doctor --fix >out
  grep "has been locked for long by index.lock" out
  test -e "$lock"
  rm "$lock"
  git agent-task cancel busy -m "Not wanted" >/dev/null
  git agent-clean busy --force >/dev/null 2>&1
  expect 0 git agent-doctor
'

t 'a forged state is found by replay' '
  good=$(git rev-parse refs/agent/ledger)
  file=$(git ls-tree -r --name-only "$good" | grep "^tasks/" | head -n 1)
  blob=$(git show "$good:$file" | sed "s/^title = .*/title = \"Forged\"/" | git hash-object -w --stdin)
  tree=$(GIT_INDEX_FILE=../idx sh -c "git read-tree $good && git update-index --add --cacheinfo 100644,$blob,$file && git write-tree")
  git update-ref refs/agent/ledger "$(git commit-tree "$tree" -p "$good^" -m "task first: note" </dev/null)"
  expect 1 git agent-doctor --json >d.json
  test "$(found d.json)" = "[\"replay\"]"
  git update-ref refs/agent/ledger "$good"
  expect 0 git agent-doctor
'

# The ledger's tip with the file of one task edited by sed: forge FILE SCRIPT
forge() {
  good=$(git rev-parse refs/agent/ledger)
  blob=$(git show "$good:$1" | sed "$2" | git hash-object -w --stdin)
  tree=$(GIT_INDEX_FILE=../idx sh -c "git read-tree $good && git update-index --add --cacheinfo 100644,$blob,$1 && git write-tree")
  git update-ref refs/agent/ledger "$(git commit-tree "$tree" -p "$good^" -m "forged" </dev/null)"
}
task_id() { git agent-task show "$1" --json >s.json && json s.json 'd["data"]["task"]["id"]' | tr -d '"'; }
task_file() { git ls-tree -r --name-only refs/agent/ledger | grep "^tasks/.*/$1"; }

t 'tasks that wait for each other are found, from the first of them on' '
  a=$(task_id first) b=$(task_id second)
  forge "$(task_file "$a")" "1i needs = [\"$b\"]"
  expect 1 git agent-doctor --json >d.json
  git update-ref refs/agent/ledger "$good"
  test "$(found d.json)" = "[\"replay\", \"links\"]"
  grep -Eq "forever: (first -> second -> first|second -> first -> second)" d.json
  expect 0 git agent-doctor
'

t 'two tasks of one name, and links to nothing, are found' '
  a=$(task_id first) b=$(task_id second)
  none=00000000000000000000000000000000
  forge "$(task_file "$b")" "s/^slug = .*/slug = \"first\"/; s/^needs = .*/needs = [\"$none\"]/; 1i parent = \"$none\""
  expect 1 git agent-doctor --json >d.json
  git update-ref refs/agent/ledger "$good"
  test "$(json d.json "[f[\"check\"] for f in d[\"data\"][\"findings\"]].count(\"links\")")" = 3
  grep -q "two tasks are called .first." d.json
  grep -q "needs 00000000, which is no task" d.json
  grep -q "the parent of .first. is no task" d.json
  expect 0 git agent-doctor
'

t 'a missing object is explained, with the way back' '
  before=$(git rev-parse refs/agent/ledger)
  git agent-task add "Third" --slug third
  tip=$(git rev-parse refs/agent/ledger)
  blob=$(git rev-parse "$tip:$(git ls-tree -r --name-only "$tip" | grep "^tasks/" | while read f; do git show "$tip:$f" | grep -q third && echo "$f"; done)")
  path=.git/objects/$(echo "$blob" | cut -c1-2)/$(echo "$blob" | cut -c3-)
  mv "$path" ../kept
  expect 1 git agent-doctor --json >d.json
  grep -q "git update-ref refs/agent/ledger $before $tip" d.json
  grep -q "is missing" d.json
  git update-ref refs/agent/ledger "$before" "$tip"
  expect 0 git agent-doctor
  mv ../kept "$path"
  git update-ref refs/agent/ledger "$tip" "$before"
'

t 'a missing tip is explained too' '
  tip=$(git rev-parse refs/agent/ledger)
  path=.git/objects/$(echo "$tip" | cut -c1-2)/$(echo "$tip" | cut -c3-)
  mv "$path" ../kept
  expect 1 git agent-doctor >out 2>err
  grep -q "cannot be read" out
  grep -q "git update-ref refs/agent/ledger" out
  mv ../kept "$path"
  expect 0 git agent-doctor
'

t 'something else under the name of the ledger is told, with the way back' '
  good=$(git rev-parse refs/agent/ledger)
  git update-ref refs/agent/ledger main
  expect 1 git agent-doctor >out
  grep -q "git update-ref refs/agent/ledger $good $(git rev-parse main)" out
  git update-ref refs/agent/ledger "$good"
  expect 0 git agent-doctor >/dev/null
'

t 'a policy with unknown keys, and with commands nobody trusted' '
  printf "[team]\nwipe = 3\n[[gate]]\nname = \"test\"\non = [\"merge\"]\nrun = \"true\"\n" >.git-agent.toml
  git add .git-agent.toml
  git commit -qm "Add a policy"
  expect 1 git agent-doctor >out
  grep -q "wipe" out
  grep -q "repair: git agent-gate trust" out
  git rm -q .git-agent.toml
  git commit -qm "No policy"
'

t 'a gc that prunes at once' '
  git config gc.pruneExpire now
  expect 1 git agent-doctor >out
  grep -q "gc.pruneExpire" out
  git config --unset gc.pruneExpire
'

t 'paths with two owners are found' '
  a=$(task_id first) b=$(task_id second)
  git show refs/agent/ledger:"$(task_file "$a")" >/dev/null
  before=$(git rev-parse refs/agent/ledger)
  forge "$(task_file "$a")" "1i locked = [\"src/**\"]"
  half=$(git rev-parse refs/agent/ledger)
  forge "$(task_file "$b")" "1i locked = [\"src/parse/*.c\"]"
  expect 1 git agent-doctor --json >d.json
  git update-ref refs/agent/ledger "$before"
  json d.json "[f[\"what\"] for f in d[\"data\"][\"findings\"] if f[\"check\"] == \"owners\"][0]" | grep "is owned by .* and .* at the same time"
  expect 0 git agent-doctor
'

t 'remotes that move the ledger past git agent-sync are found' '
  git remote add hub ../hub.git
  expect 0 git agent-doctor
  git config --add remote.hub.fetch "+refs/*:refs/*"
  git config --add remote.hub.push "refs/agent/*:refs/agent/*"
  expect 1 git agent-doctor --json >d.json
  test "$(found d.json)" = "[\"sharing\", \"sharing\"]"
  json d.json "d[\"data\"][\"findings\"][0][\"what\"]" | grep "plain .git fetch. overwrites refs/agent/ledger"
  json d.json "d[\"data\"][\"findings\"][1][\"repair\"].split(\";\")[0]" | tr -d "\"" >repair
  sh ./repair
  test -z "$(git config --get-all remote.hub.push)"
  git config --unset-all remote.hub.fetch
  git config remote.hub.mirror true
  expect 1 git agent-doctor >out
  grep "overwrites the ledger there" out
  git config --unset remote.hub.mirror
  git branch git-agent-ledger refs/agent/ledger
  expect 1 git agent-doctor >out
  grep "checked out as a branch" out
  git branch -qD git-agent-ledger
  git update-ref refs/agent-local/quarantine/hub HEAD
  expect 1 git agent-doctor >out
  grep "kept in refs/agent-local/quarantine/hub" out
  git update-ref -d refs/agent-local/quarantine/hub
  git remote remove hub
  expect 0 git agent-doctor
'

t 'a backup that cannot be read is found' '
  commit=$(git commit-tree -m "kept" "HEAD^{tree}" </dev/null)
  git update-ref refs/agent-local/backup/gone/1 "$commit"
  expect 0 git agent-doctor
  file=.git/objects/$(echo "$commit" | cut -c1-2)/$(echo "$commit" | cut -c3-)
  mv "$file" ../kept
  expect 1 git agent-doctor --json >d.json
  test "$(found d.json)" = "[\"backups\"]"
  mv ../kept "$file"
  git update-ref -d refs/agent-local/backup/gone/1
  expect 0 git agent-doctor
'

t 'a deep look replays everything' '
  expect 0 git agent-doctor --deep --json >d.json
  test "$(json d.json "d[\"data\"][\"facts\"][\"replayed\"] == d[\"data\"][\"facts\"][\"operations\"]")" = true
'

t '--guard tries the attacks and says what holds' '
  new_repo guarded && cd guarded && git agent-init >/dev/null 2>&1
  git add . && git commit -q --no-verify -m "Begin"
  : >out
  before=$(git for-each-ref; git status --porcelain)
  expect 1 git agent-doctor --guard >out
  cat out
  grep -q "^advisory  put a forged approval.*unsigned" out
  grep -q "^tripwire  commit a change of AGENTS.md: the pre-commit hook refuses it" out
  grep -q "^tripwire  git commit --no-verify: it goes through" out
  grep -q "^tripwire  git -c core.hooksPath=/dev/null commit: it goes through" out
  grep -q "^enforced  bring such a commit to the target" out
  grep -q "^advisory  write the target.s ref by hand" out
  grep -q "no remote" out
  test "$before" = "$(git for-each-ref; git status --porcelain)"
  test -z "$(ls "$TMPDIR")"
  expect 129 git agent-doctor --guard --fix 2>/dev/null
'

skip_unless "command -v ssh-keygen" "needs ssh-keygen"
t '--guard tells a key that anybody can use from one that is locked' '
  cd guarded
  ssh-keygen -q -t ed25519 -N "" -C open -f "$HOME/open"
  ssh-keygen -q -t ed25519 -N "a passphrase" -C locked -f "$HOME/locked"
  mkdir -p .git-agent
  for k in open locked; do echo "$k@example.org $(cut -d" " -f1-2 "$HOME/$k.pub")"; done >.git-agent/curators
  git add . && git commit -q --no-verify -m "Name curators"
  expect 0 git agent-doctor --guard >out
  grep -q "^enforced  put a forged approval into the ledger: refused" out
  grep -q "^enforced  sign an approval with your key: there is no key" out
  git config agent.signingKey "$HOME/open"
  expect 1 git agent-doctor --guard --json >out.json
  test "$(json out.json "[t[\"level\"] for t in d[\"data\"][\"trials\"] if t[\"attack\"].startswith(\"sign an\")][0]")" = advisory
  git config agent.signingKey "$HOME/locked"
  expect 0 git agent-doctor --guard >out
  grep -q "^enforced  sign an approval with your key: it cannot be used" out
  git config user.signingKey "$HOME/open"
  expect 0 git agent-doctor --guard >out
  grep -q "user.signingKey is a curator.s key, but approves nothing" out
'
skip_unless ""

done_testing

. "$(dirname "$0")/../lib.sh"

# Two clones, one and two, of hub.git; who acts is told apart by name.
clones() {
  git init -q --bare hub.git
  new_repo one
  git -C one remote add origin ../hub.git && git -C one push -q origin main
  git clone -q hub.git two
  (cd one && git agent-init >/dev/null) && (cd two && git agent-init >/dev/null)
}
same() {
  test "$(git -C one rev-parse refs/agent/ledger)" = "$(git -C two rev-parse refs/agent/ledger)"
}
add() {
  git agent-task add "$1" --slug "$2" >/dev/null
}

t 'two clones exchange tasks and agree to the byte' '
  clones
  (cd one && add "From one" one-x && expect 0 git agent-sync >out && grep "origin: 0 operations received, [0-9]* operations\\{0,1\\} sent" out)
  (cd two && add "From two" two-x && expect 0 git agent-sync --json >out)
  test "$(json two/out "d[\"data\"][\"sync\"][\"sent\"]")" = 1
  test "$(json two/out "d[\"data\"][\"sync\"][\"received\"] >= 1")" = true
  (cd one && expect 0 git agent-sync && git agent-task show two-x)
  (cd two && git agent-task show one-x)
  same
  (cd one && expect 0 git agent-sync >out && grep "nothing new on either side" out)
  git -C hub.git fsck --strict
  git -C one agent-doctor && git -C two agent-doctor
'

t 'the same task claimed in both: one holds it, the other is told, nothing disappears' '
  (cd one && add "Wanted" wanted && git agent-sync)
  git -C two agent-sync
  (cd one && GIT_AGENT_NAME=ann expect 0 git agent-task claim wanted)
  (cd two && GIT_AGENT_NAME=bob expect 0 git agent-task claim wanted)
  git -C one agent-sync
  (cd two && expect 0 git agent-sync --json >../out 2>../err)
  test "$(json out "d[\"data\"][\"sync\"][\"refused\"][0][\"actor\"]")" = bob
  grep "task.claim by bob no longer holds" err
  git -C one agent-sync
  same
  for clone in one two; do
    test "$(git -C $clone agent-task show wanted --json | json - "d[\"data\"][\"task\"][\"claim\"][\"agent\"]")" = ann
    git -C $clone agent-log | grep refused
  done
'

t 'edges that close a cycle only together: the later one is refused, everywhere alike' '
  (cd one && add A a-x && add B b-x && git agent-sync) && git -C two agent-sync
  git -C one agent-task dep add a-x b-x && git -C two agent-task dep add b-x a-x
  git -C one agent-sync && git -C two agent-sync 2>err && grep "cycle" err
  git -C one agent-sync && same
  git -C two agent-doctor
'

t 'what is written while another clone pushes is not lost' '
  (cd one && for i in 1 2 3 4 5 6 7 8; do add "One $i" "p$i-one" && git agent-sync || exit 1; done) >log1 2>&1 &
  first=$!
  (cd two && for i in 1 2 3 4 5 6 7 8; do add "Two $i" "p$i-two" && git agent-sync || exit 1; done) >log2 2>&1 &
  second=$!
  wait $first && wait $second || { cat log1 log2; exit 1; }
  git -C one agent-sync && git -C two agent-sync && git -C one agent-sync
  same
  for i in 1 2 3 4 5 6 7 8; do git -C one agent-task show p$i-two >/dev/null && git -C two agent-task show p$i-one >/dev/null; done
  git -C one agent-doctor
'

t 'killed at any point, the next one goes on' '
  for point in ledger.before-follow ledger.after-follow sync.before-push sync.after-push; do
    (cd one && add "Killed at $point" "k1-$(echo $point | tr . -)" && git agent-sync)
    (cd two && add "Also at $point" "k2-$(echo $point | tr . -)" && GIT_AGENT_TEST_FAULT="$point" git agent-sync) && exit 1
    git -C two agent-sync && git -C one agent-sync && same
    git -C one agent-task show "k2-$(echo $point | tr . -)" >/dev/null
  done
'

t 'a remote that refuses refs/agent/ gets a branch, and says so once' '
  git init -q --bare strict.git && git -C strict.git config --add receive.hideRefs refs/agent
  git -C one remote add strict ../strict.git && git -C two remote add strict ../strict.git
  git -C one agent-sync strict 2>err && grep "the branch git-agent-ledger" err
  git -C strict.git rev-parse refs/heads/git-agent-ledger
  git -C two agent-sync strict 2>err && if grep refuses err; then false; fi
  git -C one agent-sync strict 2>err && if grep refuses err; then false; fi
  same
'

t 'a ledger that was set back, rewritten or forged is not followed, and kept aside' '
  before=$(git -C one rev-parse refs/agent/ledger)
  tip=$(git -C hub.git rev-parse refs/agent/ledger)
  git -C hub.git update-ref refs/agent/ledger "$tip~3"
  (cd one && expect 128 git agent-sync 2>../err)
  grep "cannot be followed: it does not continue" err
  test "$(git -C one rev-parse refs/agent/ledger)" = "$before"
  test "$(git -C one rev-parse refs/agent-local/quarantine/origin)" = "$(git -C hub.git rev-parse refs/agent/ledger)"
  # Forged: a commit on top whose tree holds what is no object of the ledger.
  git -C hub.git update-ref refs/agent/ledger "$tip"
  blob=$(echo evil | git -C hub.git hash-object -w --stdin)
  tree=$( (git -C hub.git ls-tree "$tip"; printf "100644 blob %s\tevil\n" "$blob") | git -C hub.git mktree)
  forged=$(git -C hub.git -c user.name=x -c user.email=x@example.com commit-tree -p "$tip" -m forged "$tree")
  git -C hub.git update-ref refs/agent/ledger "$forged"
  (cd one && expect 128 git agent-sync 2>../err)
  grep "cannot be followed: commit .*" err
  test "$(git -C one rev-parse refs/agent/ledger)" = "$before"
  git -C hub.git update-ref refs/agent/ledger "$tip"
  git -C one agent-sync
'

t 'a remote that cannot be reached, or is none, changes nothing' '
  git -C one remote add gone ../nowhere.git
  (cd one && expect 128 git agent-sync gone --json >../out)
  test "$(json out "d[\"error\"][\"kind\"]")" = environment
  (cd one && expect 1 git agent-sync nobody)
  new_repo alone
  (cd alone && expect 128 git agent-sync 2>../err) && grep "no remote" err
'

t '--install: plain fetch brings the ledger along, push stays as it is' '
  git -C two config --get-all remote.origin.push && exit 1
  (cd two && expect 0 git agent-sync --install && expect 0 git agent-sync --install)
  test "$(git -C two config --get-all remote.origin.fetch | wc -l)" = 2
  git -C two config --get-all remote.origin.push && exit 1
  (cd one && add "Later" later-x && git agent-sync)
  git -C two fetch -q
  test "$(git -C two rev-parse refs/agent-local/incoming/origin)" = "$(git -C one rev-parse refs/agent/ledger)"
  git -C two push -q origin main
  git -C two agent-sync && same
'

t 'a new clone, shallow or partial, gets the whole memory' '
  git clone -q --depth 1 "file://$PWD/hub.git" shallow 2>/dev/null
  git -C shallow agent-sync && git -C shallow agent-task show later-x
  git -C hub.git config uploadpack.allowFilter true
  git clone -q --filter=blob:none "file://$PWD/hub.git" partial
  git -C partial agent-sync && git -C partial agent-task show later-x
  test "$(git -C partial rev-parse refs/agent/ledger)" = "$(git -C one rev-parse refs/agent/ledger)"
'

t 'claims that the remote confirms: one clone has it, the other takes the next' '
  printf "[team]\nclaims = \"remote\"\n" >one/.git-agent.toml
  git -C one add .git-agent.toml && git -C one commit -qm "Claims count remotely" && git -C one push -q origin main
  git -C two fetch -q && git -C two clean -qf .git-agent.toml && git -C two merge -q --ff-only origin/main
  for task in $(git -C one agent-task list --json | json - "\" \".join(t[\"slug\"] for t in d[\"data\"][\"tasks\"])"); do
    git -C one agent-task cancel "$task" -m "clear" >/dev/null
  done
  (cd one && git agent-task add First --slug first-r --priority 0 && git agent-task add Second --slug second-r --priority 1) >/dev/null
  git -C one agent-sync && git -C two agent-sync
  test "$(GIT_AGENT_NAME=ann git -C one agent-task next --json | json - "d[\"data\"][\"task\"][\"slug\"]")" = first-r
  # Two does not know yet that it is taken.
  test "$(GIT_AGENT_NAME=bob git -C two agent-task next --json | json - "d[\"data\"][\"task\"][\"slug\"]")" = second-r
  test "$(git -C hub.git show refs/agent/ledger:op | json - "d[\"actor\"][\"name\"]")" = bob
  git -C one agent-sync && same
  (cd one && git agent-task add Third --slug third-r && git agent-sync) && git -C two agent-sync
  (cd one && GIT_AGENT_NAME=eve expect 0 git agent-task claim third-r)
  (cd two && GIT_AGENT_NAME=dan expect 3 git agent-task claim third-r --json >../out)
  test "$(json out "d[\"error\"][\"kind\"]")" = claim_lost
'

t "what a runner writes reaches the other clones: they know an agent by its lease alone" '
  (cd one && git agent-task add Runs --slug runs-r && git agent-sync) >/dev/null
  printf "while [ ! -e \"$PWD/go-on\" ]; do sleep 0.1; done\n" >agent.sh
  (cd one && GIT_AGENT_SCRIPT=$PWD/../agent.sh expect 0 git agent-spin runs-r --profile script) >/dev/null
  remote_claim() {
    git -C hub.git show "refs/agent/ledger:$(git -C hub.git ls-tree -r --name-only refs/agent/ledger tasks/ | grep "$1")" | sed -n "s/^$2 = //p"
  }
  id=$(git -C one agent-task show runs-r --json | json - "d[\"data\"][\"task\"][\"id\"]")
  runner=$(git -C one agent-task show runs-r --json | json - "d[\"data\"][\"task\"][\"claim\"][\"pid\"]")
  for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    [ "$(remote_claim "$id" pid)" = "$runner" ] && break
    sleep 1
  done
  test "$(remote_claim "$id" pid)" = "$runner"
  touch go-on
  wait_until 20 sh -c "git -C hub.git log -1 --format=%s refs/agent/ledger | grep exited"
  (cd one && git agent-task cancel runs-r -m "seen" && git agent-sync) >/dev/null && git -C two agent-sync >/dev/null
  same
'

t 'without the remote such a claim fails and is given back' '
  (cd one && git agent-task add Fourth --slug fourth-r && git agent-sync) >/dev/null
  mv hub.git away.git
  (cd one && GIT_AGENT_NAME=gil expect 128 git agent-task claim fourth-r 2>../err)
  grep "not confirmed, and given back" err
  test "$(git -C one agent-task show fourth-r --json | json - "d[\"data\"][\"task\"][\"status\"]")" = pending
  mv away.git hub.git
  (cd one && GIT_AGENT_NAME=gil expect 0 git agent-task claim fourth-r)
'

t 'who was refused, and whose work stood, read it in status and in the briefing' '
  printf "[team]\nclaims = \"local\"\n" >one/.git-agent.toml
  git -C one commit -qam "Claims count here" && git -C one push -q origin main && git -C two pull -q --ff-only
  (cd one && git agent-task add Fifth --slug fifth-r && git agent-sync) >/dev/null && git -C two agent-sync
  GIT_AGENT_NAME=ann git -C one agent-task claim fifth-r && GIT_AGENT_NAME=bob git -C two agent-task claim fifth-r
  git -C one agent-sync && git -C two agent-sync && git -C one agent-sync
  GIT_AGENT_NAME=bob git -C two agent-status | grep "from git-agent: your task.claim no longer held"
  GIT_AGENT_NAME=ann git -C one agent-status --json >out
  json out "d[\"data\"][\"messages\"][0][\"text\"]" | grep "bob had done task.claim in another clone"
  git -C one agent-brief fifth-r | grep "bob had done task.claim in another clone"
'

t 'automatic exchange: what is written arrives by itself, and a remote that is away stops nobody' '
  printf "[sync]\nauto = true\n" >one/.git-agent.toml
  git -C one commit -qam "Exchange by itself" && git -C one push -q origin main && git -C two pull -q --ff-only
  git -C one agent-sync
  (cd one && expect 0 git agent-task add Sixth --slug sixth-r)
  tip=$(git -C one rev-parse refs/agent/ledger)
  wait_until 20 sh -c "test \"\$(git -C hub.git rev-parse refs/agent/ledger)\" = $tip"
  mv hub.git away.git
  (cd one && expect 0 git agent-task add Seventh --slug seventh-r)
  wait_until 20 test -s one/.git/agent/sync.trouble
  (cd one && expect 1 git agent-doctor) | grep "not exchanged in the background"
  mv away.git hub.git
  git -C one agent-task note seventh-r "there again" && wait_until 20 test ! -e one/.git/agent/sync.trouble
'

t 'init takes a clone into the team, or says why not' '
  git clone -q hub.git three
  (cd three && expect 0 git agent-init 2>../err && git agent-task show sixth-r >/dev/null)
  grep "operations" err
  git clone -q hub.git four && git -C four remote set-url origin ../gone.git
  (cd four && expect 0 git agent-init 2>../err)
  grep "the ledger was not exchanged" err
'

# two_clones DIR [CLAIMS]: hub.git, one and two in a directory of their own.
two_clones() {
  mkdir "$1" && cd "$1" && clones
  [ -z "$2" ] || printf "[team]\nclaims = \"%s\"\n" "$2" >one/.git-agent.toml
  git -C one add .git-agent.toml && git -C one commit -qm Policy && git -C one push -q origin main
  rm -f two/.git-agent.toml && git -C two pull -q --ff-only
}

t 'a push never takes the place of what the remote has and this clone has not' '
  two_clones unseen remote
  (cd one && add A a-x && add B b-x && git agent-sync) && git -C two agent-sync
  GIT_AGENT_NAME=bob git -C two agent-task claim a-x
  git -C one agent-sync && (cd one && add Precious precious && git agent-sync)
  (cd two && GIT_AGENT_TEST_FAULT=ledger.before-follow expect 137 git agent-sync)
  (cd two && GIT_AGENT_NAME=bob expect 0 git agent-task claim b-x)
  git -C hub.git log --format=%s refs/agent/ledger | grep precious
  git -C one agent-sync && same
  # A ledger set back here by hand does not set the remote back.
  git -C two update-ref refs/agent/ledger refs/agent/ledger~2
  (cd two && add C c-x && GIT_AGENT_NAME=bob expect 0 git agent-task claim c-x)
  git -C hub.git log --format=%s refs/agent/ledger | grep precious
  git -C one agent-sync && same
'

# forged FILE CONTENT: a commit on the ledger of hub.git that adds one file, and its operation.
forged() {
  tip=$(git -C hub.git rev-parse refs/agent/ledger)
  export GIT_INDEX_FILE="$PWD/forged.index"
  git -C hub.git read-tree "$tip"
  file=$(printf "%s" "$2" | git -C hub.git hash-object -w --stdin)
  op=$(printf "{\"actor\":{\"name\":\"eve\"},\"args\":{},\"id\":\"%032d\",\"kind\":\"x.y\",\"time\":\"2026-01-01T00:00:00Z\"}" 7 | git -C hub.git hash-object -w --stdin)
  git -C hub.git update-index --add --cacheinfo "100644,$file,$1" --cacheinfo "100644,$op,op"
  tree=$(git -C hub.git write-tree)
  unset GIT_INDEX_FILE
  git -C hub.git update-ref refs/agent/ledger "$(git -C hub.git -c user.name=e -c user.email=e@example.com commit-tree -p "$tip" -m forged "$tree")"
}

t 'names that would become paths are not followed; once the remote is right again, it is' '
  two_clones paths
  (cd one && add A a-x && git agent-sync) && git -C two agent-sync
  good=$(git -C hub.git rev-parse refs/agent/ledger)
  id=abcdef00000000000000000000000001
  task() { printf "id = \"%s\"\nslug = \"%s\"\nstatus = \"pending\"\ntitle = \"T\"\n%s\n" "$id" "$1" "$2"; }
  for case in "../../../victim" "UPPER CASE" "-rf"; do
    forged "tasks/a/b/c/$id.toml" "$(task "$case" "")"
    (cd two && expect 128 git agent-sync 2>../err) && grep "has no slug" err
    git -C hub.git update-ref refs/agent/ledger "$good"
  done
  for more in "branch = \"--exec=x\"" "branch = \"refs/heads/../x\"" "needs = \"a\"" "parent = 5"; do
    forged "tasks/a/b/c/$id.toml" "$(task fine-x "$more")"
    (cd two && expect 128 git agent-sync 2>../err) && grep "cannot be followed" err
    git -C hub.git update-ref refs/agent/ledger "$good"
  done
  forged format "min-writer = 9"
  (cd two && expect 3 git agent-sync)
  git -C hub.git update-ref refs/agent/ledger "$good"
  (cd two && add B b-x && expect 0 git agent-sync) && git -C one agent-sync && same
'

t 'a second remote that went another way is refused; one that lags behind is not' '
  two_clones lines
  git init -q --bare other.git && git init -q --bare mirror.git
  for clone in one two; do
    git -C $clone remote add other ../other.git
    git -C $clone remote add mirror ../mirror.git
  done
  (cd one && add A a-x && git agent-sync && git agent-sync other && git agent-sync mirror)
  git -C two agent-sync
  GIT_AGENT_NAME=ann git -C one agent-task claim a-x && git -C one agent-sync
  (cd two && rm .git/agent/sync.line && GIT_AGENT_NAME=bob git agent-task claim a-x && git agent-sync other)
  tip=$(git -C one rev-parse refs/agent/ledger)
  (cd one && expect 128 git agent-sync other 2>../err) && grep "has gone another way" err
  test "$(git -C one rev-parse refs/agent/ledger)" = "$tip"
  (cd one && expect 0 git agent-sync mirror && expect 0 git agent-sync)
'

t 'a claim that stands is not given back because the remote is away, and nothing is spun' '
  two_clones away remote
  (cd one && add A a-x && add B b-x && GIT_AGENT_NAME=ann expect 0 git agent-task claim a-x)
  mv hub.git gone.git
  (cd one && GIT_AGENT_NAME=ann expect 0 git agent-task next)
  (cd one && git agent-task note b-x "not sent" && GIT_AGENT_NAME=ann expect 0 git agent-task next)
  before=$(git -C one rev-parse refs/agent/ledger)
  (cd one && expect 128 git agent-spin b-x --no-launch && expect 128 git agent-spin brand-new -d X --no-launch)
  test "$(git -C one rev-parse refs/agent/ledger)" = "$before"
'

t 'where Git is told its directories, and settings come with the command' '
  two_clones where
  (cd one && add A a-x && git agent-sync)
  mkdir apart && git clone -q hub.git apart/tree && mv apart/tree/.git apart/dot
  (cd apart && GIT_DIR=$PWD/dot GIT_WORK_TREE=$PWD/tree && export GIT_DIR GIT_WORK_TREE && git config remote.origin.url "$PWD/../hub.git" && expect 0 git agent-sync && git agent-task show a-x)
  git -C two remote set-url origin fake://hub
  (cd two && expect 0 git -c "url.$PWD/../hub.git.insteadOf=fake://hub" agent-sync)
'

t 'what a server never takes is said at once; --install waits for a ledger' '
  two_clones never
  git -C one push -q ../hub.git HEAD:refs/agent/ledger/x
  (cd one && add A a-x && expect 128 git agent-sync 2>../err) && grep "refuses the ledger" err
  git init -q --bare "with space.git" && git init -q bare-beginning
  (cd bare-beginning && git commit -q --allow-empty -m b && git remote add "team/hub" "../with space.git" && expect 128 git agent-sync --install 2>../err) && grep "no ledger yet" err
  (cd bare-beginning && add A a-x && expect 0 git agent-sync && expect 0 git agent-sync --install && git fetch -q team/hub)
  (cd one && expect 129 git agent-sync --watch --install)
  git clone -q --depth 1 "file://$PWD/hub.git" shallow
  (cd shallow && git remote add team ../"with space.git" && expect 128 git agent-sync team --install 2>../err) && grep "is shallow" err
'

done_testing

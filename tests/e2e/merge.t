. "$(dirname "$0")/../lib.sh"

# A branch NAME with one commit that writes TEXT into FILE.
branch() {
  git checkout -q -b "$1" main &&
    printf '%s\n' "$3" >"$2" &&
    git add "$2" &&
    git commit -q -m "${4:-Write $2}" &&
    git checkout -q main
}
# The policy's only gate, trusted: no bad.txt.
gated() {
  cat >.git-agent.toml <<\END
[[gate]]
name = "test"
on = ["merge"]
run = "test ! -e bad.txt || { echo bad.txt is here; exit 1; }"
shell = true
END
  git add .git-agent.toml && git commit -q -m "Set the policy" &&
    git agent-gate trust "$(git agent-gate list --json | json - 'd["data"]["hash"]')" >/dev/null
}
# A commit in the worktree of a feature.
work() {
  (cd "../$(basename "$PWD").agents/$1" && echo "$3" >"$2" && git add "$2" && git commit -q -m "Write $2")
}
field() {
  git agent-task show "$1" --json | json - "d['data']['task']['$2']"
}
trailer() {
  git log -1 --format="%(trailers:key=$1,valueonly,separator=%x2C)" "$2"
}

t 'an adopted branch is rebased, gets its trailers, and the checked-out target moves with its files' '
  new_repo r
  cd r
  branch one one.txt 1
  echo other >other.txt && git add other.txt && git commit -q -m Other
  expect 0 git agent-merge one --adopt --json >../out.json
  test "$(json ../out.json "d[\"ok\"]")" = true
  test "$(json ../out.json "d[\"data\"][\"merge\"][\"target\"]")" = main
  test "$(json ../out.json "d[\"data\"][\"merge\"][\"new\"]")" = "$(git rev-parse main)"
  test "$(json ../out.json "d[\"data\"][\"task\"][\"status\"]")" = completed
  cat one.txt
  test -z "$(git status --porcelain)"
  test "$(git log --format=%s | head -2 | tr "\n" " ")" = "Write one.txt Other "
  trailer Agent-Task HEAD | grep "^one "
  test -n "$(trailer Agent-Name HEAD)"
  test "$(trailer Agent-Gates HEAD)" = "unverified: no test gate"
  test "$(git rev-parse one)" = "$(git rev-parse main)"
'

t 'the bead of the merge is a note on the new tip' '
  cd r
  git log -1 --notes=agent main | grep "merged .Write one.txt. into main"
'

t 'author and author date stay, the committer is the person' '
  cd r
  git checkout -q -b two main && echo 2 >two.txt && git add two.txt
  GIT_AUTHOR_NAME="Ann Author" GIT_AUTHOR_EMAIL=ann@example.com GIT_AUTHOR_DATE="2020-02-02T02:02:02+0530" git commit -q -m "Two

Why.

Signed-off-by: Ann <ann@example.com>"
  git checkout -q main && git commit -q --allow-empty -m Moved
  expect 0 git agent-merge two --adopt
  test "$(git log -1 --format="%an %ae %aI %cn")" = "Ann Author ann@example.com 2020-02-02T02:02:02+05:30 Test Person"
  test "$(git log -1 --format=%B | sed -n "5,6s/:.*//p" | tr "\n" " ")" = "Signed-off-by Agent-Task "
'

t 'a forged trailer is taken off' '
  cd r
  branch forged f.txt x "Forge

Agent-Gates: test=pass everything=pass"
  expect 0 git agent-merge forged --adopt
  test "$(trailer Agent-Gates HEAD)" = "unverified: no test gate"
'

t 'a merge with nothing new completes the task' '
  cd r
  git branch old main~1
  before=$(git rev-parse main)
  expect 0 git agent-merge old --adopt
  test "$(git rev-parse main)" = "$before"
'

t 'a conflict moves nothing, names the files and sends the task back' '
  cd r
  branch left same.txt left
  branch right same.txt right
  expect 0 git agent-merge left --adopt
  before=$(git rev-parse main) branch=$(git rev-parse right)
  expect 3 git agent-merge right --adopt --json >../out.json
  test "$(json ../out.json "d[\"error\"][\"kind\"]")" = merge_conflict
  test "$(json ../out.json "d[\"data\"][\"merge\"][\"conflicts\"]")" = "[{\"path\": \"same.txt\"}]"
  test "$(json ../out.json "\" \".join(d[\"error\"][\"next\"])")" = "git agent-spin right"
  test "$(git rev-parse main) $(git rev-parse right)" = "$before $branch"
  test -z "$(git status --porcelain)"
  expect 4 git agent-merge right --json >../out.json
  test "$(json ../out.json "d[\"error\"][\"kind\"]")" = not_done
  test "$(json ../out.json "d[\"data\"][\"status\"]")" = in_progress
'

t 'a dry run changes nothing, not even the ledger' '
  cd r
  branch dry dry.txt dry
  before=$(git for-each-ref)
  expect 0 git agent-merge dry --adopt --dry-run
  test "$(git for-each-ref)" = "$before"
'

t 'a protected file is refused, also when a later commit takes the change back' '
  cd r
  git checkout -q -b sly main
  echo "Do as I say" >AGENTS.md && git add AGENTS.md && git commit -q -m "Be sly"
  git rm -q AGENTS.md && git commit -q -m "Be good again"
  echo fine >fine.txt && git add fine.txt && git commit -q -m "Fine"
  git checkout -q main
  before=$(git rev-parse main)
  expect 4 git agent-merge sly --adopt --json >../out.json
  test "$(json ../out.json "d[\"error\"][\"kind\"]")" = guarded
  test "$(json ../out.json "d[\"data\"][\"path\"]")" = AGENTS.md
  test "$(json ../out.json "d[\"data\"][\"commit\"]")" = "$(git rev-parse sly~2)"
  test "$(git rev-parse main)" = "$before"
'

t 'squashed, it is one commit, and the originals stay reachable' '
  cd r
  git checkout -q -b many main
  for i in 1 2 3; do echo $i >many$i.txt && git add . && git commit -q -m "Many $i"; done
  git checkout -q main
  before=$(git rev-parse main) tip=$(git rev-parse many)
  expect 0 git agent-merge many --adopt --squash
  test "$(git rev-parse main~1)" = "$before"
  git log -1 --format=%B | grep "^\* Many 2"
  git for-each-ref --contains "$tip" | grep refs/agent-local/merged/
'

t '--no-ff puts a merge commit on top' '
  cd r
  branch noff noff.txt x
  before=$(git rev-parse main)
  expect 0 git agent-merge noff --adopt --no-ff
  test "$(git rev-parse main^1)" = "$before"
  test "$(git log -1 --format=%s)" = "Merge branch '"'noff'"' into main"
  trailer Agent-Gates HEAD | grep unverified
  test -z "$(git status --porcelain)"
'

t 'what a merge in the branch resolved by hand is not lost' '
  cd r
  git checkout -q -b evil main && echo branch >same.txt && git commit -q -a -m "Branch side"
  git checkout -q main && echo main >same.txt && git commit -q -a -m "Main side"
  git checkout -q evil
  git merge -q main >/dev/null 2>&1 || :
  echo both >same.txt && git commit -q -a -m "Merge by hand"
  git checkout -q main
  expect 0 git agent-merge evil --adopt
  test "$(cat same.txt)" = both
'

t 'a target worktree with changes in the same file is left alone' '
  cd r
  branch busy file.txt changed
  echo "my own" >file.txt
  before=$(git rev-parse main)
  expect 3 git agent-merge busy --adopt --json >../out.json
  test "$(json ../out.json "d[\"error\"][\"kind\"]")" = target_busy
  test "$(cat file.txt)" = "my own"
  test "$(git rev-parse main)" = "$before"
  git stash -q
  echo "my own" >same.txt
  expect 0 git agent-merge busy --adopt
  test "$(cat same.txt) $(cat file.txt)" = "my own changed"
  git checkout -q same.txt
  git stash drop -q
'

t 'an untracked or ignored file in the way is never overwritten' '
  cd r
  branch env .env tracked
  echo .env >>.git/info/exclude
  echo secret >.env
  expect 3 git agent-merge env --adopt
  test "$(cat .env)" = secret
  rm .env
  expect 0 git agent-merge env --adopt
'

t 'a target with a rebase or merge going on is left alone' '
  cd r
  branch going going.txt x
  git rev-parse HEAD >.git/MERGE_HEAD
  expect 3 git agent-merge going --adopt 2>../err
  grep "a merge is going on" ../err
  rm .git/MERGE_HEAD
  expect 0 git agent-merge going --adopt
'

t 'a target that is checked out nowhere moves by itself' '
  cd r
  git branch release main
  branch rel rel.txt x
  expect 0 git agent-merge rel --adopt --into release
  git cat-file -e release:rel.txt
  expect 1 git cat-file -e main:rel.txt 2>/dev/null || expect 128 git cat-file -e main:rel.txt
'

t 'agents neither adopt nor merge features' '
  cd r
  branch agents agents.txt x
  export GIT_AGENT_NAME=backend GIT_AGENT_ROLE=builder
  expect 4 git agent-merge agents --adopt --json >../out.json
  test "$(json ../out.json "d[\"error\"][\"kind\"]")" = not_lead
'

t 'names with newlines, quotes and other bytes survive' '
  cd r
  git checkout -q -b odd main
  printf x >"a
b" && printf y >"$(printf "caf\351")" && printf z >"quo\"te"
  git add -A && git commit -q -m Odd && git checkout -q main
  git commit -q --allow-empty -m Move
  expect 0 git agent-merge odd --adopt
  test -f "a
b"
  test -z "$(git status --porcelain)"
'

t 'killed anywhere, the next merge ends it' '
  cd r
  for point in merge.before-begin merge.after-begin merge.after-move merge.after-end merge.after-branch; do
    name=kill-$(echo $point | tr . -)
    branch $name $name.txt x
    git commit -q --allow-empty -m "Before $name"
    GIT_AGENT_TEST_FAULT=$point expect 137 git agent-merge $name --adopt
    case $point in
    merge.after-end | merge.after-branch) expect 4 git agent-merge $name 2>../err; grep completed ../err ;;
    *) expect 0 git agent-merge $name ;;
    esac
    git cat-file -e main:$name.txt
    test -z "$(git status --porcelain)"
    test "$(git log --format=%s | grep -c "^Write $name.txt")" = 1
  done
'

t 'what is refused is not taken over' '
  cd r
  git checkout -q -b rules main && echo x >AGENTS.md && git add AGENTS.md && git commit -qm "Change the rules" && git checkout -q main
  before=$(git rev-parse refs/agent/ledger)
  expect 4 git agent-merge rules --adopt
  test "$(git rev-parse refs/agent/ledger)" = "$before"
'

t 'an abandoned merge that had not moved is given up by the next one' '
  cd r
  branch given given.txt x
  branch next next.txt x
  GIT_AGENT_TEST_FAULT=merge.after-begin expect 137 git agent-merge given --adopt
  expect 0 git agent-merge next --adopt
  git log --format=%s refs/agent/ledger | grep "merge given up"
  expect 0 git agent-merge given
'

t 'merges at the same time all arrive' '
  cd r
  for i in 1 2 3 4; do branch par$i par$i.txt $i; done
  for i in 1 2 3 4; do
    git agent-merge par$i --adopt >../par$i.out 2>&1 &
  done
  wait
  cat ../par*.out
  for i in 1 2 3 4; do git cat-file -e main:par$i.txt; done
  test -z "$(git status --porcelain)"
'

t 'an index that git holds for a moment is waited for' '
  cd r
  branch moment moment.txt 1
  : >.git/index.lock
  (sleep 0.5; rm .git/index.lock) &
  expect 0 git agent-merge moment --adopt
  test -f moment.txt
'

t 'a parent merges after its children, and takes none once it has' '
  new_repo kin
  cd kin
  git agent-task add Whole --slug whole >/dev/null
  expect 0 git agent-spin whole --no-launch
  work whole whole.txt x
  expect 0 git agent-task done whole
  git agent-task add Part --slug part --parent whole >/dev/null
  expect 4 git agent-merge whole 2>../err
  grep "unfinished children: part" ../err
  expect 4 git agent-task cancel whole -m "not now" 2>../err
  grep "unfinished children: part" ../err
  expect 0 git agent-spin part --no-launch
  expect 4 git agent-task edit part --parent "" 2>../err
  grep "has a branch already" ../err
  work part part.txt x
  expect 0 git agent-task done part
  expect 0 git agent-merge part
  expect 0 git agent-merge whole --adopt
  git cat-file -e main:part.txt
  expect 4 git agent-task add Late --parent whole 2>../err
  grep "takes no more children" ../err
'

t 'an agent does not make itself a lead' '
  cd kin
  GIT_AGENT_NAME=mole GIT_AGENT_ROLE=builder expect 4 git agent-spin helper -d x --role lead --no-launch --json >../out
  test "$(json ../out "d[\"error\"][\"kind\"]")" = not_lead
'

t 'gates that nobody has trusted do not run, and nothing moves' '
  new_repo g
  cd g
  gated
  mv "$XDG_CONFIG_HOME/git-agent/trust" ../trust
  branch untrusted untrusted.txt x
  expect 4 git agent-merge untrusted --adopt --json >../out.json
  test "$(json ../out.json "d[\"error\"][\"kind\"]")" = not_trusted
  mv ../trust "$XDG_CONFIG_HOME/git-agent/trust"
  expect 0 git agent-merge untrusted
  test "$(trailer Agent-Gates HEAD)" = "test=pass"
'

t 'what is not done is not merged, and the refusal says who works on it' '
  cd g
  expect 0 git agent-spin search -d "Search" --no-launch
  work search bad.txt x
  expect 4 git agent-merge search 2>../err
  grep "not done yet: .* works on it" ../err
  expect 0 git agent-task done search -m "Chose an inverted index"
  work search more.txt x
  expect 4 git agent-merge search 2>../err
  grep "commits after the one that was submitted" ../err
  git -C ../g.agents/search reset -q --hard HEAD~1
'

t 'no file makes a gate green: a merge runs it, whatever the cache says' '
  cd g
  branch forged bad.txt x
  git checkout -q forged
  GIT_AGENT_NAME=mallory expect 1 git agent-gate run --gate test
  expect 1 git agent-gate run --gate test
  # The lead'\''s own verdict, as anybody with this account can write it.
  for file in $(find .git/agent/gate-cache -type f); do
    sed "s/\"verdict\":\"fail\"/\"verdict\":\"pass\"/;s/\"exit_code\":1/\"exit_code\":0/" "$file" >../pass && mv ../pass "$file"
  done
  expect 0 git agent-gate run --gate test --json >../out.json
  test "$(json ../out.json "d[\"data\"][\"gates\"][0][\"cached\"]")" = true
  git checkout -q main
  expect 1 git agent-merge forged --adopt
  test "$(git rev-parse main)" = "$(git merge-base main forged)"
  rm -rf .git/agent/gate-cache
  expect 0 git agent-task cancel forged -m "Forged"
'

t 'a red gate moves nothing and sends the task back with what it said' '
  cd g
  before=$(git rev-parse main)
  expect 1 git agent-merge search --json >../out.json
  test "$(json ../out.json "d[\"error\"][\"kind\"]")" = gate_failed
  test "$(json ../out.json "d[\"data\"][\"merge\"][\"gates\"][0][\"verdict\"]")" = fail
  json ../out.json "d[\"error\"][\"message\"]" | grep "bad.txt is here"
  test "$(git rev-parse main)" = "$before"
  test "$(field search status)" = in_progress
  test "$(field search iteration)" = 1
  field search reason | grep "bad.txt is here"
'

t 'mended, it goes in with its decision; the worktree follows' '
  cd g
  (cd ../g.agents/search && git mv bad.txt good.txt && git commit -q -m "Be good")
  git commit -q --allow-empty -m "Meanwhile"
  expect 0 git agent-task done search -m "Chose an inverted index"
  expect 0 git agent-merge search
  test "$(trailer Agent-Gates HEAD)" = "test=pass"
  test "$(trailer Agent-Decision HEAD)" = "Chose an inverted index"
  trailer Agent-Task HEAD~1 | grep "^search "
  test -z "$(trailer Agent-Gates HEAD~1)"
  test "$(git -C ../g.agents/search rev-parse HEAD)" = "$(git rev-parse main)"
  test -z "$(git -C ../g.agents/search status --porcelain)"
  test "$(field search status)" = completed
  test "$(field search commit)" = "$(git rev-parse main)"
'

t 'a worktree with changes stays where it is, and says so' '
  cd g
  expect 0 git agent-spin stays -d "Stays" --no-launch
  work stays stays.txt x
  expect 0 git agent-task done stays
  git commit -q --allow-empty -m "Meanwhile"
  echo mine >../g.agents/stays/mine.txt
  tip=$(git rev-parse agent/stays)
  expect 0 git agent-merge stays 2>../err
  grep "stays where it was" ../err
  test "$(git rev-parse agent/stays)" = "$tip"
  test "$(cat ../g.agents/stays/mine.txt)" = mine
'

t 'a child goes into the branch of its parent, by an agent too, and unblocks its sibling' '
  cd g
  expect 0 git agent-task add Feature --slug feat
  expect 0 git agent-task add First --slug first --parent feat
  expect 0 git agent-task add Second --slug second --parent feat --needs first
  expect 0 git agent-spin first --no-launch
  work first first.txt x
  expect 0 git agent-task done first
  before=$(git rev-parse main)
  GIT_AGENT_NAME=boss GIT_AGENT_ROLE=feature-lead expect 0 git agent-merge first --json >../out.json
  test "$(json ../out.json "d[\"data\"][\"merge\"][\"target\"]")" = agent/feat
  test "$(json ../out.json "d[\"data\"][\"merge\"][\"unblocked\"]")" = "[\"$(field second id)\"]"
  test "$(git rev-parse main)" = "$before"
  git cat-file -e agent/feat:first.txt
  trailer Agent-Gates agent/feat | grep "test=pass"
'

t 'the feature itself is the lead'"'"'s to merge, unless the policy says green; the child'"'"'s trailers stay' '
  cd g
  expect 0 git agent-task cancel second -m "Not needed"
  expect 0 git agent-spin feat --no-launch
  work feat feat.txt x
  expect 0 git agent-task done feat
  GIT_AGENT_NAME=boss GIT_AGENT_ROLE=feature-lead expect 4 git agent-merge feat --json >../out.json
  test "$(json ../out.json "d[\"error\"][\"kind\"]")" = not_lead
  expect 0 git agent-merge feat
  trailer Agent-Task HEAD | grep "^feat "
  trailer Agent-Task HEAD~1 | grep "^first "
  test "$(trailer Agent-Gates HEAD~1)" = "test=pass"
'

t 'squashed or rebased into the target by hand, it is no conflict' '
  new_repo byhand
  cd byhand
  for name in squashed-x rebased-x; do
    git agent-spin $name -d x --no-launch >/dev/null
    work $name $name.txt 1
    (cd ../byhand.agents/$name && echo 2 >$name.txt && git commit -qam Second)
    (cd ../byhand.agents/$name && git agent-task done -m "It is there" >/dev/null)
  done
  git merge -q --squash agent/squashed-x >/dev/null && git commit -qm "Squashed by hand"
  squash=$(git rev-parse HEAD)
  git cherry-pick agent/rebased-x~2..agent/rebased-x >/dev/null
  for name in squashed-x rebased-x; do echo 3 >$name.txt && git commit -qam "Later in $name"; done
  before=$(git rev-parse main)
  for name in squashed-x rebased-x; do
    expect 0 git agent-merge $name --dry-run
    expect 0 git agent-merge $name --json >../$name.json 2>../err
    grep "is in main already" ../err
    test "$(field $name status)" = completed
  done
  test "$(git rev-parse main)" = "$before"
  test "$(json ../squashed-x.json "set(d[\"data\"][\"merge\"][\"commits\"].values()) == {\"$squash\"}")" = true
  test "$(json ../rebased-x.json "sorted(d[\"data\"][\"merge\"][\"commits\"].values()) == sorted(\"$(git log -4 --format=%H --grep="Write rebased-x\|^Second" main | tr "\n" " ")\".split())")" = true
'

t 'a conflict found at merge is resolved in the same worktree' '
  cd g
  expect 0 git agent-spin clash -d "Clash" --no-launch
  work clash clash.txt theirs
  expect 0 git agent-task done clash
  echo ours >clash.txt && git add clash.txt && git commit -q -m Ours
  expect 3 git agent-merge clash
  test "$(field clash status)" = in_progress
  field clash reason | grep clash.txt
  (cd ../g.agents/clash && git rebase -q main >/dev/null 2>&1 || :)
  (cd ../g.agents/clash && echo both >clash.txt && git add clash.txt && GIT_EDITOR=true git rebase --continue >/dev/null)
  expect 0 git agent-task done clash
  expect 0 git agent-merge clash
  test "$(cat clash.txt)" = both
'

t 'a pull request: by gh or glab where the remote is such a host, else address and text' '
  new_repo pr && cd pr && git agent-init >/dev/null
  git init -q --bare ../pr.git
  mkdir ../fake
  for program in gh glab; do
    printf "#!/bin/sh\nfor a; do printf \"<%%s>\" \"\$a\"; done >%s\nif [ -e %s ]; then echo no rights >&2; exit 1; fi\necho Creating; echo https://host.example/pull/7\n" "$TEST_DIR/$program.args" "$TEST_DIR/broken" >"../fake/$program"
    chmod +x "../fake/$program"
  done
  git agent-spin req -d "Make it quick
- [ ] It is quick" --no-launch >/dev/null
  echo x >../pr.agents/req/x && git -C ../pr.agents/req add x && git -C ../pr.agents/req commit -q -m "Quick"
  expect 4 git agent-merge req --pr
  git agent-task accept req 1 --evidence "measured" >/dev/null && git agent-task done req >/dev/null 2>&1
  expect 128 git agent-merge req --pr
  tip=$(git rev-parse agent/req)
  there() { git --git-dir=../pr.git rev-parse -q --verify agent/req || echo none; }
  git remote add origin "$TEST_DIR/pr.git"
  # Nothing is pushed before it is asked for, nor by agents.
  expect 0 git agent-merge req --pr --dry-run
  GIT_AGENT_NAME=bob expect 4 git agent-merge req --pr
  test "$(there)" = none
  # What needs an approval here goes nowhere without it either.
  git agent-spin sly -d "Sly" --no-launch >/dev/null 2>&1
  (cd ../pr.agents/sly && echo "Obey" >AGENTS.md && git add AGENTS.md && git commit -q --no-verify -m "Obey")
  git agent-task done sly >/dev/null 2>&1
  expect 4 git agent-merge sly --pr 2>../err
  grep "AGENTS.md" ../err
  test -z "$(git --git-dir=../pr.git for-each-ref refs/heads/agent/sly)"
  # A plain remote.
  expect 0 git agent-merge req --pr --json >../out.json
  test "$(there)" = "$tip"
  test "$(json ../out.json "[d[\"data\"][\"pull_request\"][k] for k in (\"host\", \"opened\", \"url\", \"branch\", \"target\")]")" = "[\"plain\", false, null, \"agent/req\", \"main\"]"
  json ../out.json "d[\"data\"][\"pull_request\"][\"text\"]" >../text
  grep -x -e "- \[x\] It is quick -- measured" ../text
  grep "^Agent-Task: req " ../text
  # GitHub without gh: where to go.
  git config remote.origin.url git@github.com:me/shelf.git
  git config remote.origin.pushurl "https://user:pass@github.com/me/shelf.git"
  expect 0 git agent-merge req --pr --dry-run >../out
  grep "https://github.com/me/shelf/compare/main...agent%2freq?expand=1" ../out
  ! grep pass ../out
  # With gh: it is opened, in its words.
  git config --unset remote.origin.pushurl
  printf "#!/bin/sh\ncase \" \$* \" in *\" push --quiet \"*) exit 0 ;; esac\nexec %s \"\$@\"\n" "$(command -v git)" >../fake/git && chmod +x ../fake/git
  PATH=$TEST_DIR/fake:$PATH
  expect 0 git-agent merge req --pr --json >../out.json
  test "$(json ../out.json "[d[\"data\"][\"pull_request\"][k] for k in (\"opened_by\", \"url\")]")" = "[\"gh\", \"https://host.example/pull/7\"]"
  grep "^<pr><create><--repo><github.com/me/shelf><--base><main><--head><agent/req><--title><Make it quick>" ../gh.args
  git agent-bead list | grep "Pull request opened into main: https://host.example/pull/7"
  git config remote.origin.url https://gitlab.example.org/group/sub/shelf.git
  expect 0 git-agent merge req --pr >../out
  grep "opened a pull request for req into main: https://host.example/pull/7" ../out
  grep "^<mr><create><--repo><gitlab.example.org/group/sub/shelf><--target-branch><main><--source-branch><agent/req>" ../glab.args
  # One that fails leaves the way by hand.
  touch ../broken
  expect 0 git-agent merge req --pr >../out 2>../err
  grep "no rights" ../err
  grep "https://gitlab.example.org/group/sub/shelf/-/merge_requests/new?merge_request%5Bsource_branch%5D=agent%2freq" ../out
  test "$(git agent-task show req --json | json - "d[\"data\"][\"task\"][\"status\"]")" = in_review
'

done_testing

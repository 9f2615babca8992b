# git agent-gate scan and explain: what is looked at, what is said, and whose word counts.
. "$(dirname "$0")/../lib.sh"

# Made here, so that no secret stands in the repository: twenty letters as Amazon gives them.
part=QWERTYUIOPASDFGH
secret=AKIA$part
rules=$GIT_AGENT_SOURCE_ROOT/../shared/data/gates/gitleaks.toml
export secret rules

t 'files, directories and standard input' '
  mkdir -p plain/dir/.git plain/empty && cd plain
  printf "one\nkey = \"%s\"\n" "$secret" >dir/a.txt
  printf "key = \"%s\"\n" "$secret" >dir/.git/config
  echo clean >b.txt
  expect 1 git agent-gate scan >../out 2>../err
  grep -x "dir/a.txt:2:8: aws-access-[a-z-]*: .* (AKIA... (20 bytes))" ../out
  test "$(grep -c aws ../out)" = 1
  grep -E "^secrets: 2 files, [0-9]+ B, [0-9]+ rules, [0-9]+ ms$" ../out
  grep -x "error: 1 finding" ../err
  expect 0 git agent-gate scan b.txt >../out
  grep "^secrets: 1 file, 6 B, " ../out
  expect 1 git agent-gate scan - <dir/a.txt >../out
  grep "^standard input:2:8: " ../out
  expect 1 git agent-gate scan b.txt dir >../out
  grep "^dir/a.txt:2:8: " ../out
'

t 'nothing scanned is a failure, and so is what is not there' '
  cd plain
  expect 128 git agent-gate scan empty 2>err
  grep "nothing was scanned" err
  expect 128 git agent-gate scan no-such-file
  expect 129 git agent-gate scan --format xml
  expect 129 git agent-gate scan --staged b.txt
  expect 129 git agent-gate scan --config no-such-file
  expect 128 git agent-gate scan --staged
  skip=$(id -u)
  test "$skip" = 0 || {
    mkdir closed && echo x >closed/f && chmod 000 closed/f
    expect 1 git agent-gate scan closed >out
    grep "not-scanned" out
  }
'

t 'one JSON document, SARIF and gitleaks reports, and the secret in none' '
  cd plain
  rm -f out err
  expect 1 git agent-gate scan --json >../json
  mv ../json .
  test "$(json json "d[\"ok\"], d[\"error\"][\"kind\"], d[\"cmd\"]")" = "[false, \"gate_failed\", \"gate.scan\"]"
  test "$(json json "[(f[\"file\"], f[\"line\"], f[\"column\"]) for f in d[\"data\"][\"findings\"]]")" = \
    "[[\"dir/a.txt\", 2, 8]]"
  test "$(json json "d[\"data\"][\"coverage\"][\"texts\"]")" = 2
  expect 1 git agent-gate scan --format json >json2
  test "$(json json2 "d[\"data\"][\"findings\"]")" = "$(json json "d[\"data\"][\"findings\"]")"
  expect 0 git agent-gate scan --json b.txt >clean
  test "$(json clean "d[\"ok\"], d[\"data\"][\"findings\"]")" = "[true, []]"
  expect 1 git agent-gate scan --format sarif >sarif
  test "$(json sarif "d[\"version\"], d[\"runs\"][0][\"results\"][0][\"locations\"][0][\"physicalLocation\"][\"region\"][\"startLine\"]")" = "[\"2.1.0\", 2]"
  expect 1 git agent-gate scan --format gitleaks >gitleaks
  test "$(json gitleaks "d[0][\"File\"], d[0][\"StartLine\"], d[0][\"Secret\"]")" = "[\"dir/a.txt\", 2, \"REDACTED\"]"
  expect 129 git agent-gate scan --json --format sarif
  ! grep -F "$secret" json json2 sarif gitleaks
'

t 'a baseline and a .gitleaksignore of ones own' '
  cd plain
  git agent-gate scan --format gitleaks >old.json || true
  expect 0 git agent-gate scan --baseline old.json
  git agent-gate scan --json >old2.json || true
  expect 0 git agent-gate scan --baseline old2.json dir
  printf "key = \"%s\"\n" "$secret" >new.txt
  expect 1 git agent-gate scan --baseline old.json >out
  test "$(grep -c aws out)" = 1
  rm new.txt
  rule=$(git agent-gate scan dir 2>&1 | sed -n "s/^dir.a.txt:2:8: \([a-z-]*\):.*/\1/p")
  echo "dir/a.txt:$rule:2" >.gitleaksignore
  expect 0 git agent-gate scan
  rm .gitleaksignore old*.json
  echo "not json" >x.json
  expect 128 git agent-gate scan --baseline x.json dir
  printf "key = \"%s\" # gitleaks""%s\n" "$secret" ":allow" >dir/b.txt
  expect 1 git agent-gate scan dir >out
  test "$(grep -c aws out)" = 1
  rm dir/b.txt x.json
'

t 'a configuration of gitleaks, and what is wrong with one' '
  cd plain
  printf "[[rules]]\nid = \"word\"\nregex = \"w(or)d\"\nKeyWords = [\"WORD\"]\nfancy = 1\n" >r.toml
  echo "a word" >w.txt
  expect 1 git agent-gate scan --config r.toml w.txt >out 2>err
  grep "^w.txt:1:3: word" out
  grep "nothing reads" err
  printf "[extend]\npath = \"r.toml\"\n[[rules]]\nid = \"a\"\nregex = \"a \"\n" >more.toml
  expect 1 git agent-gate scan --config more.toml w.txt >out
  test "$(grep -c "^w.txt:1" out)" = 2
  printf "\n[[rules]]\nid = \"look\"\nregex = \"(?=x)\"\n" >bad.toml
  expect 128 git agent-gate scan --config bad.toml w.txt 2>err
  grep "^error: bad.toml:4: rule look: the pattern" err
  rm *.toml w.txt
'

t 'explain says what a rule looks for' '
  cd plain
  printf "[[rules]]\nid = \"word\"\ndescription = \"A word.\"\nregex = \"w(or)d\"\nkeywords = [\"word\"]\nentropy = 1.5\n" >r.toml
  expect 0 git agent-gate explain --config r.toml word >out
  grep -x "word: A word." out
  grep -x "pattern     w(or)d" out
  grep -x "entropy     more than 1.5 bits a character" out
  git agent-gate explain --config r.toml word --json >json
  test "$(json json "d[\"data\"][\"rule\"][\"keywords\"]")" = "[\"word\"]"
  expect 1 git agent-gate explain --config r.toml wor 2>err
  grep "there is word" err
  expect 129 git agent-gate explain
  rm r.toml
'

t 'staged: exactly what the commit would bring' '
  new_repo staged && cd staged
  expect 0 git agent-gate scan --staged >out
  grep "^secrets: 0 blobs, " out
  printf "key = \"%s\"\n" "$secret" >a.txt
  git add a.txt
  echo clean >a.txt
  expect 1 git agent-gate scan --staged >out
  grep "^a.txt:1:8: " out
  git add a.txt
  printf "key = \"%s\"\n" "$secret" >a.txt
  expect 0 git agent-gate scan --staged >out
  grep "^secrets: 1 blob, 6 B, " out
  # The index that Git names is the one that counts.
  cp .git/index other && GIT_INDEX_FILE=$PWD/other git add a.txt
  GIT_INDEX_FILE=$PWD/other expect 1 git agent-gate scan --staged
  expect 0 git agent-gate scan --staged
'

t 'a range: every commit on the way, not only the last' '
  cd staged && rm other
  git commit -q -m "Add a file" && git rev-parse HEAD >base
  printf "key = \"%s\"\n" "$secret" >b.txt && git add b.txt && git commit -q -m "Add the key"
  leak=$(git rev-parse HEAD)
  git rm -q b.txt && git commit -q -m "Take it out"
  expect 1 git agent-gate scan --range "$(cat base).." --json >json
  test "$(json json "[(f[\"file\"], f[\"commit\"]) for f in d[\"data\"][\"findings\"]]")" = "[[\"b.txt\", \"$leak\"]]"
  expect 0 git agent-gate scan --range HEAD~1..HEAD >out
  expect 0 git agent-gate scan --range HEAD..HEAD
  expect 129 git agent-gate scan --range HEAD
  expect 129 git agent-gate scan --range nowhere..HEAD
'

t 'the whole history, each blob once, with the commit that brought it' '
  cd staged
  leak=$(git rev-parse HEAD~1)
  expect 1 git agent-gate scan --history --format gitleaks >json
  test "$(json json "[(f[\"File\"], f[\"Commit\"], f[\"Author\"]) for f in d]")" = "[[\"b.txt\", \"$leak\", \"Test Person\"]]"
  git agent-gate scan --history --json >json || true
  echo "$(json json "d[\"data\"][\"findings\"][0][\"fingerprint\"]")" >.gitleaksignore
  expect 0 git agent-gate scan --history
  rm .gitleaksignore
'

t 'what is being judged lets nothing of its own pass' '
  new_repo judged && cd judged
  printf "key = \"%s\" # gitleaks""%s\n" "$secret" ":allow" >a.txt
  git add a.txt
  expect 1 git agent-gate scan --staged >out
  grep "the allow comment on this line is not approved" out
  rule=$(sed -n "s/^a.txt:1:8: \([a-z-]*\):.*/\1/p" out)
  echo "a.txt:$rule:1" >.gitleaksignore && git add .gitleaksignore
  expect 1 git agent-gate scan --staged
  # On the target it counts.
  git reset -q && git add .gitleaksignore && git commit -q -m "Let it pass" && git add a.txt
  expect 0 git agent-gate scan --staged
'

t 'rules of the policy: own ones, and a file of gitleaks on the target alone' '
  new_repo policy && cd policy
  cat >.git-agent.toml <<\END
[scan]
config = "rules.toml"
[[rule]]
id = "console-log"
description = "Debugging output."
regex = "(?<!no)console\\.log\\("
files = ["src/**/*.js"]
on = ["pre-commit"]
END
  printf "[[rules]]\nid = \"pin\"\nregex = \"pin=[0-9]+\"\n" >rules.toml
  git add . && git commit -q -m "Set the policy"
  mkdir src && echo "console.log(1)" >src/a.js && echo "console.log(1)" >b.js && echo "pin=12" >c
  printf "[[rules]]\nid = \"none\"\nregex = \"zzz\"\n" >rules.toml
  git add .
  expect 1 git agent-gate scan --staged >out
  test "$(grep -c ": console-log: Debugging output." out)" = 1
  grep "^src/a.js:1:1: " out
  grep "^c:1:1: pin" out
  git agent-gate explain console-log | grep -x "files       src/\*\*/\*.js"
  git rm -q --cached rules.toml && git commit -q -m "Take the rules away" && echo x >d && git add d
  expect 128 git agent-gate scan --staged 2>err
  grep "rules.toml" err
'

skip_unless 'test -r "$rules"' "the rules of gitleaks are not there"

t 'the rules of gitleaks, unmodified' '
  cd plain
  expect 0 git agent-gate scan --config "$rules" b.txt >out 2>err
  grep "222 rules" out
  test ! -s err
  printf "aws_key = \"%s\"\nauth_token = \"%s%s\"\n" "$secret" "q9Zr2Lw8Xv" "5Tn3Bk7Mj1Hd6" >k.txt
  expect 1 git agent-gate scan --config "$rules" k.txt >out
  grep "^k.txt:1:12: aws-access-token" out
  grep "^k.txt:2:1: generic-api-key" out
  rm k.txt
'

t 'a finding that a curator lets stay passes until its day, and only that one' '
  new_repo allow && cd allow && git agent-init >/dev/null
  ssh-keygen -q -t ed25519 -N "" -C lena -f "$HOME/allowing"
  git config agent.signingKey "$HOME/allowing"
  mkdir -p .git-agent && echo "lena@example.org namespaces=\"git-agent\" $(cat "$HOME/allowing.pub")" >.git-agent/curators
  git add -A && git commit -qm "Name who may approve"
  printf "key = \"%s%s\"\n" AKIA QWERTYUIOPASDFGH >config.txt
  git add config.txt
  expect 1 git commit -qm "A key"
  expect 1 git agent-gate scan --staged --json >s.json
  finding=$(json s.json "d[\"data\"][\"findings\"][0][\"fingerprint\"]")
  GIT_AGENT_NAME=bob expect 4 git agent-gate allow "$finding" -m "Mine"
  expect 129 git agent-gate allow "$finding"
  expect 129 git agent-gate allow nonsense -m "x"
  expect 129 git agent-gate allow "$finding" -m "x" --until 2020-01-01
  expect 1 git commit -qm "A key"
  expect 0 git agent-gate allow "$finding" -m "The vendor prints it in its manual" --until 2099-12-31
  git agent-gate allow | grep "vendor prints" | grep counts
  git commit -qm "A key"
  printf "key = \"%s%s\"\n" AKIA POIUYTREWQLKJHGF >>config.txt
  git add config.txt
  expect 1 git commit -qm "Another"
  git checkout -q HEAD -- config.txt
  # The same for what an agent hands over, commit by commit, until it is merged.
  rule=$(echo "$finding" | cut -d: -f2)
  git agent-spin keyed -d "Keyed" --no-launch >/dev/null 2>&1
  (cd ../allow.agents/keyed && printf "key = \"%s%s\"\n" AKIA ZXCVBNMASDFGHJKL >vendor.txt && git add vendor.txt &&
    git commit -q --no-verify -m "Key" && echo x >more.txt && git add more.txt && git commit -q --no-verify -m "More")
  expect 1 git agent-task done keyed
  expect 0 git agent-gate allow "vendor.txt:$rule:1" -m "It is in the manual"
  expect 0 git agent-task done keyed
  expect 0 git agent-merge keyed
'

done_testing

# The rules that are part of the program: each finds what it is for, and none what only looks like it.
. "$(dirname "$0")/../lib.sh"

pack=$GIT_AGENT_SOURCE_ROOT/lib/scan/rules/pack.toml
samples=$GIT_AGENT_SOURCE_ROOT/tests/e2e/pack-samples.py

skip_all_unless 'python3 -c "import tomllib"' 'Python here reads no TOML'
skip_all_unless '! git agent-gate scan --none 2>&1 | grep "is not a verb"' 'git agent-gate has no verb scan'
new_repo r

# The ids of the rules that found something in the files below a directory, each with its file.
found_in() {
  git agent-gate scan --config "$pack" --format gitleaks "$1" >report.json || [ $? = 1 ] || return 1
  python3 -c 'import json, sys
for each in json.load(open("report.json")): print(each["RuleID"], each["File"])' | sort -u
}

t 'the pack is read, and large' '
  cd r
  test "$(grep -c "^\[\[rules\]\]" "$pack")" -ge 300
  test -z "$(sed -n "s/^id = //p" "$pack" | sort | uniq -d)"
  echo nothing >plain.txt
  expect 0 git agent-gate scan --config "$pack" plain.txt
'

t 'every rule finds samples of what it is for' '
  cd r
  python3 "$samples" "$pack" "$TEST_DIR/samples" 2
  found_in "$TEST_DIR/samples" >found
  for directory in "$TEST_DIR"/samples/*/; do
    id=$(basename "$directory")
    for file in "$directory"*; do
      # What two rules know is told once, by the one that says more.
      grep -q " .*/samples/$id/$(basename "$file")$" found || echo "$id: $file"
    done
  done >missed
  cat missed
  test ! -s missed
'

t 'what stands for a secret, and what only looks random, is not found' '
  mkdir -p "$TEST_DIR/negatives"
  cd "$TEST_DIR/negatives"
  cat >code.txt <<\END
api_key = os.environ["SERVICE_API_KEY"]
token: ${{ secrets.GITHUB_TOKEN }}
API_KEY=your-api-key-here
password = "changeme"
password: <password>
GITHUB_TOKEN=ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
postgresql://postgres:postgres@localhost:5432/app
postgres://app:${DB_PASSWORD}@db/app
https://user:<password>@example.org/
publicKeyHash = "b1946ac92492d2347c6235b4d2611184"
primaryKey=id_of_the_order_2
credentialsId: "3f1de0c2-6f0a-4c4e-9b0a-6a2b0f5f2f10"
"keyboard_layout": "de-latin1-nodeadkeys"
author = "someone@example.org"
uses: actions/checkout@8e5e7e5ab8b370d6c329ec480221332ada57f0ab
"integrity": "sha512-yHb5k0bE3M0q0Y2bM1q8Q2p0Yb3m2Yxq5hY7Wn5M3k3vVYx6G6n0Qf7v0r9j1J0Q2m3n4o5p6q7r8s9t0u1v2w=="
key = self._lib.NID_X25519
SignatureScheme = PKCS1WithSHA256
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
const keyCharacters = "abcdefghijklmnopqrstuvwxyz0123456789"
curl -u user:password https://example.org/
END
  printf "golang.org/x/oauth2 v0.15.0 h1:s8pnnxNVzjWyrvYdFUQq5llS1PX2zhPXmccZv99h7uQ=\n" >go.sum
  cd "$TEST_DIR/r"
  found_in "$TEST_DIR/negatives" >found
  cat found
  test ! -s found
'

done_testing

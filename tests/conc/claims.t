# Twenty processes claim from one pool at the same moment; some are killed. Nobody gets what another has.
. "$(dirname "$0")/../lib.sh"

t 'twenty agents claim 200 tasks: no doubles, none lost' '
  new_repo r
  cd r
  python3 -c "
import json
for i in range(200): print(json.dumps({\"title\": f\"Task {i}\", \"slug\": f\"task-{i}\"}))" >../in
  git-agent task add --json-lines ../in >/dev/null
  cat >../claimer.sh <<"END"
cd "$TEST_DIR/r"
GIT_AGENT_NAME=agent$1
export GIT_AGENT_NAME
n=0
while [ $n -lt 10 ]; do
  n=$((n + 1))
  slug=$(git-agent task next 2>/dev/null | awk "{print \$2}")
  [ -n "$slug" ] || { echo "agent$1 got nothing" >>"$TEST_DIR/failures"; exit 1; }
  echo "$slug" >>"$TEST_DIR/got.$1"
  git-agent task done "$slug" >/dev/null 2>&1 || exit 1
done
END
  i=0; pids=
  while [ $i -lt 20 ]; do i=$((i + 1)); sh ../claimer.sh $i & pids="$pids $!"; done
  for p in $pids; do wait $p; done
  test ! -e ../failures
  test "$(cat ../got.* | sort | uniq -d | wc -l)" = 0
  test "$(cat ../got.* | wc -l)" = 200
'

t 'ten agents want the same task: one gets it, nine are told who' '
  cd r
  git-agent task add Wanted --slug wanted-x >/dev/null
  i=0; pids=
  while [ $i -lt 10 ]; do
    i=$((i + 1))
    ( code=0; GIT_AGENT_NAME=agent$i git-agent task claim wanted-x >/dev/null 2>../said.$i || code=$?; echo $code >../code.$i ) & pids="$pids $!"
  done
  for p in $pids; do wait $p; done
  test "$(cat ../code.* | grep -cx 0)" = 1
  test "$(cat ../code.* | grep -cx 3)" = 9
  test "$(grep -l "claimed by agent" ../said.* | wc -l)" = 9
'

done_testing

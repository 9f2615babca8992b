. "$(dirname "$0")/../lib.sh"

new_repo r
cd r
git agent-init >/dev/null
git add -A && git commit -qm "Take up git-agent"
git agent-task add "Parse the header" --slug parse --owns "src/parse/**" --label fast >/dev/null
git agent-task add "Print the header" --slug print --needs parse >/dev/null
git agent-task add "Both" --slug both >/dev/null
git agent-task add "A part" --slug part --parent both --needs print >/dev/null

# The answer as CSV, without the names.
ask() {
  git agent-sql --csv "$1" | tail -n +2
}

t 'what stands in the views is what the commands say' '
  GIT_AGENT_NAME=ada git agent-task claim parse 2>/dev/null >/dev/null
  git agent-task list --all --json >l.json
  for slug in parse print both part; do
    said=$(json l.json "next(t for t in d[\"data\"][\"tasks\"] if t[\"slug\"] == \"$slug\")[\"status\"]")
    test "$(ask "SELECT status FROM tasks WHERE slug = \"$slug\"")" = "$said"
  done
  test "$(ask "SELECT slug, agent, labels FROM tasks WHERE agent IS NOT NULL")" = "parse,ada,\"[\"\"fast\"\"]\""
  test "$(ask "SELECT t.slug, c.agent, c.host IS NOT NULL, c.fence FROM claims c JOIN tasks t ON t.id = c.task")" = \
    "parse,ada,1,$(git show refs/agent/ledger:op | json - "d[\"id\"]")"
  test "$(ask "SELECT glob, owner FROM locks")" = "src/parse/**,ada"
  test "$(ask "SELECT count(*) FROM tasks WHERE ready")" = "$(git agent-task ready --json | json - "len(d[\"data\"][\"tasks\"])")"
'

t 'dependencies are lifted as they count' '
  test "$(ask "SELECT t.slug, n.slug, b.slug, d.satisfied FROM dependencies d JOIN tasks t ON t.id = d.task
    JOIN tasks n ON n.id = d.needs JOIN tasks b ON b.id = d.blocker ORDER BY 1")" = "$(printf "part,print,print,0\nprint,parse,parse,0")"
  GIT_AGENT_NAME=ada git agent-task done parse >/dev/null 2>&1
  test "$(ask "SELECT count(*) FROM dependencies WHERE satisfied")" = 1
'

t 'events are every operation, also those after the first question' '
  count=$(git agent-log --json | json - "len(d[\"data\"][\"entries\"])")
  test "$(ask "SELECT count(*), max(seq) FROM events")" = "$count,$count"
  test "$(ask "SELECT actor, role, person FROM events WHERE kind = \"task.claim\"")" = "ada,builder,0"
  git agent-task note both "later" >/dev/null
  test "$(ask "SELECT count(*) FROM events")" = "$((count + 1))"
  test "$(ask "SELECT e.kind, t.slug FROM events e JOIN tasks t ON t.id = e.task ORDER BY seq DESC LIMIT 1")" = "task.note,both"
  git agent-doctor >/dev/null
'

t 'questions at the same time give each operation once' '
  python3 -c "
import sqlite3
db = sqlite3.connect(\".git/agent/index.db\")
db.execute(\"DELETE FROM events\")
db.execute(\"DELETE FROM meta WHERE key = \x27events_head\x27\")
db.commit()"
  for n in 1 2 3 4 5 6 7 8; do
    git agent-sql --csv "SELECT count(*), count(DISTINCT id) FROM events" >../n.$n &
  done
  wait
  count=$(git agent-log --json | json - "len(d[\"data\"][\"entries\"])")
  for n in 1 2 3 4 5 6 7 8; do test "$(tail -1 ../n.$n)" = "$count,$count"; done
  test "$(ask "SELECT count(*), count(DISTINCT id) FROM events")" = "$count,$count"
'

t 'events follow when the ledger has gone another way' '
  before=$(git rev-parse refs/agent/ledger)
  git agent-task note both "will be gone" >/dev/null
  ask "SELECT count(*) FROM events" >/dev/null
  git update-ref refs/agent/ledger "$before"
  git agent-task note both "stays" >/dev/null
  test "$(ask "SELECT count(*) FROM events")" = "$(git agent-log --json | json - "len(d[\"data\"][\"entries\"])")"
  test "$(ask "SELECT count(DISTINCT seq), count(DISTINCT id) FROM events")" = "$(ask "SELECT count(*), count(*) FROM events")"
'

t 'search finds words in beads, whatever the case and accents' '
  git agent-bead add -m "Résumés are kept in JSON: no server" --evidence "measured 0.2 ms" >/dev/null
  git agent-bead add -m "Something else" >/dev/null
  test "$(ask "SELECT kind, text FROM search WHERE search MATCH \"resumes json\"")" = "decision,\"Résumés are kept in JSON: no server
measured 0.2 ms\""
  test "$(ask "SELECT count(*) FROM search WHERE search MATCH \"measured\"")" = 1
  test "$(ask "SELECT b.kind FROM search s JOIN beads b ON b.id = s.id WHERE search MATCH \"server\"")" = decision
  expect 1 git agent-sql "SELECT * FROM search WHERE search MATCH \"nonsense\"" 2>/dev/null
  expect 129 git agent-sql "SELECT * FROM search WHERE search MATCH \"(\"" 2>err
  grep "fts5: syntax error" err
'

t 'gates leave their verdicts' '
  printf "[[gate]]\nname = \"test\"\non = [\"task-done\", \"merge\"]\nrun = \"test -f green\"\n" >.git-agent.toml
  git add -A && git commit -qm "A gate" && git agent-gate trust "$(git agent-gate list --json | json - "d[\"data\"][\"hash\"]")" >/dev/null
  git agent-spin feature -d "Do it" --no-launch >/dev/null
  cd ../r.agents/feature && echo y >y.txt && git add y.txt && git commit -qm "Try"
  expect 1 git agent-task done feature >/dev/null 2>&1
  echo g >green && git add green && git commit -qm "Make it green"
  expect 0 git agent-task done feature >/dev/null 2>&1
  cd ../../r && expect 0 git agent-merge feature >/dev/null 2>&1
  test "$(ask "SELECT gate, verdict, event FROM gate_runs WHERE gate = \"test\" ORDER BY time, verdict, event")" = "$(printf "test,fail,task-done\ntest,pass,merge\ntest,pass,task-done")" ||
    test "$(ask "SELECT gate, verdict, event FROM gate_runs WHERE gate = \"test\" ORDER BY verdict, event")" = "$(printf "test,fail,task-done\ntest,pass,merge\ntest,pass,task-done")"
  test "$(ask "SELECT gate, sum(verdict = \"fail\") FROM gate_runs WHERE gate = \"test\" GROUP BY gate")" = "test,1"
  test "$(ask "SELECT t.slug, m.target, m.new_id FROM merges m JOIN tasks t ON t.id = m.task")" = "feature,main,$(git rev-parse main)"
'

t 'runs and agents' '
  cat >"$TEST_DIR/agent.sh" <<\END
"$GIT_AGENT_BIN" task fail -m "too hard"
END
  export GIT_AGENT_SCRIPT="$TEST_DIR/agent.sh"
  git agent-spin hard -d "Do it" --profile script --attach </dev/null >/dev/null 2>&1 || :
  wait_until 10 sh -c "git agent-sql --csv \"SELECT count(*) FROM runs WHERE ended IS NOT NULL\" | grep -q 1"
  test "$(ask "SELECT t.slug, r.agent, r.client, r.branch, r.state FROM runs r JOIN tasks t ON t.id = r.task WHERE r.ended IS NOT NULL")" = \
    "hard,hard,script,agent/hard,failed"
  test "$(ask "SELECT client, runs, running FROM agents WHERE name = \"hard\"")" = script,1,0
  test "$(ask "SELECT name, tasks, completed, claims FROM agents WHERE name = \"ada\"")" = ada,1,1,0
'

t 'three forms of an answer' '
  expect 0 git agent-sql "SELECT 1 AS a, NULL AS b, 2.5 AS c, \"x,\"\"y\" AS d, CAST(122 AS BLOB) AS e" >out
  printf "a  b  c    d     e\n1     2.5  x,\"\"y  313232\n" | sed "s/\"\"/\"/" | diff - out
  expect 0 git agent-sql --csv "SELECT 1 AS a, NULL AS b, 2.5 AS c, \"x,\"\"y\" AS d" >out
  printf "a,b,c,d\n1,,2.5,\"x,\"\"y\"\n" | diff - out
  expect 0 git agent-sql --json "SELECT 1 AS a, NULL AS a, 2.5 AS c" >out
  test "$(json out "d[\"data\"]")" = "{\"columns\": [\"a\", \"a_2\", \"c\"], \"rows\": [{\"a\": 1, \"a_2\": null, \"c\": 2.5}], \"truncated\": false}"
  expect 1 git agent-sql --json "SELECT slug FROM tasks WHERE 0" >out
  test "$(json out "[d[\"ok\"], d[\"data\"][\"rows\"]]")" = "[true, []]"
'

t 'more rows than wanted are said to be there' '
  expect 0 git agent-sql -n 2 "SELECT slug FROM tasks" >out 2>err
  test "$(wc -l <out)" = 3
  grep "only the first 2 rows" err
  test "$(git agent-sql -n 2 --json "SELECT slug FROM tasks" 2>/dev/null | json - "d[\"data\"][\"truncated\"]")" = true
  test "$(git agent-sql -n 2 --json "SELECT slug FROM tasks LIMIT 2" | json - "d[\"data\"][\"truncated\"]")" = false
'

t 'nothing but reading the views' '
  git rev-parse refs/agent/ledger >before
  for query in "DELETE FROM tasks" "UPDATE tasks SET slug = 1" "INSERT INTO tasks VALUES (1)" "DROP VIEW tasks" \
    "CREATE TABLE x(a)" "CREATE TEMP VIEW v AS SELECT 1" "PRAGMA query_only = 0" "PRAGMA user_version" \
    "SELECT * FROM pragma_table_info(\"tasks\")" "ATTACH \"x.db\" AS x" "DETACH main" "VACUUM" "VACUUM INTO \"x.db\"" "BEGIN" "COMMIT" \
    "REINDEX" "ANALYZE" "SELECT load_extension(\"x\")" "SELECT * FROM main.tasks" "SELECT toml FROM bodies" "SELECT * FROM sqlite_master" \
    "SELECT * FROM temp.sqlite_temp_master" "SELECT * FROM search_data WHERE 0 OR \"search\"" "SELECT fts3_tokenizer(\"simple\")" \
    "WITH tasks AS (SELECT toml FROM main.bodies) SELECT * FROM tasks" "WITH tasks AS (SELECT sql FROM main.sqlite_master) SELECT * FROM tasks" \
    "SELECT toml FROM (SELECT toml FROM bodies) AS tasks" "SELECT member()" "SELECT member(1)" "SELECT member(1, 2)" "SELECT 1; PRAGMA query_only" \
    "SELECT 1; SELECT 2" "SELECT 1; DROP TABLE tasks" "SELECT ?" "" "-- nothing" "SELEC" "SELECT nope FROM tasks" "SELECT * FROM nope"; do
    expect 129 git agent-sql "$query" >out 2>err
    test ! -s out
    grep -q "^error: " err
  done
  expect 129 git agent-sql "DELETE FROM tasks" 2>err
  grep "only SELECT over the views is allowed" err
  grep "git agent-sql --schema" err
  test ! -e x.db
  git rev-parse refs/agent/ledger | diff before -
  git agent-doctor >/dev/null
'

t 'a query of the own tables is no view' '
  test "$(ask "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 5) SELECT count(*), sum(n) FROM c")" = 5,15
  test "$(ask "SELECT j.value FROM tasks t, json_each(t.owns) j")" = "src/parse/**"
  test "$(echo "SELECT 7 AS n; -- that is all" | git agent-sql --csv -F - | tail -1)" = 7
  echo "SELECT 8 AS n" >q.sql
  test "$(git agent-sql --csv --file q.sql | tail -1)" = 8
  expect 129 git agent-sql "SELECT 1" --file q.sql 2>/dev/null
  expect 129 git agent-sql 2>err
  grep "no query" err
'

t 'time and memory have an end' '
  expect 3 git agent-sql --timeout 1s "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c" 2>err
  grep "takes longer than 1 s" err
  expect 129 git agent-sql "SELECT zeroblob(100000000)" 2>err
  grep "too big" err
'

t 'what agents wrote does not reach a terminal raw' '
  git agent-bead add -m "$(printf "red \033[31m and \302\205 next")" >/dev/null
  git agent-sql "SELECT text FROM beads WHERE text LIKE \"red%\"" >out
  ! grep "$(printf "\033")" out
'

t 'a table and a document end well, whatever cuts them off' '
  expect 0 git agent-sql "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400) SELECT hex(zeroblob(200000)) AS h FROM n" >out 2>err
  test "$(wc -c <out)" -lt 20000000
  grep "only the first" err
  expect 3 git agent-sql --json --timeout 1s "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c WHERE n < 3 OR n = -1" >out 2>err
  test "$(json out "[d[\"data\"][\"truncated\"], len(d[\"data\"][\"rows\"])]")" = "[true, 2]"
  grep "takes longer" err
'

t 'a broken index is made anew' '
  git agent-sql "SELECT count(*) FROM tasks" >before
  printf "nonsense" >.git/agent/index.db
  rm -f .git/agent/index.db-*
  expect 0 git agent-sql "SELECT count(*) FROM tasks" >out
  diff before out
'

t 'an index that cannot be written is read all the same' '
  git agent-sql "SELECT count(*) FROM events" >before
  rm -rf .git/agent/index.db*
  mkdir -p .git/agent/index.db/in-the-way
  expect 0 git agent-sql "SELECT count(*) FROM events" >out
  rm -r .git/agent/index.db
  diff before out
'

t 'the manual has every view with its columns' '
  git agent-sql --schema --json >schema.json
  python3 - schema.json "$GIT_AGENT_SOURCE_ROOT/man/git-agent-sql.5.scd" <<\END
import json, re, sys
tables = json.load(open(sys.argv[1]))["data"]["tables"]
page = open(sys.argv[2], encoding="utf-8").read().split("# EXAMPLES")[0]
found = {}
for part in re.split(r"^## ", page, flags=re.M)[1:]:
    name, text = part.split("\n", 1)
    found[name.strip()] = re.findall(r"\*([a-z_]+)\*", text.replace("\\", "").split("Columns:")[1])
assert found == {t["name"]: t["columns"] for t in tables}, [(t["name"], t["columns"], found.get(t["name"])) for t in tables if found.get(t["name"]) != t["columns"]]
END
'

done_testing

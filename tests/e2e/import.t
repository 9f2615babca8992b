# Tasks of other trackers: import, export, and what is odd in their files.
. "$(dirname "$0")/../lib.sh"

data=$GIT_AGENT_SOURCE_ROOT/../shared/data
export data

new_repo r

t 'beads: issues become tasks, and the same file again changes nothing' '
  cat >issues.jsonl <<\END
{"id":"bd-1","title":"Parse the header","description":"All of it.","status":"open","priority":1,"issue_type":"feature","acceptance_criteria":"- [x] reads\n- [ ] writes","labels":["core"],"created_at":"2025-11-24T13:58:03.5Z","updated_at":"2025-11-25T13:58:03+01:00","comments":[{"id":1,"author":"ann","text":"half of it","created_at":"2025-11-24T14:00:00Z"}],"x_unknown":{"a":[1,null]}}
{"id":"bd-2","title":"Print it","status":"closed","close_reason":"done","priority":0,"created_at":"2025-11-24T13:58:03Z","updated_at":"2025-11-25T13:58:03Z"}
{"id":"bd-3","title":"Ship it","status":"open","priority":2,"updated_at":"2025-11-25T13:58:03Z","dependencies":[{"issue_id":"bd-3","depends_on_id":"bd-1","type":"blocks"},{"issue_id":"bd-3","depends_on_id":"bd-2","type":"related"}]}
{"id":"bd-3.1","title":"Pack it","status":"deferred","priority":2,"updated_at":"2025-11-25T13:58:03Z"}
END
  cd r
  expect 0 git agent-task import ../issues.jsonl --from beads >out
  grep -x "imported 4 (4 new, 0 updated, 0 unchanged)" out
  git agent-task list --all --json >list.json
  test "$(json list.json "sorted((t[\"slug\"], t[\"status\"], t[\"priority\"]) for t in d[\"data\"][\"tasks\"])")" = \
    "[[\"pack-it\", \"blocked\", 2], [\"parse-the-header\", \"pending\", 1], [\"print-it\", \"completed\", 0], [\"ship-it\", \"blocked\", 2]]"
  git agent-task show parse-the-header --json >show.json
  test "$(json show.json "[(c[\"text\"], c[\"done\"]) for c in d[\"data\"][\"task\"][\"accept\"]]")" = \
    "[[\"reads\", true], [\"writes\", false]]"
  test "$(json show.json "d[\"data\"][\"task\"][\"notes\"][0][\"by\"] + d[\"data\"][\"task\"][\"created\"]")" = ann2025-11-24T13:58:03Z
  git agent-task show parse-the-header | grep -x "from:        beads bd-1"
  test "$(json show.json "d[\"data\"][\"task\"][\"origin\"]")" = "{\"from\": \"beads\", \"id\": \"bd-1\"}"
  git agent-task show pack-it --json >show.json
  test "$(json show.json "d[\"data\"][\"task\"][\"reason\"]")" = "deferred in beads"
  test "$(json list.json "[t[\"slug\"] for t in d[\"data\"][\"tasks\"] if t[\"id\"] == $(json show.json "repr(d[\"data\"][\"task\"][\"parent\"])")]")" = "[\"ship-it\"]"
  before=$(git rev-parse refs/agent/ledger)
  expect 0 git agent-task import - --from beads <../issues.jsonl >out
  grep -x "imported 4 (0 new, 0 updated, 4 unchanged)" out
  test "$(git rev-parse refs/agent/ledger)" = "$before"
'

t 'a newer file updates what changed there, and leaves what was edited here' '
  cd r
  git agent-task edit parse-the-header --priority 4 --label mine
  git agent-task edit ship-it --title "Ship it by hand"
  sed -e "s/All of it\\./Most of it./; s/2025-11-25/2025-12-01/; /bd-3\"/s/\"open\"/\"closed\"/" ../issues.jsonl >newer.jsonl
  git agent-task claim print-it 2>/dev/null || true
  expect 0 git agent-task import newer.jsonl --from beads >out
  grep -x "imported 4 (0 new, 4 updated, 0 unchanged)" out
  git agent-task show parse-the-header --json >show.json
  test "$(json show.json "[d[\"data\"][\"task\"][k] for k in (\"description\", \"priority\", \"labels\")]")" = \
    "[\"Most of it.\", 4, [\"mine\"]]"
  git agent-task show ship-it --json >show.json
  test "$(json show.json "d[\"data\"][\"task\"][\"title\"] + d[\"data\"][\"task\"][\"status\"]")" = "Ship it by handcompleted"
  # The older one again: nothing goes back.
  before=$(git rev-parse refs/agent/ledger)
  expect 0 git agent-task import ../issues.jsonl --from beads >out
  grep "^line 1: bd-1: older than what is here" out
  test "$(git rev-parse refs/agent/ledger)" = "$before"
'

t 'a status that changed here and there stays, and is named' '
  new_repo touched
  cd touched
  git agent-task import ../issues.jsonl --from beads >out
  git agent-task claim parse-the-header
  sed "s/2025-11-25/2025-12-01/; /bd-1\"/s/\"open\"/\"closed\"/" ../issues.jsonl >newer.jsonl
  expect 0 git agent-task import newer.jsonl --from beads >out
  grep "^line 1: bd-1: its status changed there and here: the one here stays" out
  git agent-task show parse-the-header --json >show.json
  test "$(json show.json "d[\"data\"][\"task\"][\"status\"]")" = in_progress
'

t 'what is deleted is not made, ends what was made before, and does not come back' '
  new_repo deleted
  cd deleted
  sed -n 1p ../issues.jsonl >one.jsonl
  sed "s/\"open\"/\"tombstone\"/; s/2025-11-25/2025-12-01/" one.jsonl >gone.jsonl
  sed "s/2025-11-25/2025-12-24/" one.jsonl >again.jsonl
  expect 0 git agent-task import gone.jsonl --from beads --json --strict >out.json
  test "$(json out.json "[d[\"data\"][\"imported\"], d[\"data\"][\"skipped\"][0][\"id\"], d[\"data\"][\"skipped\"][0][\"line\"]]")" = "[0, \"bd-1\", 1]"
  expect 1 git agent-task list --all
  expect 0 git agent-task import one.jsonl --from beads
  expect 0 git agent-task import gone.jsonl --from beads
  expect 0 git agent-task import again.jsonl --from beads >out
  grep "^line 1: bd-1: left out: deleted before" out
  git agent-task list --all --json >list.json
  test "$(json list.json "[(t[\"status\"], t[\"reason\"]) for t in d[\"data\"][\"tasks\"]]")" = "[[\"cancelled\", \"deleted in beads\"]]"
  expect 1 git agent-task export --to beads
'

t 'everything odd is named with its line and reason' '
  printf "%b" "\\0357\\0273\\0277" >odd.jsonl
  cat >>odd.jsonl <<\END
{"id":"bd-1","title":"Older","status":"open","updated_at":"2025-01-01T00:00:00Z"}
{"id":"bd-1","title":"Newer","status":"open","updated_at":"2025-01-02T00:00:00Z"}
<<<<<<< HEAD
{"id":"bd-2","title":"Ours","updated_at":"yesterday","dependencies":[{"issue_id":"bd-2","depends_on_id":"bd-99","type":"blocks"}]}
=======
{"id":"bd-3","title":"Theirs","dependencies":[{"issue_id":"bd-3","depends_on_id":"external:api:login","type":"blocks"}]}
>>>>>>> other
{"id":"bd-4","title":"Broken
not json at all
["a", "list"]
{"id":"bd-5"}
{"id":"bd-6.1","title":"Orphan","priority":9,"status":"weird"}
{"id":"bd-7","title":"Cycle one","dependencies":[{"issue_id":"bd-7","depends_on_id":"bd-8","type":"blocks","created_at":"2025-01-01T00:00:00Z"}]}
{"id":"bd-8","title":"Cycle two","dependencies":[{"issue_id":"bd-8","depends_on_id":"bd-7","type":"blocked-by","created_at":"2025-01-02T00:00:00Z"}]}
{"id":"bd-9","title":"Child of nobody","dependencies":[{"issue_id":"bd-9","depends_on_id":"bd-98","type":"parent_child"},{"issue_id":"bd-1","depends_on_id":"bd-2","type":"blocks"}]}
{"_type":"memory","key":"k","value":"v"}
{"title":"No id"}
{"id":"bd-10","title":"Below itself","dependencies":[{"issue_id":"bd-10","depends_on_id":"bd-10","type":"parent-child"},{"issue_id":"bd-10","depends_on_id":"bd-10","type":"blocks"}]}
END
  # Too large for an object of the ledger, and a pattern that is none.
  python3 -c "print(\"{\\\"id\\\":\\\"bd-13\\\",\\\"title\\\":\\\"Large\\\",\\\"design\\\":\\\"\" + \"x\" * 800000 + \"\\\"}\")" >>odd.jsonl
  echo "{\"id\":\"bd-14\",\"title\":\"Glob\",\"metadata\":{\"git-agent\":{\"owns\":[\"/../x\"],\"assignee\":\"a b@c\"}}}" >>odd.jsonl
  printf "{\"id\":\"bd-11\",\"title\":\"bad \\377 byte\"}\r\n" >>odd.jsonl
  printf "{\"id\":\"bd-12\",\"title\":\"NUL \\000 byte\"}\n" >>odd.jsonl
  new_repo odd
  cd odd
  expect 0 git agent-task import ../odd.jsonl --from beads --json >out.json
  json out.json "sorted((r[\"line\"], r[\"id\"], r[\"reason\"]) for k in (\"skipped\", \"warnings\") for r in map(lambda r: {**r, \"id\": r[\"id\"] or \"\"}, d[\"data\"][k]))" | sed "s/\], \[/\n/g" >found
  has() { grep -F "$1, \"$2\", \"$3" found || { echo "missing: $*"; cat found; return 1; }; }
  has 1 bd-1 "the id stands here twice: line 2 is newer"
  has 3 "" "a merge conflict"
  has 4 bd-2 "'\''updated_at'\'' is no date"
  has 4 bd-2 "it needs '\''bd-99'\'', which is not here"
  has 5 "" "a merge conflict"
  has 6 bd-3 "it depends on '\''external:api:login'\'', which is elsewhere"
  has 7 "" "a merge conflict"
  has 8 "" "not valid JSON"
  has 9 "" "not valid JSON"
  has 10 "" "not a JSON object"
  has 11 bd-5 "it has no title"
  has 12 bd-6.1 "an orphan"
  has 12 bd-6.1 "the priority 9"
  has 12 bd-6.1 "the status '\''weird'\''"
  has 14 bd-8 "it needs '\''bd-7'\'', which waits for it"
  has 15 bd-9 "its parent '\''bd-98'\'' is not here"
  has 15 bd-9 "a dependency of '\''bd-1'\'' stands here"
  has 16 "" "a memory"
  has 17 untitled- "it has no id" || has 17 "untitled-$(printf "No id" | sha256sum | cut -c1-12)" "it has no id"
  has 18 bd-10 "it is its own parent"
  has 18 bd-10 "it needs itself"
  has 19 bd-13 "it is larger than"
  has 20 bd-14 "'\''/../x'\'' is no path pattern"
  has 21 "" "bytes that are no UTF-8"
  has 22 "" "not valid JSON"
  test "$(json out.json "d[\"data\"][\"imported\"]")" = 11
  git agent-task import ../odd.jsonl --from beads >text
  test "$(grep -c "^line " text)" = "$(json out.json "len(d[\"data\"][\"skipped\"]) + len(d[\"data\"][\"warnings\"])")"
  # What is taken is sound.
  git agent-init >out 2>&1
  git agent-doctor
'

t '--strict changes nothing when anything is odd; --dry-run never does' '
  new_repo strict
  cd strict
  expect 1 git agent-task import ../odd.jsonl --from beads --strict --json >out.json
  test "$(json out.json "[d[\"ok\"], len(d[\"data\"][\"skipped\"]) > 3, len(d[\"data\"][\"warnings\"]) > 3]")" = "[false, true, true]"
  expect 0 git agent-task import ../issues.jsonl --from beads --dry-run >out
  grep -x "would import 4 (4 new, 0 updated, 0 unchanged)" out
  expect 1 git agent-task list --all
  expect 0 git agent-task import ../issues.jsonl --from beads --strict
'

t 'what cannot be read is refused, an empty file is empty' '
  new_repo refused
  cd refused
  printf "\\001\\002 no json\nat all\n" >rubbish
  expect 129 git agent-task import rubbish --from beads --json >out.json
  test "$(json out.json "len(d[\"data\"][\"skipped\"])")" = 2
  expect 129 git agent-task import missing --from beads
  expect 129 git agent-task import rubbish
  expect 129 git agent-task import rubbish --from jira
  : >empty
  expect 1 git agent-task import empty --from beads --json >out.json
  test "$(json out.json "d[\"data\"][\"imported\"]")" = 0
  expect 129 git agent-task export --to jira
  test -z "$(git for-each-ref refs/agent/ledger)" || expect 1 git agent-task list --all
'

t 'an export to beads reads back to the same bytes, here and elsewhere' '
  cd r
  git agent-task add "Our own" --slug our-own --accept works --owns "src/**" --needs ship-it -d "Text." --assign @reviewer
  git agent-task add "Below it" --parent our-own --label x
  git agent-task note our-own "begun"
  git agent-task block our-own -m "waits for a key"
  git agent-task export --to beads >../first.jsonl
  test "$(wc -l <../first.jsonl)" = 6
  test "$(grep "\"id\":\"bd-1\"" ../first.jsonl | json - "[d[\"x_unknown\"], d[\"priority\"], d[\"labels\"], d[\"description\"]]")" = \
    "[{\"a\": [1, null]}, 4, [\"mine\"], \"Most of it.\"]"
  before=$(git rev-parse refs/agent/ledger)
  git agent-task import ../first.jsonl --from beads --json >out.json
  test "$(json out.json "[d[\"data\"][\"added\"], [w[\"id\"] for w in d[\"data\"][\"warnings\"]]]")" = "[0, [\"bd-3.1\"]]"
  git agent-task export --to beads >../again.jsonl
  cmp ../first.jsonl ../again.jsonl
  cd ..
  new_repo elsewhere
  cd elsewhere
  git agent-task import ../first.jsonl --from beads >out
  grep "^line 4: bd-3.1: it is open, its parent .bd-3. has ended: without its parent" out
  git agent-task export --to beads >../second.jsonl
  cmp ../first.jsonl ../second.jsonl
  git agent-task show our-own --json >show.json
  test "$(json show.json "[d[\"data\"][\"task\"][k] for k in (\"owns\", \"assignee\", \"reason\")]")" = \
    "[[\"src/**\"], \"@reviewer\", \"waits for a key\"]"
'

t 'exports for people and programs' '
  cd r
  git agent-task export --to json >export.json
  git agent-task list --all --json >list.json
  test "$(json export.json "d[\"data\"]")" = "$(json list.json "d[\"data\"]")"
  git agent-task export --to markdown >tasks.md
  grep -F -- "- [ ] **Our own** (our-own, pending, priority 2): held, waits for a key" tasks.md
  grep -F -- "  - [ ] works" tasks.md
  grep -F -- "  - [ ] **Below it**" tasks.md
  grep -F -- "- [x] **Print it**" tasks.md
  git agent-task export --to beads --json >records.json
  test "$(json records.json "len(d[\"data\"][\"records\"])")" = 6
'

t 'an import is undone as one operation' '
  new_repo undone
  cd undone
  git agent-task import ../issues.jsonl --from beads
  git agent-undo
  expect 1 git agent-task list --all
'

t 'an agent may bring new tasks, not change those that are there' '
  new_repo agents
  cd agents
  export GIT_AGENT_NAME=ada
  git agent-task import ../issues.jsonl --from beads
  sed "s/2025-11-25/2025-12-01/" ../issues.jsonl >newer.jsonl
  expect 4 git agent-task import newer.jsonl --from beads
'

t 'clones that import the same file apart have each task once' '
  git init -q --bare hub.git
  for each in one two; do
    new_repo $each
    git -C $each remote add origin ../hub.git
  done
  sed "s/2025-11-25/2025-12-01/; s/All of it/More of it/" issues.jsonl >newer.jsonl
  (cd one && git agent-task import ../issues.jsonl --from beads)
  (cd two && git agent-task import ../newer.jsonl --from beads && git agent-task edit print-it --title "Printed")
  (cd one && git agent-sync)
  (cd two && git agent-sync)
  (cd one && git agent-sync)
  test "$(git -C one rev-parse refs/agent/ledger)" = "$(git -C two rev-parse refs/agent/ledger)"
  cd one
  git agent-task list --all --json >list.json
  test "$(json list.json "sorted(t[\"slug\"] for t in d[\"data\"][\"tasks\"])")" = \
    "[\"pack-it\", \"parse-the-header\", \"print-it\", \"ship-it\"]"
  git agent-task show parse-the-header --json >show.json
  test "$(json show.json "d[\"data\"][\"task\"][\"description\"]")" = "More of it."
'

t 'ralph: stories in the order of their priority, their ids those of the branch' '
  new_repo ralph
  cd ralph
  cat >prd.json <<\END
{
  "project": "App", "branchName": "ralph/one", "verifyCommands": ["make"],
  "userStories": [
    {"id": "US-002", "title": "Second", "acceptanceCriteria": ["a", "b"], "priority": 2, "passes": false, "notes": "look"},
    {"id": "US-001", "title": "First", "priority": 1, "passes": true},
    {"id": "US-003", "title": "Last", "priority": 40, "passes": "no"},
    {"id": "US-009", "title": "Broken", "priority": },
    {"title": "No id"}
  ]
}
END
  expect 0 git agent-task import prd.json --from ralph --json >out.json
  test "$(json out.json "d[\"data\"][\"imported\"]")" = 3
  test "$(json out.json "[(w[\"line\"], w[\"id\"]) for w in d[\"data\"][\"skipped\"]]")" = "[[7, null], [8, null]]"
  test "$(json out.json "[(w[\"line\"], w[\"id\"]) for w in d[\"data\"][\"warnings\"]]")" = "[[6, \"US-003\"]]"
  git agent-task list --all --json >list.json
  test "$(json list.json "[(t[\"title\"], t[\"status\"], len(t[\"accept\"])) for t in d[\"data\"][\"tasks\"]]")" = \
    "[[\"First\", \"completed\", 0], [\"Second\", \"pending\", 2], [\"Last\", \"pending\", 0]]"
  sed "s/ralph.one/ralph\\/two/" prd.json >other.json
  git agent-task import other.json --from ralph >out
  grep "^imported 3 (3 new" out
  git agent-task export --to beads >out
  expect 129 git agent-task import ../issues.jsonl --from ralph
'

t 'task-master: tags, subtasks, dependencies of both forms' '
  new_repo taskmaster
  cd taskmaster
  cat >tasks.json <<\END
{
  "master": {
    "tasks": [
      {"id": 1, "title": "One", "status": "done", "priority": "high", "dependencies": [], "details": "How."},
      {"id": "2", "title": "Two", "status": "review", "priority": "low", "dependencies": [1, 77],
       "subtasks": [
         {"id": 1, "title": "Two one", "status": "pending"},
         {"id": 2, "title": "Two two", "status": "deferred", "dependencies": [1, "1"]}
       ]}
    ],
    "metadata": {"updated": "2025-01-01T00:00:00Z"}
  },
  "side": {"tasks": [{"id": 1, "title": "Other one", "status": "cancelled"}, {"title": "No id"}]}
}
END
  expect 0 git agent-task import tasks.json --from taskmaster --json >out.json
  test "$(json out.json "[d[\"data\"][\"imported\"], [(w[\"line\"], w[\"id\"]) for w in d[\"data\"][\"skipped\"] + d[\"data\"][\"warnings\"]]]")" = \
    "[5, [[13, null], [5, \"2\"]]]"
  git agent-task list --all --json >list.json
  test "$(json list.json "sorted((t[\"slug\"], t[\"status\"], t[\"priority\"], len(t[\"needs\"]), bool(t[\"parent\"])) for t in d[\"data\"][\"tasks\"])")" = \
    "[[\"one\", \"completed\", 1, 0, false], [\"other-one\", \"cancelled\", 2, 0, false], [\"two\", \"pending\", 3, 1, false], [\"two-one\", \"pending\", 2, 0, true], [\"two-two\", \"blocked\", 2, 1, true]]"
  before=$(git rev-parse refs/agent/ledger)
  sed "s/2025-01-01/2025-02-02/" tasks.json >later.json
  git agent-task import later.json --from taskmaster
  test "$(git rev-parse refs/agent/ledger)" = "$before"
  echo "{\"tasks\": [{\"id\": 1, \"title\": \"One\", \"status\": \"done\", \"priority\": \"high\", \"details\": \"How else.\"}]}" >legacy.json
  git agent-task import legacy.json --from taskmaster >out
  grep -x "imported 1 (0 new, 1 updated, 0 unchanged)" out
'

t 'taskwarrior: an array or lines, annotations, old dependencies' '
  new_repo taskwarrior
  cd taskwarrior
  cat >tasks.json <<\END
[
{"uuid":"a1","status":"pending","entry":"20240101T101112Z","description":"First","tags":["x"],"project":"home.garden","annotations":[{"entry":"20240102T000000Z","description":"noted"}],"estimate":5},
{"uuid":"a2","status":"waiting","wait":"20300101T000000Z","entry":"20240101T101112Z","description":"Second","depends":"a1,a9","priority":"H"},
{"uuid":"a3","status":"deleted","entry":"20240101T101112Z","description":"Gone"},
{"uuid":"a4","status":"completed","entry":"soon","description":"Done"}
]
END
  expect 0 git agent-task import tasks.json --from taskwarrior --json >out.json
  test "$(json out.json "[(w[\"line\"], w[\"id\"]) for w in d[\"data\"][\"skipped\"] + d[\"data\"][\"warnings\"]]")" = \
    "[[4, \"a3\"], [3, \"a2\"], [5, \"a4\"]]"
  git agent-task show second --json >show.json
  test "$(json show.json "[d[\"data\"][\"task\"][\"priority\"], d[\"data\"][\"task\"][\"reason\"]]")" = \
    "[1, \"waiting in taskwarrior until 2030-01-01T00:00:00Z\"]"
  git agent-task show first --json >show.json
  test "$(json show.json "[d[\"data\"][\"task\"][\"labels\"], d[\"data\"][\"task\"][\"created\"], d[\"data\"][\"task\"][\"notes\"][0][\"text\"]]")" = \
    "[[\"x\", \"project:home.garden\"], \"2024-01-01T10:11:12Z\", \"noted\"]"
  sed -n "s/,\$//; /^{/p" tasks.json >tasks.jsonl
  before=$(git rev-parse refs/agent/ledger)
  expect 0 git agent-task import tasks.jsonl --from taskwarrior >out
  test "$(git rev-parse refs/agent/ledger)" = "$before"
  sed "s/\"pending\"/\"deleted\"/" tasks.json >deleted.json
  git agent-task import deleted.json --from taskwarrior >out
  git agent-task show first --json >show.json
  test "$(json show.json "d[\"data\"][\"task\"][\"status\"]")" = cancelled
'

t 'github: issues with their boxes, labels and comments' '
  new_repo github
  cd github
  cat >issues.json <<\END
[{"number":12,"title":"Mend it","body":"Text\r\n- [ ] one\r\n- [x] two\r\n","labels":[{"name":"bug"}],"state":"OPEN","assignees":[{"login":"octo"}],"createdAt":"2024-01-01T00:00:00Z","updatedAt":"2024-01-02T00:00:00Z","closedAt":null,"milestone":{"title":"v1"},"url":"https://example.org/o/r/issues/12"},
{"number":13,"title":"Not that","state":"CLOSED","stateReason":"NOT_PLANNED","comments":[{"author":{"login":"ann"},"body":"hm","createdAt":"2024-01-01T00:00:00Z"}]},
{"number":14,"title":"","state":"OPEN"}]
END
  expect 0 git agent-task import issues.json --from github --json >out.json
  test "$(json out.json "[d[\"data\"][\"imported\"], [(w[\"line\"], w[\"id\"]) for w in d[\"data\"][\"skipped\"]]]")" = "[2, [[3, \"#14\"]]]"
  git agent-task show mend-it --json >show.json
  test "$(json show.json "[d[\"data\"][\"task\"][\"assignee\"], d[\"data\"][\"task\"][\"labels\"], [c[\"done\"] for c in d[\"data\"][\"task\"][\"accept\"]], d[\"data\"][\"task\"][\"description\"]]")" = \
    "[\"octo\", [\"bug\", \"milestone:v1\"], [false, true], \"Text\\n- [ ] one\\n- [x] two\"]"
  git agent-task show not-that --json >show.json
  test "$(json show.json "[d[\"data\"][\"task\"][k] for k in (\"status\", \"reason\")]")" = "[\"cancelled\", \"not planned\"]"
  # Through beads and back: the same bytes.
  git agent-task export --to beads >../github.jsonl
  cd ..
  new_repo github-again
  cd github-again
  git agent-task import ../github.jsonl --from beads
  git agent-task export --to beads >out
  cmp out ../github.jsonl
'

t 'backlog: files with front-matter, and what the folders say' '
  new_repo backlog
  cd backlog
  mkdir -p b/backlog/tasks b/backlog/completed b/backlog/archive/tasks b/backlog/drafts
  cat >"b/backlog/tasks/BACK-1 - One.md" <<\END
---
id: BACK-1
title: "One: the first"
status: In Progress
assignee: ["@ann"]
labels: [ui, "1.10"]
created_date: "2025-01-02 03:04"
updated_date: 2025-01-03
dependencies: [task-2, BACK-9]
priority: high
ordinal: 1000
x_own: {a: 1.50}
---

## Description

<!-- SECTION:DESCRIPTION:BEGIN -->
What to do.
<!-- SECTION:DESCRIPTION:END -->

## Acceptance Criteria
<!-- AC:BEGIN -->
- [x] #1 it reads
- [ ] #2 it writes
<!-- AC:END -->

## Implementation Plan

1. Begin.

## Comments

<!-- COMMENTS:BEGIN -->
author: ann
created: 2025-01-02 10:00
---
Half of it.
---
<!-- COMMENTS:END -->
END
  printf -- "---\r\nid: BACK-2\r\ntitle: Two\r\nstatus: Done\r\n---\r\n" >b/backlog/completed/two.md
  printf -- "---\nid: BACK-1.1\ntitle: Below\nparent_task_id: BACK-1\nstatus: To Do\n---\n" >b/backlog/tasks/below.md
  printf -- "---\nid: BACK-3\ntitle: Put away\nstatus: To Do\n---\n" >b/backlog/archive/tasks/three.md
  printf -- "---\nid: draft-1\ntitle: Perhaps\n---\n" >b/backlog/drafts/draft.md
  printf -- "---\nid: [BACK-4\n---\n" >b/backlog/tasks/broken.md
  printf -- "---\nid: &a BACK-5\ntitle: *a\n---\n" >b/backlog/tasks/alias.md
  echo "no front-matter" >b/backlog/tasks/readme.md
  expect 0 git agent-task import b --from backlog --json >out.json
  test "$(json out.json "[d[\"data\"][\"imported\"], sorted(s[\"id\"] for s in d[\"data\"][\"skipped\"])]")" = \
    "[5, [\"tasks/alias.md\", \"tasks/broken.md\", \"tasks/readme.md\"]]"
  test "$(json out.json "[w[\"reason\"] for w in d[\"data\"][\"warnings\"]]")" = \
    "[\"it needs '\''task-2'\'', taken as '\''back-2'\''\", \"it needs '\''back-9'\'', which is not here\"]"
  git agent-task show one-the-first --json >show.json
  test "$(json show.json "[d[\"data\"][\"task\"][k] for k in (\"title\", \"assignee\", \"labels\", \"priority\", \"description\", \"created\", \"status\")]")" = \
    "[\"One: the first\", \"ann\", [\"ui\", \"1.10\"], 1, \"What to do.\\n\\n## Implementation Plan\\n\\n1. Begin.\", \"2025-01-02T03:04:00Z\", \"pending\"]"
  test "$(json show.json "[[(c[\"text\"], c[\"done\"]) for c in d[\"data\"][\"task\"][\"accept\"]], d[\"data\"][\"task\"][\"notes\"][0][\"text\"], len(d[\"data\"][\"task\"][\"needs\"]), len(d[\"data\"][\"task\"][\"children\"])]")" = \
    "[[[\"it reads\", true], [\"it writes\", false]], \"Half of it.\", 1, 1]"
  git agent-task list --all --json >list.json
  test "$(json list.json "sorted((t[\"slug\"], t[\"status\"], t[\"reason\"]) for t in d[\"data\"][\"tasks\"] if t[\"reason\"])")" = \
    "[[\"perhaps\", \"blocked\", \"a draft in Backlog.md\"], [\"put-away\", \"cancelled\", \"archived in Backlog.md\"]]"
  before=$(git rev-parse refs/agent/ledger)
  expect 0 git agent-task import b --from backlog
  expect 0 git agent-task import b/backlog/tasks/below.md --from backlog --dry-run
  test "$(git rev-parse refs/agent/ledger)" = "$before"
  expect 129 git agent-task import b/backlog/tasks/readme.md --from backlog
'

skip_unless 'test -f "$data/beads/cass-116.jsonl"' "the real files are not here"

t 'real files of beads: all there, nothing the second time, back to the same bytes' '
  new_repo real
  cd real
  n=0
  for file in cass-116 compound-agent-644; do
    n=$((n + $(wc -l <"$data/beads/$file.jsonl")))
    expect 0 git agent-task import "$data/beads/$file.jsonl" --from beads --json >out.json
    test "$(json out.json "d[\"data\"][\"imported\"]")" = "$(wc -l <"$data/beads/$file.jsonl")"
    before=$(git rev-parse refs/agent/ledger)
    expect 0 git agent-task import "$data/beads/$file.jsonl" --from beads
    test "$(git rev-parse refs/agent/ledger)" = "$before"
  done
  git agent-task list --all --json >list.json
  test "$(json list.json "len(d[\"data\"][\"tasks\"])")" = "$n"
  git agent-task export --to beads >export.jsonl
  python3 - "$data" <<\END
import json, sys
want = [json.loads(line) for name in ("cass-116", "compound-agent-644") for line in open(f"{sys.argv[1]}/beads/{name}.jsonl")]
have = [json.loads(line) for line in open("export.jsonl")]
by_id = lambda list: sorted(list, key=lambda each: each["id"].encode())
assert by_id(want) == have, "a record is not as it was"
END
  git agent-init >out 2>&1
  git agent-doctor
'

t 'real files of ralph and task-master' '
  new_repo others
  cd others
  expect 0 git agent-task import "$data/ralph/prd-example.json" --from ralph --strict >out
  grep "^imported 4 (4 new" out
  expect 0 git agent-task import "$data/taskmaster/tasks-testcraft.json" --from taskmaster --json >out.json
  python3 - "$data" "$(json out.json "d[\"data\"][\"imported\"]")" <<\END
import json, sys
tags = json.load(open(sys.argv[1] + "/taskmaster/tasks-testcraft.json"))
count = sum(1 + len(task.get("subtasks") or []) for tag in tags.values() for task in tag["tasks"])
assert count == int(sys.argv[2]), f"{sys.argv[2]} of {count}"
END
  before=$(git rev-parse refs/agent/ledger)
  expect 0 git agent-task import "$data/ralph/prd-example.json" --from ralph
  expect 0 git agent-task import "$data/taskmaster/tasks-testcraft.json" --from taskmaster
  test "$(git rev-parse refs/agent/ledger)" = "$before"
  git agent-init >out 2>&1
  git agent-doctor
'

skip_unless ''

t 'a parent that has ended here takes no open child, and none ends above open ones' '
  new_repo family && cd family
  day() { printf "2026-01-0%sT00:00:00Z" "$1"; }
  issue() { printf "{\"id\":\"%s\",\"title\":\"%s\",\"status\":\"%s\",\"updated_at\":\"%s\"%s}\n" "$@"; }
  child=",\"dependencies\":[{\"issue_id\":\"bd-1.1\",\"depends_on_id\":\"bd-1\",\"type\":\"parent-child\"}]"
  { issue bd-1 Epic open "$(day 1)" ""; issue bd-2 Second open "$(day 1)" ""; } >one.jsonl
  git agent-task import one.jsonl --from beads >/dev/null
  git agent-task claim epic >/dev/null && git agent-task done epic >/dev/null
  git agent-task add "Here" --slug here-x --parent second >/dev/null
  { issue bd-1 Epic open "$(day 2)" ""; issue bd-1.1 Part open "$(day 2)" "$child"; issue bd-2 Second closed "$(day 2)" ""; } >two.jsonl
  expect 0 git agent-task import two.jsonl --from beads >out
  grep "has ended: without its parent" out
  test "$(git agent-task show part --json | json - "[d[\"data\"][\"task\"][\"parent\"], d[\"data\"][\"task\"][\"status\"]]")" = "[null, \"pending\"]"
  test "$(git agent-task show epic --json | json - "d[\"data\"][\"task\"][\"status\"]")" = completed
  test "$(git agent-task show second --json | json - "d[\"data\"][\"task\"][\"status\"]")" = pending
  git agent-doctor >/dev/null || git agent-doctor | grep -v displayRef
'

t 'evidence of a criterion survives a round through another tracker' '
  new_repo evidence && cd evidence
  git agent-task add "Own" --slug own-x --accept "It works" >/dev/null
  git agent-task accept own-x 1 --evidence "ran the tests" >/dev/null
  git agent-task export --to beads >out.jsonl
  python3 -c "
import json
d = json.loads(open(\"out.jsonl\").readline())
d[\"title\"] = \"Own, renamed\"
d[\"updated_at\"] = \"2037-01-01T00:00:00Z\"
print(json.dumps(d))" >back.jsonl
  expect 0 git agent-task import back.jsonl --from beads
  git agent-task show own-x --json >s.json
  test "$(json s.json "[d[\"data\"][\"task\"][\"title\"], d[\"data\"][\"task\"][\"accept\"][0][\"evidence\"]]")" = "[\"Own, renamed\", \"ran the tests\"]"
'

t 'a need that was removed here is gone from the export, whatever word it came in' '
  new_repo removed && cd removed
  printf "{\"id\":\"bd-1\",\"title\":\"First\"}\n{\"id\":\"bd-2\",\"title\":\"Other\",\"dependencies\":[{\"issue_id\":\"bd-2\",\"depends_on_id\":\"bd-1\",\"type\":\"waits-for\"}]}\n" >in.jsonl
  git agent-task import in.jsonl --from beads >/dev/null
  git agent-task export --to beads | diff in.jsonl - || git agent-task export --to beads | grep -c waits-for | grep -x 1
  git agent-task dep rm other first >/dev/null
  ! git agent-task export --to beads | grep -E "waits-for|\"blocks\""
'

done_testing

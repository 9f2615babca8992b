# A builder that keeps notes on links. Its first plan forgets the migration, and its first commit holds a key.

. "$(dirname "$0")/lib.sh"
mkdir -p docs migrations

plan_state() { "$GIT_AGENT_BIN" plan show "$GIT_AGENT_TASK" --json | sed 's/.*"state":"\([a-z]*\)".*/\1/'; }

say "handing in a plan"
cat >"$scratch/plan.md" <<'MD'
1. `shelf/notes.py`: `Notes.set(link_id, text)` and `Notes.get(link_id)`, in a table `note` of the shelf's file
2. `tests/core/test_notes.py`
3. `docs/notes.md`
MD
"$GIT_AGENT_BIN" plan submit -F "$scratch/plan.md"
if ! "$GIT_AGENT_BIN" plan wait --timeout 120; then
	[ "$(plan_state)" = rejected ] || give_up "nobody has decided about the plan"
	say "rejected: a plan with the migration"
	cat >>"$scratch/plan.md" <<'MD'
4. `migrations/0001-note.sql` makes the table; `Notes` brings a file to the newest number in one transaction, so that
   files of before get it too
MD
	"$GIT_AGENT_BIN" plan submit -F "$scratch/plan.md"
	"$GIT_AGENT_BIN" plan wait --timeout 120 || give_up "the second plan was not approved either"
fi

say "writing shelf/notes.py"
cat >migrations/0001-note.sql <<'SQL'
CREATE TABLE note (
    link INTEGER PRIMARY KEY,
    text TEXT NOT NULL
);
SQL
cat >shelf/notes.py <<'PY'
"""Notes on links, in the shelf's own file; its tables come by migrations."""

import sqlite3
from os import PathLike
from pathlib import Path

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
@KEY@

def migrate(db: sqlite3.Connection) -> int:
    """Brings the file to the newest number, all steps or none; gives the number."""
    done = db.execute("PRAGMA user_version").fetchone()[0]
    steps = sorted(MIGRATIONS.glob("*.sql"))
    for number, path in enumerate(steps[done:], done + 1):
        script = path.read_text(encoding="utf-8")
        db.executescript(f"BEGIN; {script} PRAGMA user_version = {number}; COMMIT;")
    return len(steps)


class Notes:
    def __init__(self, path: str | PathLike):
        self._db = sqlite3.connect(path)
        migrate(self._db)

    def close(self) -> None:
        self._db.close()

    def set(self, link_id: int, text: str) -> None:
        with self._db:
            self._db.execute("INSERT OR REPLACE INTO note (link, text) VALUES (?, ?)", (link_id, text))

    def get(self, link_id: int) -> str:
        row = self._db.execute("SELECT text FROM note WHERE link = ?", (link_id,)).fetchone()
        return row[0] if row else ""
PY
cat >tests/core/test_notes.py <<'PY'
import tempfile
import unittest
from pathlib import Path

from shelf.notes import Notes


class NotesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "links.db"

    def test_a_note_is_kept_and_replaced(self):
        notes = Notes(self.path)
        self.assertEqual(notes.get(1), "")
        notes.set(1, "read this")
        notes.set(1, "read this twice")
        notes.close()
        again = Notes(self.path)
        self.assertEqual(again.get(1), "read this twice")
        again.close()
PY
# The key is put together here, so that this file holds none.
key=$(printf '%s_%s_%s' sk live 51Mq8TzKx2Rw7VbNc4Yd9Lp)
template=$(cat shelf/notes.py)
printf '%s\n' "$template" | sed "s|@KEY@|SHARE_KEY = \"$key\"  # of the sharing service\n|" >shelf/notes.py
expect_refusal 'scan' 'Keep notes on links' migrations shelf/notes.py tests/core/test_notes.py
say "taking the key from the environment"
printf '%s\n' "$template" | sed 's|@KEY@|SHARE_KEY = os.environ.get("SHELF_SHARE_KEY", "")  # of the sharing service\n|; s|^import sqlite3|import os\nimport sqlite3|' >shelf/notes.py
check lint test
commit 'Keep notes on links

The table comes by a migration, so that shelves of before get it too: the
number of the newest step stands in the file, and a step is one transaction.' migrations shelf/notes.py tests/core/test_notes.py

say "writing docs/notes.md"
cat >docs/notes.md <<'MD'
# Notes

    notes = Notes("links.db")
    notes.set(1, "read this")
    notes.get(1)

Tables of the file come by `migrations/NUMBER-name.sql`, applied in order when it is opened.
MD
commit 'Say how notes are kept' docs/notes.md

say "looking back"
cat >REFLECTION.md <<'MD'
## What surprised me?
A key in a source file is in every clone as soon as it is committed; the scan stopped mine.

## One pattern for AGENTS.md
GOTCHAS: Keys come from the environment (`SHELF_*_KEY`), never from a file of the repository.

## One prompt improvement
Name in the plan the migration that a change of the tables brings.
MD
"$GIT_AGENT_BIN" reflect
deliver "Notes on links, with the migration that brings their table"

# A builder that makes the data layer, and forgets a debug print on the way.

. "$(dirname "$0")/lib.sh"
mkdir -p docs

say "writing shelf/storage.py"
cat >shelf/storage.py <<'PY'
"""Links in an SQLite file: the methods of MemoryShelf, kept."""

import json
import sqlite3
import threading
from collections.abc import Iterable
from dataclasses import replace
from os import PathLike

from shelf.bookmark import Bookmark
from shelf.errors import DuplicateLink, UnknownLink

SCHEMA = """
CREATE TABLE IF NOT EXISTS link (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    title TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS tag (
    link INTEGER NOT NULL REFERENCES link ON DELETE CASCADE,
    name TEXT NOT NULL,
    PRIMARY KEY (link, name)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tag_name ON tag (name);
"""

SELECT = """
SELECT id, url, title, (SELECT json_group_array(name) FROM tag WHERE link = link.id)
FROM link
"""

Links = list[Bookmark]  # inside the class, `list` is a method


PY
cat >>shelf/storage.py <<'PY'
class Storage:
    """May be shared by threads; several processes may open the same file."""

    def __init__(self, path: str | PathLike):
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False)
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.executescript(SCHEMA)

    def __enter__(self) -> "Storage":
        return self

    def __exit__(self, *exc_info) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def add(self, bookmark: Bookmark) -> Bookmark:
        return self.add_all([bookmark])[0]

    def add_all(self, bookmarks: Iterable[Bookmark]) -> Links:
        """All of them or, when one is refused, none."""
        with self._lock, self._db:
            added: Links = []
            for bookmark in bookmarks:
                print("adding", bookmark)
                added.append(self._insert(bookmark, added))
            return added

PY
cat >>shelf/storage.py <<'PY'
    def get(self, link_id: int) -> Bookmark:
        found = self._select("WHERE id = ?", link_id) if 0 < link_id < 2**63 else []
        if not found:
            raise UnknownLink(link_id)
        return found[0]

    def list(self, tag: str | None = None) -> Links:
        """All links in the order they were added, or those that carry `tag`."""
        wanted = tag and tag.strip().casefold()
        if not wanted:
            return self._select("ORDER BY id")
        return self._select("WHERE id IN (SELECT link FROM tag WHERE name = ?) ORDER BY id", wanted)

    def remove(self, link_id: int) -> Bookmark:
        with self._lock, self._db:
            removed = self.get(link_id)
            self._db.execute("DELETE FROM link WHERE id = ?", (link_id,))
            return removed

    def _insert(self, bookmark: Bookmark, same_request: Links) -> Bookmark:
        try:
            row = self._db.execute("INSERT INTO link (key, url, title) VALUES (?, ?, ?)",
                                   (bookmark.key, bookmark.url, bookmark.title))
        except sqlite3.IntegrityError:
            existing = self._select("WHERE key = ?", bookmark.key)[0].id
            if existing in [link.id for link in same_request]:
                existing = None
            raise DuplicateLink(bookmark.url, existing) from None
        self._db.executemany("INSERT INTO tag (link, name) VALUES (?, ?)",
                             [(row.lastrowid, tag) for tag in bookmark.tags])
        return replace(bookmark, id=row.lastrowid)

    def _select(self, condition: str, *values) -> Links:
        with self._lock:
            rows = self._db.execute(f"{SELECT} {condition}", values).fetchall()
        return [Bookmark(url, title, json.loads(tags), link_id)
                for link_id, url, title, tags in rows]
PY

expect_refusal 'debug print(' 'Keep links in an SQLite file' shelf/storage.py
say "removing the debug print"
grep -v 'print("adding", bookmark)' shelf/storage.py >"$scratch/storage.py"
cat "$scratch/storage.py" >shelf/storage.py
check lint test
commit 'Keep links in an SQLite file

The shelf in memory forgets everything at exit.  The file is opened with
one connection under a lock, because the HTTP server answers in threads;
adding is one transaction, so a refused link leaves nothing behind.' shelf/storage.py

say "writing docs/storage.md"
cat >docs/storage.md <<'MD'
# Storage

    with Storage("links.db") as shelf:
        link = shelf.add(Bookmark("https://example.org/", "Example", ["web"]))
        shelf.list(tag="web")
        shelf.remove(link.id)

| method | raises |
|---|---|
| `add(bookmark)`, `add_all(bookmarks)` | `DuplicateLink`; then nothing of the call is stored |
| `get(id)`, `remove(id)` | `UnknownLink` |
| `list(tag=None)` | nothing |

Two spellings of a URL are one link: `Bookmark.key` is unique in the table.
Ids are never used again, so an old `/links/7` cannot show another link.
The methods may be called from any thread.
MD
commit 'Say what storage promises and what it refuses' docs/storage.md

check lint test
prove 1 test_storage.KeepingTest
prove 2 test_storage.DuplicateTest
prove 3 test_storage.AtomicityTest
note "Storage is in shelf/storage.py; share one object between threads, it has its own lock."
deliver "SQLite storage: add, add_all, get, list by tag, remove; one transaction per call, duplicates by normalised URL"

# A builder that makes search, and tries to write down a rule that is not its own to write.

. "$(dirname "$0")/lib.sh"
mkdir -p docs

say "writing shelf/search.py"
cat >shelf/search.py <<'PY'
"""Full-text search over any iterable of bookmarks; knows nothing of where they are kept."""

import re
import unicodedata
from collections.abc import Iterable

from shelf.bookmark import Bookmark

TITLE, TAG, URL = 4, 3, 1  # what a match is worth; a whole word is worth twice a beginning


def words(text: str) -> list[str]:
    """Case and accents carry no meaning when searching."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c)))


PY
cat >>shelf/search.py <<'PY'
def parse(query: str) -> tuple[list[str], set[str]]:
    """Splits a query into words to look for and tags to filter by."""
    wanted, tags = [], set()
    for part in query.split():
        prefix, colon, name = part.casefold().partition(":")
        if prefix == "tag" and colon and name:
            tags.add(name)
        else:
            wanted += words(part)
    return wanted, tags


def match(word: str, candidates: list[str]) -> int:
    """2 for a whole word, 1 for a beginning, 0 for neither."""
    if word in candidates:
        return 2
    return int(any(candidate.startswith(word) for candidate in candidates))


def score(bookmark: Bookmark, wanted: list[str]) -> int:
    """0 unless every word is found somewhere."""
    fields = (
        (TITLE, words(bookmark.title)),
        (TAG, words(" ".join(bookmark.tags))),
        (URL, words(bookmark.url.partition("://")[2])),
    )
    each = [sum(worth * match(word, found) for worth, found in fields) for word in wanted]
    return sum(each) if all(each) else 0


PY
cat >>shelf/search.py <<'PY'
def search(bookmarks: Iterable[Bookmark], query: str) -> list[Bookmark]:
    """The bookmarks that match all of `query`, best first; equals keep their order."""
    if not query.strip():
        return list(bookmarks)
    wanted, tags = parse(query)
    if not wanted and not tags:
        return []
    candidates = [bookmark for bookmark in bookmarks if tags <= set(bookmark.tags)]
    scored = [(score(bookmark, wanted), bookmark) for bookmark in candidates]
    found = [pair for pair in scored if pair[0] or not wanted]
    return [bookmark for _, bookmark in sorted(found, key=lambda pair: -pair[0])]
PY
check lint test
commit 'Find links by words and tags

A pure function on bookmarks, so that it serves the shelf in memory, the
storage to come and the tests alike.' shelf/search.py

say "writing docs/search.md, and a rule into AGENTS.md"
cat >docs/search.md <<'MD'
# Search

`search(bookmarks, query)` returns the bookmarks that match, best first.

- Every word must be found, in the title, a tag or the URL, at the beginning of
  a word. Case and accents do not count.
- A title is worth more than a tag, a tag more than a URL; a whole word is worth
  twice a beginning. What is worth the same keeps its order.
- `tag:howto` keeps only links with exactly that tag. Several must all be there.
- An empty query finds everything, a query without a word finds nothing.

The scheme is no word: `https` does not find every link.
MD
echo '- Search ranks titles over tags over URLs.' >>AGENTS.md
expect_refusal AGENTS.md 'Say how search ranks' docs/search.md AGENTS.md
say "leaving AGENTS.md to its curators"
git restore --staged --worktree AGENTS.md
commit 'Say how search ranks' docs/search.md

check lint test
prove 1 test_search.MatchingTest
prove 2 test_search.RankingTest
prove 3 test_search.TagFilterTest
note "AGENTS.md is protected; how search ranks is written in docs/search.md instead."
deliver "Search over title, tags and URL with ranking and tag: filter, independent of storage"

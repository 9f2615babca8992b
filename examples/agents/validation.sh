# A builder that makes validation.

. "$(dirname "$0")/lib.sh"
mkdir -p docs

say "writing shelf/validation.py"
cat >shelf/validation.py <<'PY'
"""Refuses links that would break the shelf or mislead its reader, and says why."""

import ipaddress
import re
import unicodedata
from urllib.parse import urlsplit

from shelf.bookmark import Bookmark
from shelf.errors import InvalidLink

MAX_URL = 2000
MAX_TITLE = 200
MAX_TAGS = 20
TAG = re.compile(r"[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?")
LABEL = re.compile(r"\w([\w-]{0,61}\w)?")

# Unicode categories; a title may hold format characters (emoji are joined by them), a URL may not.
NOT_IN_TITLE = {"Cc", "Cs", "Zl", "Zp"}
NOT_IN_URL = NOT_IN_TITLE | {"Cf", "Zs"}


def validate(url, title="", tags=()) -> Bookmark:
    """The bookmark these make, or InvalidLink with every rule they break."""
    found = [
        *(f"url: {problem}" for problem in url_problems(url)),
        *(f"title: {problem}" for problem in text_problems(title, MAX_TITLE, NOT_IN_TITLE)),
        *(f"tags: {problem}" for problem in tag_problems(tags)),
    ]
    if found:
        raise InvalidLink(found)
    return Bookmark(url, title, tags)


PY
cat >>shelf/validation.py <<'PY'
def text_problems(text, limit: int, forbidden: set[str]):
    if not isinstance(text, str):
        yield f"must be text, not {type(text).__name__}"
        return
    if len(text) > limit:
        yield f"is {len(text)} characters long, at most {limit} are allowed"
    for position, character in enumerate(text, 1):
        if unicodedata.category(character) in forbidden:
            yield f"has U+{ord(character):04X} at position {position}"
            return


def url_problems(url):
    # Before parsing: urlsplit drops tabs and newlines without a word.
    problems = ["is empty"] if url == "" else list(text_problems(url, MAX_URL, NOT_IN_URL))
    if problems:
        yield from problems
        return
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        yield f"cannot be read: {error}"
        return
    if not parts.scheme:
        yield "has no scheme, begin with https://"
    elif parts.scheme not in ("http", "https"):
        yield f'scheme must be http or https, not "{parts.scheme}"'
    elif not host:
        yield "has no host"
    elif "@" in parts.netloc:
        yield "must not carry a user name or password"
    elif not is_host(host):
        yield f'host "{host}" is not a name or address'


def is_host(host: str) -> bool:
    if ":" in host:
        try:
            ipaddress.IPv6Address(host)
        except ValueError:
            return False
        return True
    labels = host.removesuffix(".").split(".")
    return len(host) <= 253 and all(LABEL.fullmatch(label) for label in labels)


PY
cat >>shelf/validation.py <<'PY'
def tag_problems(tags):
    if not isinstance(tags, (list, tuple)) or not all(isinstance(tag, str) for tag in tags):
        yield "must be a list of text"
        return
    if len(tags) > MAX_TAGS:
        yield f"are {len(tags)}, at most {MAX_TAGS} are allowed"
    for tag in tags:
        if not TAG.fullmatch(tag.strip().casefold()):
            yield f'"{tag}": use a-z, 0-9 and inner hyphens, 30 characters at most'
PY
check lint test
commit 'Refuse links that break the shelf or mislead its reader

Whoever typed the link gets every problem at once, with the position of a
character that cannot be seen.' shelf/validation.py

say "writing docs/validation.md"
cat >docs/validation.md <<'MD'
# Validation

`validate(url, title="", tags=())` returns a `Bookmark` or raises `InvalidLink`,
whose `problems` name every rule that is broken, each beginning with the field.

| field | rule |
|---|---|
| url | `http` or `https`; a host; no user name or password; at most 2000 characters; no blanks, control or format characters |
| title | at most 200 characters; no control characters |
| tags | at most 20; each `a-z`, `0-9` and inner hyphens, 30 characters at most, after case is folded |

The URL is not rewritten: the shelf compares by `Bookmark.key` and shows what
was typed.
MD
commit 'Say which links are refused' docs/validation.md

check lint test
prove 1 test_validation.UrlTest
prove 2 test_validation.TitleTest
prove 3 test_validation.TagTest
prove 4 test_validation.ReportTest
note "validate() takes any types, also what JSON gives; problems come as a list of text."
deliver "Validation of URL, title and tags with all problems told at once"

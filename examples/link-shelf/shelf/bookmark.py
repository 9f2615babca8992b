"""The one value everything else is about: a link with a title and tags."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


def normalise_url(url: str) -> str:
    """Spell equal URLs equally: case of scheme and host, default port, empty path, fragment."""
    parts = urlsplit(url.strip())
    host = parts.hostname or ""
    if ":" in host:
        host = f"[{host}]"
    if parts.port is not None and parts.port != DEFAULT_PORTS.get(parts.scheme):
        host = f"{host}:{parts.port}"
    userinfo, at, _ = parts.netloc.rpartition("@")
    return urlunsplit((parts.scheme, userinfo + at + host, parts.path or "/", parts.query, ""))


def normalise_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags are a set: case, surrounding blanks, order and repetition carry no meaning."""
    return tuple(sorted({tag.strip().casefold() for tag in tags} - {""}))


@dataclass(frozen=True)
class Bookmark:
    url: str
    title: str = ""
    tags: tuple[str, ...] = ()
    id: int | None = None  # given by the shelf that keeps it

    def __post_init__(self):
        object.__setattr__(self, "tags", normalise_tags(self.tags))

    @property
    def key(self) -> str:
        """Two bookmarks with the same key are the same link."""
        return normalise_url(self.url)

    def as_dict(self) -> dict:
        return {"id": self.id, "url": self.url, "title": self.title, "tags": list(self.tags)}

"""A shelf that forgets everything at exit; storage offers the same methods and keeps them."""

from dataclasses import replace

from shelf.bookmark import Bookmark
from shelf.errors import DuplicateLink, UnknownLink


class MemoryShelf:
    def __init__(self):
        self._links: dict[int, Bookmark] = {}
        self._last_id = 0

    def add(self, bookmark: Bookmark) -> Bookmark:
        for stored in self._links.values():
            if stored.key == bookmark.key:
                raise DuplicateLink(bookmark.url, stored.id)
        self._last_id += 1
        self._links[self._last_id] = replace(bookmark, id=self._last_id)
        return self._links[self._last_id]

    def get(self, link_id: int) -> Bookmark:
        try:
            return self._links[link_id]
        except KeyError:
            raise UnknownLink(link_id) from None

    def list(self, tag: str | None = None) -> list[Bookmark]:
        """All links in the order they were added, or those that carry `tag`."""
        wanted = tag and tag.strip().casefold()
        return [link for link in self._links.values() if not wanted or wanted in link.tags]

    def remove(self, link_id: int) -> Bookmark:
        removed = self.get(link_id)
        del self._links[link_id]
        return removed

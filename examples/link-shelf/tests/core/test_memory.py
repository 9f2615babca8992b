import unittest

from shelf.bookmark import Bookmark
from shelf.errors import DuplicateLink, UnknownLink
from shelf.memory import MemoryShelf


class MemoryShelfTest(unittest.TestCase):
    def setUp(self):
        self.shelf = MemoryShelf()
        self.first = self.shelf.add(Bookmark("http://a.example/", "A", ["news"]))

    def test_add_gives_an_id_and_get_returns_the_link(self):
        self.assertEqual(self.first.id, 1)
        self.assertEqual(self.shelf.get(1), self.first)

    def test_the_same_link_twice_is_refused(self):
        with self.assertRaisesRegex(DuplicateLink, "already stored as 1") as caught:
            self.shelf.add(Bookmark("HTTP://A.EXAMPLE"))
        self.assertEqual(caught.exception.existing, 1)

    def test_list_filters_by_tag(self):
        second = self.shelf.add(Bookmark("http://b.example/"))
        self.assertEqual(self.shelf.list(), [self.first, second])
        self.assertEqual(self.shelf.list(tag="News"), [self.first])

    def test_removed_links_are_gone_and_their_ids_stay_unused(self):
        self.assertEqual(self.shelf.remove(1), self.first)
        with self.assertRaisesRegex(UnknownLink, "no link 1"):
            self.shelf.get(1)
        self.assertEqual(self.shelf.add(Bookmark("http://a.example/")).id, 2)

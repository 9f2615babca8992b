"""shelf/storage.py: Storage(path), the methods of MemoryShelf, kept in an SQLite file."""

import tempfile
import threading
import unittest
from pathlib import Path

from shelf.bookmark import Bookmark
from shelf.errors import DuplicateLink, UnknownLink
from shelf.storage import Storage


class StorageCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "links.db"
        self.shelf = self.open()

    def open(self):
        shelf = Storage(self.path)
        self.addCleanup(shelf.close)
        return shelf


class KeepingTest(StorageCase):
    def test_a_link_survives_closing(self):
        with Storage(self.path) as shelf:
            added = shelf.add(Bookmark("http://a.example/", "Größe", ["b", "a"]))
        self.assertEqual(added.id, 1)
        self.assertEqual(self.open().get(1), added)

    def test_list_is_in_the_order_of_adding_and_filters_by_tag(self):
        first = self.shelf.add(Bookmark("http://z.example/", tags=["news", "daily"]))
        second = self.shelf.add(Bookmark("http://a.example/"))
        self.assertEqual(self.shelf.list(), [first, second])
        self.assertEqual(self.shelf.list(tag=" News "), [first])
        self.assertEqual(self.shelf.list(tag="weekly"), [])

    def test_remove_takes_tags_along_and_never_reuses_the_id(self):
        first = self.shelf.add(Bookmark("http://a.example/", tags=["x"]))
        self.assertEqual(self.shelf.remove(first.id), first)
        self.assertEqual(self.shelf.list(tag="x"), [])
        self.assertEqual(self.shelf.add(Bookmark("http://a.example/")).id, first.id + 1)

    def test_unknown_ids_are_named(self):
        for act in (self.shelf.get, self.shelf.remove):
            for link_id in (7, 0, -1, 2**63):
                with self.assertRaisesRegex(UnknownLink, f"no link {link_id}$"):
                    act(link_id)


class DuplicateTest(StorageCase):
    def test_two_spellings_of_a_url_are_one_link(self):
        self.shelf.add(Bookmark("http://a.example/"))
        with self.assertRaises(DuplicateLink) as caught:
            self.shelf.add(Bookmark("HTTP://A.example:80#top"))
        self.assertEqual(caught.exception.existing, 1)
        self.assertEqual(len(self.shelf.list()), 1)

    def test_a_duplicate_added_through_another_connection_is_seen(self):
        other = self.open()
        other.add(Bookmark("http://a.example/"))
        with self.assertRaises(DuplicateLink):
            self.shelf.add(Bookmark("http://a.example/"))


class AtomicityTest(StorageCase):
    def test_add_all_keeps_all(self):
        links = self.shelf.add_all([Bookmark("http://a.example/"), Bookmark("http://b.example/")])
        self.assertEqual([link.id for link in links], [1, 2])

    def test_add_all_keeps_none_when_one_is_refused(self):
        with self.assertRaisesRegex(DuplicateLink, "twice in one request"):
            self.shelf.add_all([Bookmark("http://a.example/", tags=["x"]),
                                Bookmark("http://A.example")])
        self.assertEqual(self.open().list(), [])

    def test_threads_may_share_a_storage(self):
        def fill(name):
            for number in range(20):
                self.shelf.add(Bookmark(f"http://{name}.example/{number}", tags=[name]))

        threads = [threading.Thread(target=fill, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(self.shelf.list()), 80)
        self.assertEqual(len(self.shelf.list(tag="c")), 20)

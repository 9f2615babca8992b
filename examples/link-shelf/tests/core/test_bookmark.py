import unittest

from shelf.bookmark import Bookmark, normalise_tags, normalise_url


class NormaliseUrlTest(unittest.TestCase):
    def test_equal_urls_are_spelt_equally(self):
        for url in ("https://example.org/", "HTTPS://Example.ORG", "https://example.org:443/#top",
                    "  https://example.org  "):
            with self.subTest(url):
                self.assertEqual(normalise_url(url), "https://example.org/")

    def test_what_makes_a_difference_is_kept(self):
        for url in ("http://example.org:8080/", "https://example.org/A?b=C", "http://[::1]:81/x",
                    "http://me@example.org/"):
            with self.subTest(url):
                self.assertEqual(normalise_url(url), url)


class BookmarkTest(unittest.TestCase):
    def test_tags_are_a_set(self):
        self.assertEqual(normalise_tags(["Web", " api ", "web", ""]), ("api", "web"))
        self.assertEqual(Bookmark("http://a.example", tags=["B", "a"]).tags, ("a", "b"))

    def test_key_joins_spellings_and_url_keeps_its_own(self):
        link = Bookmark("HTTP://A.example")
        self.assertEqual(link.key, Bookmark("http://a.example/#x").key)
        self.assertEqual(link.url, "HTTP://A.example")

    def test_as_dict(self):
        link = Bookmark("http://a.example/", "A", ["x"], id=3)
        self.assertEqual(link.as_dict(),
                         {"id": 3, "url": "http://a.example/", "title": "A", "tags": ["x"]})

"""shelf/search.py: search(bookmarks, query) returns those that match, best first."""

import unittest

from shelf.bookmark import Bookmark
from shelf.search import search

GUIDE = Bookmark("https://docs.example/guide", "Python packaging guide", ["python", "howto"])
NEWS = Bookmark("https://news.example/python", "Weekly news", ["news"])
CAFE = Bookmark("https://food.example/", "Café in Zürich", ["food", "howto"])
PYRE = Bookmark("https://fire.example/", "Pythonesque sketches", ["fun"])
ALL = [NEWS, CAFE, PYRE, GUIDE]


class MatchingTest(unittest.TestCase):
    def test_title_url_and_tags_are_searched(self):
        self.assertEqual(search(ALL, "weekly"), [NEWS])
        self.assertEqual(search(ALL, "docs"), [GUIDE])
        self.assertEqual(search(ALL, "fun"), [PYRE])

    def test_every_word_must_match(self):
        self.assertEqual(search(ALL, "python guide"), [GUIDE])
        self.assertEqual(search(ALL, "python zürich"), [])

    def test_beginnings_of_words_match_case_and_accents_do_not_count(self):
        self.assertEqual(search(ALL, "PACK"), [GUIDE])
        self.assertEqual(search(ALL, "cafe zurich"), [CAFE])
        self.assertEqual(search(ALL, "ackaging"), [])

    def test_the_scheme_is_no_word(self):
        self.assertEqual(search(ALL, "https"), [])


class RankingTest(unittest.TestCase):
    def test_title_and_tag_beat_title_beats_url(self):
        self.assertEqual(search(ALL, "python"), [GUIDE, PYRE, NEWS])

    def test_a_whole_word_beats_a_beginning(self):
        whole, start = Bookmark("http://a.example", "go"), Bookmark("http://b.example", "gopher")
        self.assertEqual(search([start, whole], "go"), [whole, start])

    def test_equals_keep_their_order(self):
        self.assertEqual(search(ALL, "example"), ALL)
        self.assertEqual(search(reversed(ALL), "example"), ALL[::-1])


class TagFilterTest(unittest.TestCase):
    def test_tag_filters_exactly(self):
        self.assertEqual(search(ALL, "tag:howto"), [CAFE, GUIDE])
        self.assertEqual(search(ALL, "tag:how"), [])
        self.assertEqual(search(ALL, "TAG:HowTo tag:food"), [CAFE])

    def test_tag_and_words_together(self):
        self.assertEqual(search(ALL, "tag:howto python"), [GUIDE])

    def test_an_empty_query_finds_everything_and_noise_finds_nothing(self):
        self.assertEqual(search(ALL, "  "), ALL)
        self.assertEqual(search(ALL, "!?"), [])
        self.assertEqual(search(ALL, "tag:"), [])

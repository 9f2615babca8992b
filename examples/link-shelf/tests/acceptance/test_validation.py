"""shelf/validation.py: validate(url, title="", tags=()) makes a Bookmark or raises InvalidLink."""

import unittest

from shelf.bookmark import Bookmark
from shelf.errors import InvalidLink
from shelf.validation import validate


class ValidationCase(unittest.TestCase):
    def refuse(self, problem, *args):
        with self.subTest(problem):
            with self.assertRaises(InvalidLink) as caught:
                validate(*args)
            self.assertEqual(caught.exception.problems, [problem])


class UrlTest(ValidationCase):
    def test_good_urls_pass_unchanged(self):
        for url in ("http://a.example/", "HTTPS://A.example:8443/x?y=z#top", "http://[::1]:80/",
                    "http://localhost", "https://müller.example/straße"):
            with self.subTest(url):
                self.assertEqual(validate(url).url, url)

    def test_scheme_and_host(self):
        self.refuse("url: is empty", "")
        self.refuse("url: must be text, not int", 7)
        self.refuse('url: scheme must be http or https, not "ftp"', "ftp://a.example/")
        self.refuse("url: has no scheme, begin with https://", "a.example/x")
        self.refuse("url: has no host", "http:///path")
        self.refuse('url: host "a_b!.example" is not a name or address', "http://a_b!.example/")
        self.refuse("url: must not carry a user name or password", "http://me:pw@a.example/")
        self.refuse("url: cannot be read: Port out of range 0-65535", "http://a.example:70000/")

    def test_length(self):
        url = "http://a.example/" + "x" * 1983
        self.assertEqual(validate(url).url, url)
        self.refuse("url: is 2001 characters long, at most 2000 are allowed", url + "x")

    def test_control_characters_and_blanks(self):
        self.refuse("url: has U+000A at position 10", "http://a.\nexample/")
        self.refuse("url: has U+0020 at position 19", "http://a.example/x y")
        self.refuse("url: has U+202E at position 18", "http://a.example/\u202ey")


class TitleTest(ValidationCase):
    def test_good_titles_pass(self):
        for title in ("", "Größe 👩‍💻", "t" * 200):
            self.assertEqual(validate("http://a.example/", title).title, title)

    def test_bad_titles(self):
        self.refuse("title: must be text, not NoneType", "http://a.example/", None)
        self.refuse("title: is 201 characters long, at most 200 are allowed",
                    "http://a.example/", "t" * 201)
        self.refuse("title: has U+001B at position 3", "http://a.example/", "ab\x1b[31m")
        self.refuse("title: has U+D800 at position 1", "http://a.example/", "\ud800")


class TagTest(ValidationCase):
    def test_good_tags_pass_normalised(self):
        self.assertEqual(validate("http://a.example/", "", ["Web-API", "2024", " web-api "]),
                         Bookmark("http://a.example/", "", ("2024", "web-api")))

    def test_bad_tags(self):
        syntax = "use a-z, 0-9 and inner hyphens, 30 characters at most"
        self.refuse(f'tags: "c++": {syntax}', "http://a.example/", "", ["ok", "c++"])
        self.refuse(f'tags: "-x": {syntax}', "http://a.example/", "", ["-x"])
        self.refuse(f'tags: "{"x" * 31}": {syntax}', "http://a.example/", "", ["x" * 31])
        self.refuse(f'tags: "": {syntax}', "http://a.example/", "", [""])
        self.refuse("tags: must be a list of text", "http://a.example/", "", "web")
        self.refuse("tags: must be a list of text", "http://a.example/", "", ["web", 1])
        self.refuse("tags: are 21, at most 20 are allowed",
                    "http://a.example/", "", [f"t{n}" for n in range(21)])


class ReportTest(ValidationCase):
    def test_all_problems_are_told_at_once(self):
        with self.assertRaises(InvalidLink) as caught:
            validate("ftp://a.example/", "t" * 201, ["c++"])
        self.assertEqual([problem.split(":")[0] for problem in caught.exception.problems],
                         ["url", "title", "tags"])

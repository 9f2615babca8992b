"""shelf/api.py: make_server(storage, port=0) serves /links as JSON, and /health as before."""

import tempfile
import unittest
from pathlib import Path

from shelf.api import make_server
from shelf.storage import Storage
from tests import http


class ApiCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.storage = Storage(Path(folder.name) / "links.db")
        self.addCleanup(self.storage.close)
        self.port = http.start(self, make_server(self.storage))

    def call(self, method, path, body=None, headers={}):
        return http.call(self.port, method, path, body, headers)

    def post(self, url, **fields):
        return self.call("POST", "/links", {"url": url, **fields})


class LinksTest(ApiCase):
    def test_post_stores_and_says_where(self):
        status, body, headers = self.post("http://a.example/", title="A", tags=["Web"])
        self.assertEqual(status, 201)
        self.assertEqual(headers["Location"], "/links/1")
        self.assertEqual(body, {"id": 1, "url": "http://a.example/", "title": "A", "tags": ["web"]})
        self.assertEqual(self.storage.get(1).as_dict(), body)

    def test_get_one_and_all(self):
        _, first, _ = self.post("http://a.example/", tags=["web"])
        _, second, _ = self.post("http://b.example/")
        self.assertEqual(self.call("GET", "/links/2")[:2], (200, second))
        self.assertEqual(self.call("GET", "/links")[:2], (200, {"links": [first, second]}))
        self.assertEqual(self.call("GET", "/links?tag=web")[:2], (200, {"links": [first]}))

    def test_delete(self):
        self.post("http://a.example/")
        self.assertEqual(self.call("DELETE", "/links/1")[:2], (204, None))
        self.assertEqual(self.call("GET", "/links")[1], {"links": []})

    def test_health_still_answers(self):
        self.assertEqual(self.call("GET", "/health")[:2], (200, {"status": "ok"}))


class BadRequestTest(ApiCase):
    def refuse(self, status, error, *request):
        with self.subTest(error):
            self.assertEqual(self.call(*request)[:2], (status, {"error": error}))

    def test_bodies_that_are_no_link(self):
        self.refuse(400, "the body is not JSON", "POST", "/links", b"{")
        self.refuse(400, "the body is not JSON", "POST", "/links", b"")
        self.refuse(400, "the body is not JSON", "POST", "/links", b"[" * 60000)
        self.refuse(400, "the body must be a JSON object", "POST", "/links", [1])
        self.refuse(400, "url: is missing", "POST", "/links", {"title": "A"})
        self.refuse(400, "unknown field: colour", "POST", "/links",
                    {"url": "http://a.example/", "colour": "red"})
        self.refuse(400, "Content-Length must be a number", "POST", "/links", b"",
                    {"Content-Length": "many"})
        self.refuse(413, "the body is larger than 65536 bytes", "POST", "/links", b"",
                    {"Content-Length": "65537"})

    def test_rules_of_validation_are_applied_and_all_told(self):
        status, body, _ = self.post("ftp://a.example/", tags=["c++"])
        self.assertEqual(status, 400)
        self.assertEqual(body["error"], "the link is not valid")
        self.assertEqual([problem.split(":")[0] for problem in body["problems"]], ["url", "tags"])
        self.assertEqual(self.storage.list(), [])


class ConflictTest(ApiCase):
    def test_a_duplicate_names_the_link_that_exists(self):
        self.post("http://a.example/")
        status, body, _ = self.post("HTTP://A.example")
        self.assertEqual(status, 409)
        self.assertEqual(body, {"error": "HTTP://A.example is already stored as 1", "existing": 1})


class NotFoundTest(ApiCase):
    def test_unknown_links_and_paths(self):
        for method in ("GET", "DELETE"):
            self.assertEqual(self.call(method, "/links/9")[:2],
                             (404, {"error": "there is no link 9"}))
        for path in ("/links/x", "/links/1/2", "/links/", "/"):
            self.assertEqual(self.call("GET", path)[0], 404, path)

    def test_methods_that_do_not_fit(self):
        for method, path in (("DELETE", "/links"), ("POST", "/links/1")):
            self.assertEqual(self.call(method, path)[:2],
                             (405, {"error": f"{path} knows no {method}"}))

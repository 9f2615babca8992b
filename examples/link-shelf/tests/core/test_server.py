import unittest

from shelf.server import make_server
from tests import http


class ServerTest(unittest.TestCase):
    def setUp(self):
        self.port = http.start(self, make_server())

    def test_health(self):
        status, body, headers = http.call(self.port, "GET", "/health")
        self.assertEqual((status, body), (200, {"status": "ok"}))
        self.assertEqual(headers["Content-Type"], "application/json")

    def test_refusals_say_why(self):
        status, body, _ = http.call(self.port, "GET", "/nowhere")
        self.assertEqual((status, body), (404, {"error": "nothing at /nowhere"}))
        status, body, _ = http.call(self.port, "DELETE", "/health")
        self.assertEqual((status, body), (405, {"error": "/health knows no DELETE"}))

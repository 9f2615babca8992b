"""Run a server for the length of a test and talk JSON to it."""

import json
import threading
from http.client import HTTPConnection


def start(test, server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    test.addCleanup(server.server_close)
    test.addCleanup(thread.join)
    test.addCleanup(server.shutdown)
    return server.server_port


def call(port, method, path, body=None, headers={}):
    """Returns status, decoded body (None when empty) and headers; bytes are sent as they are."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, path, data, headers)
        reply = connection.getresponse()
        text = reply.read()
        return reply.status, json.loads(text) if text else None, reply.headers
    finally:
        connection.close()

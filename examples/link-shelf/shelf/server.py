"""The HTTP skeleton: JSON in, JSON out, and /health. Subclasses add routes."""

import json
import logging
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import urlsplit

log = logging.getLogger("shelf")


class Reply(NamedTuple):
    status: HTTPStatus
    body: dict | None = None
    headers: dict[str, str] = {}


class HttpError(Exception):
    """Answer this request with `status` and {"error": message, ...details}."""

    def __init__(self, status: HTTPStatus, message: str, **details):
        super().__init__(message)
        self.reply = Reply(status, {"error": message, **details})


class Handler(BaseHTTPRequestHandler):
    server_version = "link-shelf"

    def route(self, method: str, path: str) -> Reply:
        if path != "/health":
            raise HttpError(HTTPStatus.NOT_FOUND, f"nothing at {path}")
        if method != "GET":
            raise HttpError(HTTPStatus.METHOD_NOT_ALLOWED, f"{path} knows no {method}")
        return Reply(HTTPStatus.OK, {"status": "ok"})

    def answer(self) -> None:
        try:
            reply = self.route(self.command, urlsplit(self.path).path)
        except HttpError as error:
            reply = error.reply
        except Exception:
            log.exception("%s %s", self.command, self.path)
            reply = Reply(HTTPStatus.INTERNAL_SERVER_ERROR, {"error": "internal error"})
        body = b"" if reply.body is None else json.dumps(reply.body).encode()
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.body is not None:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = answer

    def log_message(self, format, *args):
        log.info(format, *args)


def make_server(handler: type[Handler] = Handler, port: int = 0) -> ThreadingHTTPServer:
    """Listens on this machine only; port 0 takes a free one."""
    return ThreadingHTTPServer(("127.0.0.1", port), handler)

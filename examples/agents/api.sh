# A builder that makes the HTTP API out of what the data layer and validation delivered.

. "$(dirname "$0")/lib.sh"
mkdir -p docs

say "looking for what this builds on"
for module in storage validation; do
	[ -f "shelf/$module.py" ] || give_up "shelf/$module.py is not here, though this task needs it"
done

say "writing shelf/api.py"
cat >shelf/api.py <<'PY'
"""/links over HTTP: storage and validation, spoken in JSON."""

import json
import re
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from shelf import server
from shelf.errors import DuplicateLink, InvalidLink, UnknownLink
from shelf.server import Handler, HttpError, Reply
from shelf.storage import Storage
from shelf.validation import validate

MAX_BODY = 65536
FIELDS = {"url", "title", "tags"}
ONE_LINK = re.compile(r"/links/([0-9]{1,18})")


PY
cat >>shelf/api.py <<'PY'
class LinksHandler(Handler):
    storage: Storage

    def route(self, method: str, path: str) -> Reply:
        try:
            if path == "/links":
                return self.links(method)
            if one := ONE_LINK.fullmatch(path):
                return self.link(method, int(one[1]))
        except InvalidLink as error:
            raise HttpError(HTTPStatus.BAD_REQUEST, "the link is not valid",
                            problems=error.problems) from None
        except UnknownLink as error:
            raise HttpError(HTTPStatus.NOT_FOUND, str(error)) from None
        except DuplicateLink as error:
            raise HttpError(HTTPStatus.CONFLICT, str(error), existing=error.existing) from None
        return super().route(method, path)

    def links(self, method: str) -> Reply:
        if method == "GET":
            tag = parse_qs(urlsplit(self.path).query).get("tag", [None])[0]
            links = [link.as_dict() for link in self.storage.list(tag)]
            return Reply(HTTPStatus.OK, {"links": links})
        if method == "POST":
            link = self.storage.add(validate(**self.fields()))
            return Reply(HTTPStatus.CREATED, link.as_dict(), {"Location": f"/links/{link.id}"})
        raise HttpError(HTTPStatus.METHOD_NOT_ALLOWED, f"/links knows no {method}")

    def link(self, method: str, link_id: int) -> Reply:
        if method == "GET":
            return Reply(HTTPStatus.OK, self.storage.get(link_id).as_dict())
        if method == "DELETE":
            self.storage.remove(link_id)
            return Reply(HTTPStatus.NO_CONTENT)
        raise HttpError(HTTPStatus.METHOD_NOT_ALLOWED, f"/links/{link_id} knows no {method}")

PY
cat >>shelf/api.py <<'PY'
    def fields(self) -> dict:
        """What the body says about a link; the values are for validation to judge."""
        length = self.headers.get("Content-Length", "0")
        if not re.fullmatch("[0-9]{1,9}", length):
            raise HttpError(HTTPStatus.BAD_REQUEST, "Content-Length must be a number")
        if int(length) > MAX_BODY:
            raise HttpError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                            f"the body is larger than {MAX_BODY} bytes")
        try:
            fields = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            raise HttpError(HTTPStatus.BAD_REQUEST, "the body is not JSON") from None
        if not isinstance(fields, dict):
            raise HttpError(HTTPStatus.BAD_REQUEST, "the body must be a JSON object")
        if unknown := sorted(fields.keys() - FIELDS):
            raise HttpError(HTTPStatus.BAD_REQUEST, f"unknown field: {', '.join(unknown)}")
        if "url" not in fields:
            raise HttpError(HTTPStatus.BAD_REQUEST, "url: is missing")
        return fields


def make_server(storage: Storage, port: int = 0) -> ThreadingHTTPServer:
    handler = type("BoundHandler", (LinksHandler,), {"storage": storage})
    return server.make_server(handler, port)
PY
check lint test
commit 'Serve links over HTTP

Validation judges what arrives, storage decides what is a duplicate; this
only gives each of their refusals its status, so that a client can tell
a bad link (400) from an unknown one (404) and a known one (409).' shelf/api.py

say "writing docs/api.md"
cat >docs/api.md <<'MD'
# HTTP API

`python3 -m shelf serve` listens on 127.0.0.1 only. Bodies are JSON.

| request | answers |
|---|---|
| `POST /links` with `url`, optional `title`, `tags` | 201 and the link, `Location: /links/ID` |
| `GET /links`, `GET /links?tag=NAME` | 200, `{"links": [...]}` in the order of adding |
| `GET /links/ID` | 200 and the link |
| `DELETE /links/ID` | 204 |
| `GET /health` | 200, `{"status": "ok"}` |

Errors are `{"error": "..."}`: 400 with `problems`, a list, when the link breaks
rules; 404 for an unknown link or path; 405; 409 with `existing`, the id of the
link that is there already; 413 above 64 KiB.

    curl -d '{"url": "https://example.org/", "tags": ["web"]}' http://127.0.0.1:8080/links
MD
commit 'Say what each request answers' docs/api.md

check lint test
prove 1 test_api.LinksTest
prove 2 test_api.BadRequestTest
prove 3 test_api.ConflictTest
prove 4 test_api.NotFoundTest
note "The command line finds the API by itself: python3 -m shelf serve."
deliver "POST, GET and DELETE on /links with 400, 404 and 409, on top of storage and validation"

"""The command line. A command whose modules are not built yet says which ones it waits for."""

import argparse
import importlib
import importlib.util
import sys
from types import ModuleType

from shelf import server
from shelf.errors import ShelfError

PARTS = {
    "storage": "keeps links in a file",
    "validation": "refuses bad links",
    "api": "serves links over HTTP",
    "search": "finds links",
}


class NotBuilt(ShelfError):
    pass


def built(part: str) -> bool:
    return importlib.util.find_spec(f"shelf.{part}") is not None


def need(*parts: str) -> list[ModuleType]:
    missing = [part for part in parts if not built(part)]
    if missing:
        raise NotBuilt("not built yet: " + ", ".join(f"shelf/{part}.py" for part in missing))
    return [importlib.import_module(f"shelf.{part}") for part in parts]


def show(links) -> None:
    for link in links:
        print(f"{link.id}\t{link.url}\t{link.title}\t{' '.join(link.tags)}")


def status(args) -> None:
    for part, purpose in PARTS.items():
        print(f"{'built  ' if built(part) else 'missing'}  {part:10}  {purpose}")


def add(args) -> None:
    storage, validation = need("storage", "validation")
    with storage.Storage(args.db) as shelf:
        show([shelf.add(validation.validate(args.url, args.title, args.tag))])


def list_links(args) -> None:
    (storage,) = need("storage")
    with storage.Storage(args.db) as shelf:
        show(shelf.list())


def remove(args) -> None:
    (storage,) = need("storage")
    with storage.Storage(args.db) as shelf:
        show([shelf.remove(args.id)])


def search(args) -> None:
    storage, finder = need("storage", "search")
    with storage.Storage(args.db) as shelf:
        show(finder.search(shelf.list(), " ".join(args.query)))


def serve(args) -> None:
    storage, api = need("storage", "api") if built("api") else (None, None)
    if api:
        with storage.Storage(args.db) as shelf:
            run(api.make_server(shelf, args.port))
    else:
        run(server.make_server(port=args.port))


def run(httpd) -> None:
    with httpd:
        print(f"listening on http://127.0.0.1:{httpd.server_port}", flush=True)
        try:
            httpd.serve_forever()
        except KeyboardInterrupt:
            pass


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="shelf", description="Keep links.")
    top.add_argument("--db", default="links.db", help="file that holds the links")
    top.set_defaults(run=status)
    commands = top.add_subparsers(metavar="COMMAND")

    def command(name, function, help):
        made = commands.add_parser(name, help=help)
        made.set_defaults(run=function)
        return made

    command("status", status, "which parts are built (the default)")
    adding = command("add", add, "put a link on the shelf")
    adding.add_argument("url")
    adding.add_argument("--title", default="")
    adding.add_argument("--tag", action="append", default=[])
    command("list", list_links, "show all links")
    command("remove", remove, "take a link off the shelf").add_argument("id", type=int)
    command("search", search, "find links").add_argument("query", nargs="+")
    command("serve", serve, "start the HTTP server").add_argument("--port", type=int, default=8080)
    return top


def main(argv: list[str] | None = None) -> int:
    args = parser().parse_args(argv)
    try:
        args.run(args)
    except ShelfError as error:
        print(f"shelf: {error}", file=sys.stderr)
        return 1
    return 0

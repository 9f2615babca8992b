"""The rules that compileall cannot know; prints FILE:LINE: WHY and exits 1 when one is broken."""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CODE = ("shelf", "tests", "tools")
PROSE = ("*.md", "docs/*.md", "Makefile", "*.toml")
MAY_PRINT = {"shelf/cli.py"}


def spacing(text: str):
    for number, line in enumerate(text.split("\n"), 1):
        if line != line.rstrip():
            yield number, "trailing whitespace"


def code(text: str, may_print: bool):
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        yield error.lineno or 1, f"syntax error: {error.msg}"
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and node.type is None:
            yield node.lineno, "bare except: name what you expect"
        is_print = isinstance(node, ast.Call) and getattr(node.func, "id", None) == "print"
        if is_print and not may_print:
            yield node.lineno, "debug print( left in: remove it, or use logging"


def findings(root: Path):
    sources = sorted(path for folder in CODE for path in (root / folder).rglob("*.py"))
    for path in sources:
        name = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")
        may_print = name in MAY_PRINT or not name.startswith("shelf/")
        for line, why in sorted([*spacing(text), *code(text, may_print)]):
            yield f"{name}:{line}: {why}"
    for path in sorted(path for pattern in PROSE for path in root.glob(pattern)):
        for line, why in spacing(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(root).as_posix()}:{line}: {why}"


def main() -> int:
    found = list(findings(ROOT))
    for finding in found:
        print(finding, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

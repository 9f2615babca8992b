"""Runs the sessions under EXAMPLES of one manual page; the rules are in man/TEMPLATE.md.

usage: examples.py FILE.scd|FILE.md

Each block of a manual page runs in a new repository; in Markdown all blocks ```console are one session. Prints what
differs and exits with 1.
"""
import os
import re
import subprocess
import sys
import tempfile

PREPARE = """git init -q -b main . && echo "a file" >file.txt && git add file.txt &&
git commit -q -m "Add a file" && git agent-init"""


def blocks(source):
    """The runnable blocks under EXAMPLES: [(line number, [set-up command], [line])]."""
    found, inside, literal, setup, last = [], False, None, [], ""
    for number, line in enumerate(source.split("\n"), 1):
        if line.strip().startswith("```"):
            if literal is None:
                literal = []
                start = number
                continue
            if inside and not re.search(r"\(not run\)[:.]?$", last):
                found.append((start, setup, literal))
            literal, setup, last = None, [], ""
        elif literal is not None:
            literal.append(line)
        elif line.startswith("# "):
            inside, setup = line == "# EXAMPLES", []
        elif line.startswith("; setup: "):
            setup.append(line[len("; setup: "):])
        elif line.strip() and not line.startswith("; "):
            last = line.strip()
    return found


def session(source):
    """The blocks ```console of a Markdown file as one: [(line number, [], [line])]."""
    found = re.findall(r"^```console\n(.*?)^```$", source, re.M | re.S)
    if not found:
        raise SystemExit("there is no block to run")
    return [(source[:source.index("```console")].count("\n") + 1, [], "".join(found).split("\n"))]


def steps(lines):
    """The commands of a block: [(command, exit code, [expected line])]."""
    found = []
    for line in lines:
        if line.startswith("$ "):
            code = re.search(r"# exit (\d+)", line)
            found.append([line[2:], int(code.group(1)) if code else 0, []])
        elif line.startswith("> ") or line == ">":
            found[-1][0] += "\n" + line[2:]
            code = re.search(r"# exit (\d+)", line)
            found[-1][1] = int(code.group(1)) if code else found[-1][1]
        elif found:
            found[-1][2].append(line)
        elif line.strip():
            raise SystemExit(f"output before the first command: {line}")
    return found


def pattern(expected):
    """A regular expression for the lines of an answer."""
    text = ""
    for line in expected:
        if line.strip() == "...":
            text += r"(?:.*\n)*?"
        else:
            pieces = [re.escape(piece) for piece in " ".join(line.split()).split("...")]
            text += ".*".join(pieces) + r"\n"
    return text


def squeezed(text):
    lines = [" ".join(line.split()) for line in text.rstrip("\n").split("\n")]
    return "\n".join(lines) + "\n"


def run(setup, commands, place):
    """One shell runs all commands, so that variables and directories stay."""
    repo, notes = os.path.join(place, "project"), os.path.join(place, "notes")
    os.mkdir(repo)
    os.mkdir(notes)
    script = "{ " + PREPARE + "\n} >%s/prepare 2>&1 || exit 99\n" % notes
    for command in setup:
        script += "{ " + command + "\n} >>%s/prepare 2>&1 </dev/null || exit 98\n" % notes
    for number, (command, _, _) in enumerate(commands):
        script += "{ %s\n} >%s/out.%d 2>&1 </dev/null\necho $? >%s/code.%d\n" % (command, notes, number, notes, number)
    done = subprocess.run(["sh", "-c", script], cwd=repo, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          text=True, timeout=120, check=False)
    if done.returncode in (98, 99):
        with open(os.path.join(notes, "prepare"), encoding="utf-8") as stream:
            return [f"setting up failed: {stream.read()}"]
    problems = [] if not done.stderr else [f"the shell says: {done.stderr}"]
    for number, (command, code, expected) in enumerate(commands):
        problems += judge(command, code, expected, notes, number)
    return problems


def judge(command, code, expected, notes, number):
    try:
        with open(os.path.join(notes, f"code.{number}"), encoding="utf-8") as stream:
            got = int(stream.read())
        with open(os.path.join(notes, f"out.{number}"), encoding="utf-8", errors="replace") as stream:
            output = stream.read()
    except FileNotFoundError:
        return [f"$ {command}\nwas not reached"]
    if got != code:
        return [f"$ {command}\nexit code {got} instead of {code}; it printed:\n{output}"]
    while expected and not expected[-1].strip():
        expected.pop()
    if expected and not re.fullmatch(pattern(expected), squeezed(output)):
        return [f"$ {command}\nprinted:\n{output}but the page says:\n" + "\n".join(expected)]
    return []


def main():
    with open(sys.argv[1], encoding="utf-8") as stream:
        source = stream.read()
    failed = False
    for start, setup, lines in session(source) if sys.argv[1].endswith(".md") else blocks(source):
        with tempfile.TemporaryDirectory() as place:
            for problem in run(setup, steps(lines), place):
                failed = True
                print(f"the block at line {start}: {problem}")
    sys.exit(1 if failed else 0)


main()

"""Judges what a command that failed wrote with --json.

usage: refusal.py FILE KIND CODE MAN

FILE is its standard output, CODE its exit code, MAN the source of git-agent(1). Commands and their arguments come from
the git-agent on PATH. Every complaint is a line; none: exit code 0.
"""
import json
import re
import subprocess
import sys

complaints = []


def expect(holds, complaint):
    if not holds:
        complaints.append(complaint)


def documented_codes(man):
    rows = re.findall(r"^\|\s+(\d+)\n:\s+(\w+)\n", open(man, encoding="utf-8").read(), re.M)
    return {kind: int(code) for code, kind in rows}


def load_commands():
    text = subprocess.run(["git-agent", "--dump-commands"], check=True, capture_output=True).stdout
    return {command["name"]: {verb["name"]: verb for verb in command["verbs"]} for command in json.loads(text)}


def check_words(verb, words):
    """The words after the verb, as the program would take them."""
    options = {"--" + option["name"]: option for option in verb["options"]}
    options.update({"-" + option["letter"]: option for option in verb["options"] if option["letter"]})
    arguments, rest = 0, list(words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            arguments += len(rest)
            break
        if not word.startswith("-") or word == "-":
            arguments += 1
            continue
        name, given, _ = word.partition("=")
        expect(name in options, f"there is no option {name}")
        if name in options and options[name]["arg"] and not given:
            expect(rest, f"{name} lacks its value")
            rest = rest[1:]
    most = verb["max_args"]
    expect(verb["min_args"] <= arguments and (most < 0 or arguments <= most), f"{arguments} arguments are not taken")


def check_next(argv, commands):
    if argv is None:
        return
    strings = isinstance(argv, list) and len(argv) > 1 and all(isinstance(word, str) and word for word in argv)
    expect(strings, "next is no argument vector")
    if not strings or not expect_command(argv, commands):
        return
    verbs, words = commands[argv[1][6:]], argv[2:]
    name = words.pop(0) if words and words[0] in verbs else ""
    expect(name in verbs, f"there is no such verb: {argv}")
    if name in verbs:
        check_words(verbs[name], words)


def expect_command(argv, commands):
    """True for a command of ours; Git's own are only looked up."""
    expect(argv[0] == "git", f"next does not begin with git: {argv}")
    if argv[1].startswith("agent-"):
        expect(argv[1][6:] in commands, f"there is no command {argv[1]}")
        return argv[1][6:] in commands
    known = subprocess.run(["git", "--list-cmds=main"], check=True, capture_output=True, text=True).stdout.split()
    expect(argv[1] in known, f"git knows no '{argv[1]}'")
    return False


def check_named(text, commands):
    """Every command that a sentence names is there."""
    for name, word in re.findall(r"git agent-([a-z]+)(?: ([a-z]+))?", text):
        expect(name in commands, f"there is no command agent-{name}: {text}")
        verbs = commands.get(name, {"": None})
        expect(not word or "" in verbs or word in verbs, f"agent-{name} has no verb '{word}': {text}")


def check(text, kind, code, man):
    expect(text.count("\n") == 1 and text.endswith("\n"), "not exactly one line")
    document = json.loads(text)  # refuses anything after the document
    error = document.get("error", {})
    expect(set(document) == {"v", "cmd", "ok", "data", "error"}, f"members: {sorted(document)}")
    expect(set(error) == {"kind", "message", "hints", "next"}, f"members of error: {sorted(error)}")
    expect(document["v"] == 1 and document["ok"] is False, "v is not 1, or ok is not false")
    expect(isinstance(document["cmd"], str) and document["cmd"], "no cmd")
    expect(isinstance(document["data"], dict), "data is no object")
    expect(error["kind"] == kind, f"kind is {error['kind']}: {error['message']}")
    expect(documented_codes(man).get(kind) == code, f"the manual has another exit code for {kind} than {code}")
    expect(isinstance(error["message"], str) and error["message"].strip(), "no message")
    hints = error["hints"]
    expect(isinstance(hints, list) and hints and all(isinstance(hint, str) and hint.strip() for hint in hints), "no hints")
    commands = load_commands()
    for sentence in [error["message"], *hints]:
        check_named(sentence, commands)
    check_next(error["next"], commands)


check(open(sys.argv[1], encoding="utf-8").read(), sys.argv[2], int(sys.argv[3]), sys.argv[4])
print("\n".join(complaints))
sys.exit(1 if complaints else 0)

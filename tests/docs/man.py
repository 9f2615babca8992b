"""Compares a manual page with what the program says of itself; the rules are in man/TEMPLATE.md.

usage: man.py commands|page NAME|other FILE|kinds|overview|references|config-keys

Reads commands.json, errors.json and keys.json (made by man.t) in the current directory. Prints what is wrong and exits
with 1.
"""
import json
import os
import re
import sys

MAN = os.path.join(os.environ["GIT_AGENT_SOURCE_ROOT"], "man")
ORDER = ["NAME", "SYNOPSIS", "DESCRIPTION", "VERBS", "OPTIONS", None, "EXAMPLES", "EXIT STATUS", "SEE ALSO"]
GLOBAL = {"--json", "--help", "-h", "-", "--"}
problems = []


def complain(text):
    problems.append(text)


def read(file):
    with open(os.path.join(MAN, file), encoding="utf-8") as stream:
        return stream.read()


def load(file):
    with open(file, encoding="utf-8") as stream:
        return json.load(stream)


def commands():
    return {row["name"]: row for row in load("commands.json")}


def sections(source):
    """The sections of a page in order: [(heading, [line...])]."""
    found, literal = [], False
    for line in source.split("\n"):
        if line.strip().startswith("```"):
            literal = not literal
        if not literal and line.startswith("# "):
            found.append((line[2:].strip(), []))
        elif found:
            found[-1][1].append(line)
    return found


def plain(text):
    """Text without scdoc's marks and with single spaces, for comparing."""
    return " ".join(re.sub(r"[*_\\]", "", text).split())


def prose(source):
    """The page without literal blocks and comments."""
    lines, literal = [], False
    for line in source.split("\n"):
        if line.strip().startswith("```"):
            literal = not literal
        elif not literal and not line.startswith("; "):
            lines.append(line)
    return "\n".join(lines)


def check_head(source, page, section):
    expected = f'{page}({section}) "git-agent" "Git Agent Manual"'
    if source.split("\n")[0] != expected:
        complain(f"the first line is not: {expected}")
    for word in re.findall(r"\b(will|not yet|TODO)\b", prose(source)):
        complain(f"the word '{word}': a page says what is so")


def check_order(names, row):
    required = ["NAME", "SYNOPSIS", "DESCRIPTION", "EXAMPLES", "EXIT STATUS", "SEE ALSO"]
    if any(verb["name"] for verb in row["verbs"] if not verb["hidden"]):
        required.append("VERBS")
    if options_of(row):
        required.append("OPTIONS")
    for name in ORDER:
        if name in required and name not in names:
            complain(f"no section {name}")
        if name and name in names and name not in required:
            complain(f"section {name} although the row has none")
    place = [ORDER.index(name) if name in ORDER else ORDER.index(None) for name in names]
    if place != sorted(place):
        complain("sections out of order: " + ", ".join(names))


def options_of(row):
    """Entries as OPTIONS must have them."""
    entries = {}
    for verb in row["verbs"]:
        for option in verb["options"]:
            if verb["hidden"] or option["hidden"]:
                continue
            entry = f"--{option['name']}" + (f"={option['arg']}" if option["arg"] else "")
            if option["letter"]:
                entry = f"-{option['letter']}, {entry}"
            entries[entry] = option
    return entries


def check_synopsis(lines, row):
    text = "\n".join(line for line in lines if not line.startswith("; "))
    entries = [plain(entry) for entry in re.split(r" \+\+\n|\n\s*\n", text) if entry.strip()]
    expected = [plain(entry) for entry in row["synopsis"]]
    for entry in expected:
        if entry not in entries:
            complain(f"SYNOPSIS lacks: {entry}")
    for entry in entries:
        if entry not in expected:
            complain(f"SYNOPSIS has what the row has not: {entry}")
    if not problems and entries != expected:
        complain("SYNOPSIS is not in the order of the verbs")


def check_verbs(lines, row):
    found = [re.match(r"\*([a-z0-9-]+)\*", line).group(1) for line in lines if re.match(r"\*[a-z]", line)]
    expected = [verb["name"] for verb in row["verbs"] if verb["name"] and not verb["hidden"]]
    for verb in expected:
        if verb not in found:
            complain(f"VERBS lacks *{verb}*")
    for verb in found:
        if verb not in expected:
            complain(f"VERBS has *{verb}*, the row has not")


def check_options(lines, row):
    found = [re.sub(r"[*\\]", "", line).strip() for line in lines if line.startswith("*-")]
    expected = options_of(row)
    for entry in expected:
        if entry not in found:
            complain(f"OPTIONS lacks, spelt so: {entry}")
    for entry in found:
        if entry not in expected:
            complain(f"OPTIONS has what the row has not: {entry}")
        if found.count(entry) > 1:
            complain(f"OPTIONS has twice: {entry}")


def known_options(row, verb=None):
    known = set(GLOBAL)
    for candidate in row["verbs"]:
        if verb in (None, candidate["name"]):
            for option in candidate["options"]:
                known.add("--" + option["name"])
                known.add("-" + option["letter"])
    return known


def check_phrase(words, rows):
    """`git agent-merge FEATURE --dry-run` as the row of that command knows it."""
    row = rows.get(words[1][len("agent-"):])
    if not row:
        if complete(rows):
            complain(f"there is no command git {words[1]}")
        return
    named = [verb["name"] for verb in row["verbs"] if verb["name"]]
    verb = words[2] if len(words) > 2 and words[2] in named else None
    if len(words) > 2 and named and not verb and "" not in [v["name"] for v in row["verbs"]]:
        if re.fullmatch(r"[a-z-]+", words[2]) and not words[2].startswith("-"):
            complain(f"git {words[1]} has no verb {words[2]}")
    for word in words[2:]:
        if word.startswith("-") and word.split("=")[0] not in known_options(row, verb):
            complain(f"git {words[1]} {verb or ''} has no option {word}")


def check_bold(source, row, rows):
    for span in re.findall(r"\*([^*\n]+)\*", re.sub(r"\\.", "", prose(source))):
        words = span.split()
        if span.startswith("-"):
            for word in words:
                if word.startswith("-") and word.split("=")[0].rstrip(",") not in known_options(row):
                    complain(f"*{span}* is no option of git agent-{row['name']}")
        elif len(words) > 1 and words[0] == "git" and re.fullmatch(r"agent-[a-z-]+", words[1]):
            check_phrase(words, rows)


def check_page(name):
    rows = commands()
    row, page = rows[name], "git-agent-" + name
    source = read(page + ".1.scd")
    parts = sections(source)
    by_name = dict(parts)
    check_head(source, page, 1)
    check_order([heading for heading, _ in parts], row)
    if plain("\n".join(by_name.get("NAME", []))) != plain(f"{page} - {row['summary']}"):
        complain(f"NAME is not: {page} - {row['summary']}")
    check_synopsis(by_name.get("SYNOPSIS", []), row)
    check_verbs(by_name.get("VERBS", []), row)
    check_options(by_name.get("OPTIONS", []), row)
    check_bold(source, row, rows)


def check_other(file):
    page, section = re.fullmatch(r"(.*)\.([0-9])\.scd", file).groups()
    source = read(file)
    check_head(source, page, section)
    names = [heading for heading, _ in sections(source)]
    if names[:1] != ["NAME"] or names[-1:] != ["SEE ALSO"]:
        complain("a page begins with NAME and ends with SEE ALSO")


def check_kinds():
    text = "\n".join(dict(sections(read("git-agent.1.scd")))["EXIT STATUS"])
    found = re.findall(r"^\|  (\d+)\n:  ([a-z_]+)\n:  \S", text, re.MULTILINE)
    expected = [(str(error["code"]), error["kind"]) for error in load("errors.json")]
    for entry in expected:
        if entry not in found:
            complain(f"the table in git-agent(1) lacks {entry}")
    for entry in found:
        if entry not in expected:
            complain(f"the table in git-agent(1) has {entry}, the program has not")


def complete(rows):
    """All commands of the overview are in the program; from then on every reference is checked."""
    return len(rows) >= 29


def check_overview():
    rows = commands()
    group, listed = None, {}
    for line in dict(sections(read("git-agent.1.scd")))["COMMANDS"]:
        if line.startswith("## "):
            group = line[3:].strip()
        match = re.match(r"\*git-agent-([a-z-]+)\*\(1\)", line)
        if match:
            listed[match.group(1)] = group
    for row in rows.values():
        if row["group"] and listed.get(row["name"]) != row["group"]:
            complain(f"git-agent(1) does not list {row['name']} under {row['group']}")
    for name in listed if complete(rows) else []:
        if name not in rows:
            complain(f"git-agent(1) lists {name}, the program has no such command")


def check_references():
    pages = {re.sub(r"\.([0-9])\.scd$", r"(\1)", file) for file in os.listdir(MAN) if file.endswith(".scd")}
    for file in sorted(os.listdir(MAN)):
        if not file.endswith(".scd"):
            continue
        for name, section in re.findall(r"\*(git-agent[a-z-]*)\*\((\d)\)", prose(read(file))):
            if f"{name}({section})" not in pages and complete(commands()):
                complain(f"{file} refers to {name}({section}), there is no such page")


def check_config_keys():
    keys = load("keys.json")
    lines = dict(sections(read("git-agent-config.5.scd")))["POLICY"]
    found = [re.match(r"\*([^*]+)\*", line).group(1).replace("\\", "") for line in lines if line.startswith("*")]
    for key in keys:
        if key not in found:
            complain(f"git-agent-config(5), POLICY, lacks an entry *{key}* at the margin")
    for key in found:
        if key not in keys:
            complain(f"git-agent-config(5) has *{key}*, the program does not read it")


def main():
    what = sys.argv[1]
    if what == "commands":
        print("\n".join(commands()))
    elif what == "page":
        check_page(sys.argv[2])
    elif what == "other":
        check_other(sys.argv[2])
    else:
        {"kinds": check_kinds, "overview": check_overview, "references": check_references,
         "config-keys": check_config_keys}[what]()
    print("\n".join(dict.fromkeys(problems)), end="\n" if problems else "")
    sys.exit(1 if problems else 0)


main()

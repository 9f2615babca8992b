"""Samples for the rule pack, made when asked for, so that no file of the repository holds a secret.

usage: pack-samples.py PACK DIR [COUNT]    for each rule of PACK that has a pattern, DIR/ID/N.txt with a text that its pattern
                                           matches and its entropy and allowlists let through
"""
import collections
import math
import os
import random
import re
import sys
import tomllib

try:
    from re import _constants as C, _parser as parser
except ImportError:
    import sre_constants as C
    import sre_parse as parser

WORD = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
CLASSES = {C.CATEGORY_DIGIT: "0123456789", C.CATEGORY_WORD: WORD, C.CATEGORY_SPACE: " ",
           C.CATEGORY_NOT_SPACE: WORD + "!%+/:-", C.CATEGORY_NOT_WORD: " ", C.CATEGORY_NOT_DIGIT: WORD[:26]}


def scoped_flags(pattern):
    """RE2's flags in the middle of a pattern hold to the end of their group; Python wants them scoped."""
    at = pattern.find("(?i)", 1)
    while at > 0:
        depth, end = 0, at + 4
        while end < len(pattern):
            if pattern[end] == "\\":
                end += 2
                continue
            if pattern[end] == "[":
                end += 2 if pattern[end + 1] == "^" else 1
                end += pattern[end] == "]"
                while pattern[end] != "]":
                    end += 2 if pattern[end] == "\\" else 1
            elif pattern[end] == "(":
                depth += 1
            elif pattern[end] == ")":
                if depth == 0:
                    break
                depth -= 1
            end += 1
        pattern = pattern[:at] + "(?i:" + pattern[at + 4:end] + ")" + pattern[end:]
        at = pattern.find("(?i)", 1)
    return pattern


def members(items):
    found = set()
    for op, value in items:
        if op is C.LITERAL:
            found.add(chr(value))
        elif op is C.RANGE:
            found |= {chr(c) for c in range(value[0], value[1] + 1)}
        elif op is C.CATEGORY:
            found |= set(CLASSES[value])
    return found


def sample(tree, rng):
    out = ""
    for op, value in tree:
        if op is C.LITERAL:
            out += chr(value)
        elif op is C.ANY:
            out += rng.choice("acegikmoq2468")
        elif op is C.NOT_LITERAL:
            out += rng.choice([c for c in "acegikmoq2468" if ord(c) != value])
        elif op is C.IN:
            if value[0][0] is C.NEGATE:
                choice = set(WORD + " ") - members(value[1:])
                choice = choice - {" "} or choice
            else:
                choice = members(value)
            out += rng.choice(sorted(choice)) if choice else '"'
        elif op in (C.MAX_REPEAT, C.MIN_REPEAT):
            low, high, inner = value
            most = min(high, low + 6) if high is not C.MAXREPEAT else low + 6
            for _ in range(low if op is C.MIN_REPEAT or low == 0 else rng.randint(low, most)):
                out += sample(inner, rng)
        elif op is C.SUBPATTERN:
            out += sample(value[3], rng)
        elif op is C.BRANCH:
            out += sample(rng.choice(value[1]), rng)
    return out


def entropy(text):
    return -sum(n / len(text) * math.log2(n / len(text)) for n in collections.Counter(text).values()) if text else 0


def allowed(entry, secret, match):
    looked_at = {"match": match, "line": match}.get(entry.get("regexTarget"), secret)
    return any(re.search(scoped_flags(each), looked_at) for each in entry.get("regexes", [])) or any(
        word.lower() in secret.lower() for word in entry.get("stopwords", []))


def accepted(rule, everywhere, text):
    pattern = re.compile(scoped_flags(rule["regex"]).replace(r"\z", r"\Z"), re.ASCII)
    for match in pattern.finditer(text):
        group = rule.get("secretGroup", 0)
        secret = match[group] if group else next((g for g in match.groups() if g), match[0])
        if entropy(secret) <= rule.get("entropy", 0) + 0.05:
            continue
        entries = rule.get("allowlists", []) + [
            each for each in everywhere if rule["id"] in each.get("targetRules", [rule["id"]])]
        if not any(allowed(each, secret, match[0]) for each in entries):
            return True
    return False


def main():
    pack = tomllib.load(open(sys.argv[1], "rb"))
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    rng = random.Random(20261121)
    missing = []
    for rule in pack["rules"]:
        if "regex" not in rule:
            continue
        tree = parser.parse(scoped_flags(rule["regex"]).replace(r"\z", ""))
        directory = os.path.join(sys.argv[2], rule["id"])
        os.makedirs(directory)
        made = 0
        for _ in range(400):
            text = sample(tree, rng) + "\n"
            if not any(word in text.lower() for word in rule["keywords"]):
                text = rule["keywords"][0] + "\n" + text
            if accepted(rule, pack.get("allowlists", []), text):
                name = {"nuget-password": "nuget.config", "kubernetes-secret": "secret.yaml",
                        "terraform-password": "main.tf"}.get(rule["id"], f"{made}.txt")
                open(os.path.join(directory, name), "w").write(text)
                made += 1
            if made == count:
                break
        if made == 0:
            missing.append(rule["id"])
    if missing:
        sys.exit("no sample for " + ", ".join(missing))


main()

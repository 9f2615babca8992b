"""Two clones work apart on the same tasks, then meet: edits, claims, dependencies that are a cycle only together, done
against cancel, the same paths claimed by two.

    apart.py DIR [--operations N] [--seed S]

Checked afterwards: both have the same ledger, every operation that was acknowledged in either stands in it once, as
itself or as refused; each refusal names its reason, and its author has a message about it; `git fsck` and `git
agent-doctor --deep` (which applies every operation again and compares the bytes) find nothing. The seed is printed.
"""
import argparse
import json
import os
import random
import subprocess
import sys

parser = argparse.ArgumentParser()
parser.add_argument("place")
parser.add_argument("--operations", type=int, default=200)
parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
options = parser.parse_args()
print(f"# seed {options.seed}", flush=True)
dice = random.Random(options.seed)
place = os.path.abspath(options.place)
TASKS = 14


def git(*words, cwd, check=True, env=None, text=None):
    return subprocess.run(["git", *words], cwd=cwd, check=check, capture_output=True, text=True, input=text, env=env)


def operations(clone):
    commits = git("rev-list", "--reverse", "refs/agent/ledger", cwd=clone).stdout.split()
    asked = "".join(f"{commit}:op\n" for commit in commits)
    out = subprocess.run(["git", "cat-file", "--batch"], cwd=clone, input=asked, capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in out.splitlines() if line.startswith("{")]


def act(clone, person):
    """One random command; most are accepted, in this clone."""
    a, b = (f"t{n}-x" for n in dice.sample(range(TASKS), 2))
    words = dice.choice([
        ["edit", a, "--title", f"Title {dice.random():.6f}"], ["edit", a, "--priority", str(dice.randrange(5))],
        ["note", a, f"note {dice.random():.6f}"], ["dep", "add", a, b], ["dep", "add", b, a], ["dep", "rm", a, b],
        ["claim", a], ["claim", a], ["claim", a], ["done", a], ["done", a], ["cancel", a, "-m", "not needed"], ["reopen", a, "-m", "again"],
        ["release", a], ["block", a, "-m", "waits"], ["unblock", a], ["edit", a, "--parent", b], ["edit", a, "--owns", f"d{dice.randrange(3)}/**"],
        ["add", f"New {dice.randrange(10**6)}", "--needs", a],
    ])
    git("agent-task", *words, cwd=clone, check=False, env=dict(os.environ, GIT_AGENT_NAME=person, GIT_AGENT_ROLE="lead"))


os.makedirs(place)
git("init", "-q", "--bare", "hub.git", cwd=place)
clones = []
for name in ("one", "two"):
    clone = os.path.join(place, name)
    git("init", "-q", clone, cwd=place)
    git("commit", "-q", "--allow-empty", "-m", "begin", cwd=clone)
    git("remote", "add", "origin", "../hub.git", cwd=clone)
    git("agent-init", cwd=clone)
    clones.append(clone)
lines = "\n".join(json.dumps({"title": f"Task {n}", "slug": f"t{n}-x", "owns": [f"d{n % 3}/**"]}) for n in range(TASKS))
git("agent-task", "add", "--json-lines", "-", cwd=clones[0], text=lines)
git("agent-sync", cwd=clones[0])
git("agent-sync", cwd=clones[1])
common = {op["id"] for op in operations(clones[0])}

for _ in range(options.operations):
    act(clones[0], "ann")
    act(clones[1], "bob")
acknowledged = [op for clone in clones for op in operations(clone) if op["id"] not in common]

for clone in (clones[0], clones[1], clones[0]):
    git("agent-sync", cwd=clone)

problems = []
tips = {git("rev-parse", "refs/agent/ledger", cwd=clone).stdout for clone in clones}
if len(tips) != 1:
    problems.append(f"the ledgers differ: {tips}")
final = operations(clones[0])
ids = [op["id"] for op in final]
if len(ids) != len(set(ids)):
    problems.append("an operation stands twice")
by_id = {op["id"]: op for op in final}
refused = 0
for op in acknowledged:
    now = by_id.get(op["id"])
    if now is None:
        problems.append(f"{op['kind']} by {op['actor']['name']} is lost")
    elif now["kind"] == "refused" and op["kind"] != "refused":
        refused += 1
        if now["args"]["op"] != op:
            problems.append(f"the refusal of {op['id']} does not hold the original")
        if not now["args"]["reason"]:
            problems.append(f"the refusal of {op['id']} has no reason")
        if op["actor"]["name"] not in [message["to"] for message in now["args"]["tell"]]:
            problems.append(f"{op['actor']['name']} is not told of the refusal of {op['id']}")
    elif now != op:
        problems.append(f"{op['id']} has changed")
for clone in clones:
    fsck = git("fsck", "--strict", "--no-dangling", cwd=clone, check=False)
    if fsck.returncode or fsck.stdout.strip():
        problems.append(f"fsck: {fsck.stdout}{fsck.stderr}")
    doctor = git("agent-doctor", "--deep", cwd=clone, check=False)
    if doctor.returncode:
        problems.append(f"doctor: {doctor.stdout}")
print(f"# 2 clones x {options.operations} commands apart: {len(acknowledged)} operations, {refused} of them refused on meeting")
if refused == 0 and options.operations >= 60:
    problems.append("nothing conflicted, so nothing was tested")
for problem in problems[:20]:
    print(f"# {problem}")
sys.exit(1 if problems else 0)

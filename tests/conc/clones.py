"""A storm: clones of one remote claim and finish tasks while processes, the server and connections are killed.

    clones.py DIR [--clones N] [--workers N] [--tasks N] [--seed S]

DIR is an empty directory. The remote is served by `git daemon`. Every worker is one agent: it asks for the next task,
finishes it, and writes down what was acknowledged (exit 0). A killer ends random git and git-agent processes with
SIGKILL, the daemon and its connections among them, and starts the daemon again. At the end every clone exchanges until
all agree, and it is checked: each task was finished once, every acknowledged finish stands in every clone, all ledgers
are the same commit, `git fsck` and `git agent-doctor` find nothing. Exits 1 with what is wrong; the seed is printed.
"""
import argparse
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time

from storm import Killer

parser = argparse.ArgumentParser()
parser.add_argument("place")
parser.add_argument("--clones", type=int, default=6)
parser.add_argument("--workers", type=int, default=4)
parser.add_argument("--tasks", type=int, default=600)
parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
parser.add_argument("--limit", type=int, default=900, help="seconds")
options = parser.parse_args()
print(f"# seed {options.seed}", flush=True)
dice = random.Random(options.seed)
place = os.path.abspath(options.place)


def git(*words, cwd, check=True, env=None, text=None):
    return subprocess.run(["git", *words], cwd=cwd, check=check, capture_output=True, text=True, input=text, env=env)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Daemon:
    def __init__(self):
        self.port = free_port()
        self.lock = threading.Lock()
        self.start()

    def start(self):
        """Returns when this server listens: a child killed with the one before may hold its socket for a moment still, so that
        the address is in use, and a connection would prove nothing."""
        for _ in range(200):
            with open(os.path.join(place, "daemon.log"), "w+") as log:
                self.process = subprocess.Popen(
                    ["git", "daemon", "--verbose", "--log-destination=stderr", "--reuseaddr", "--listen=127.0.0.1",
                     f"--port={self.port}", f"--base-path={place}", "--export-all", "--enable=receive-pack", place],
                    stdout=log, stderr=log, start_new_session=True)
                while self.process.poll() is None:
                    log.seek(0)
                    if "Ready to rumble" in log.read():
                        return
                    time.sleep(0.02)
        print("# the server does not start", flush=True)
        os._exit(1)  # this may be a thread, whose end would go unnoticed

    def kill(self):
        """The server, its children and with them every connection."""
        with self.lock:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.start()


def setup(daemon):
    git("init", "-q", "--bare", "hub.git", cwd=place)
    seed = os.path.join(place, "seed")
    git("init", "-q", seed, cwd=place)
    with open(os.path.join(seed, ".git-agent.toml"), "w") as file:
        file.write('[team]\nwip = 1000\nclaims = "remote"\n')
    git("add", "-A", cwd=seed)
    git("commit", "-q", "-m", "Policy", cwd=seed)
    git("remote", "add", "origin", f"git://127.0.0.1:{daemon.port}/hub.git", cwd=seed)
    git("push", "-q", "origin", "HEAD:refs/heads/main", cwd=seed)
    git("symbolic-ref", "HEAD", "refs/heads/main", cwd=os.path.join(place, "hub.git"))
    lines = "\n".join(json.dumps({"title": f"Task {i}", "slug": f"task-{i:04}-x"}) for i in range(options.tasks))
    git("agent-task", "add", "--json-lines", "-", cwd=seed, text=lines)
    git("agent-sync", cwd=seed)
    clones = []
    for n in range(options.clones):
        clone = os.path.join(place, f"clone{n}")
        git("clone", "-q", f"git://127.0.0.1:{daemon.port}/hub.git", clone, cwd=place)
        git("agent-init", cwd=clone)
        clones.append(clone)
    return clones


class Worker(threading.Thread):
    """One agent of one clone."""

    def __init__(self, clone, name):
        super().__init__(daemon=True)
        self.clone, self.agent = clone, name
        self.env = dict(os.environ, GIT_AGENT_NAME=name, GIT_TERMINAL_PROMPT="0")
        self.current = None
        self.acknowledged = []   # slugs
        self.calls = self.killed = self.failed = 0
        self.last = ""

    def call(self, *words):
        self.calls += 1
        process = subprocess.Popen(["git-agent", *words, "--json"], cwd=self.clone, env=self.env, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, start_new_session=True)
        self.current = process
        out, err = process.communicate()
        self.current = None
        if process.returncode < 0:
            self.killed += 1
        elif process.returncode not in (0, 1):
            self.failed += 1
            self.last = err.strip()
        try:
            return process.returncode, json.loads(out)
        except ValueError:
            return process.returncode, {}

    def run(self):
        while time.monotonic() < deadline:
            code, answer = self.call("task", "next")
            if code == 0:
                slug = answer["data"]["task"]["slug"]
                if self.call("task", "done", slug)[0] == 0:
                    self.acknowledged.append(slug)
                continue
            if code == 1 and answer.get("data", {}).get("reason") == "all_done":
                # What this clone has finished last nobody else knows yet.
                if self.call("sync")[0] == 0:
                    return
                continue
            # All are claimed elsewhere, the remote was away, or this process was killed.
            self.call("sync")
            time.sleep(0.05)


class ServerKiller(Killer):
    """Now and then the server, its connections with it."""

    def __init__(self, workers, daemon):
        super().__init__(workers, dice)
        self.server, self.restarts = daemon, 0

    def strike(self):
        if dice.random() < 0.08:
            self.server.kill()
            self.restarts += 1
        else:
            super().strike()


def ledger_operations(clone):
    """The operations of a clone's ledger, newest first."""
    commits = git("rev-list", "refs/agent/ledger", cwd=clone).stdout.split()
    asked = "".join(f"{commit}:op\n" for commit in commits)
    out = subprocess.run(["git", "cat-file", "--batch"], cwd=clone, input=asked, capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in out.splitlines() if line.startswith("{")]


def settle(clones):
    """Exchanges until nobody has anything new."""
    for _ in range(5):
        for clone in clones:
            for attempt in range(10):
                said = git("agent-sync", cwd=clone, check=False)
                if said.returncode == 0:
                    break
            else:
                sys.exit(f"{clone} cannot exchange: {said.stderr}")
        tips = {git("rev-parse", "refs/agent/ledger", cwd=clone).stdout for clone in clones}
        if len(tips) == 1:
            return
    sys.exit(f"the ledgers differ: {tips}")


def check(clones, workers):
    problems = []
    operations = ledger_operations(clones[0])
    finished, ids = {}, set()
    slug_of = {}
    for op in reversed(operations):
        if op["id"] in ids:
            problems.append(f"operation {op['id']} stands twice")
        ids.add(op["id"])
        if op["kind"] == "task.add":
            slug_of.update({task["id"]: task["slug"] for task in op["args"]["tasks"]})
        if op["kind"] == "task.complete":
            finished.setdefault(slug_of[op["args"]["task"]], []).append(op["actor"]["name"])
    for slug in slug_of.values():
        if len(finished.get(slug, [])) != 1:
            problems.append(f"{slug} was finished {len(finished.get(slug, []))} times: {finished.get(slug)}")
    for worker in workers:
        for slug in worker.acknowledged:
            if worker.agent not in finished.get(slug, []):
                problems.append(f"{worker.agent} was told that {slug} is done; the ledger does not know")
    for clone in clones:
        fsck = git("fsck", "--strict", "--no-dangling", cwd=clone, check=False)
        if fsck.returncode or fsck.stdout.strip():
            problems.append(f"fsck of {clone}: {fsck.stdout}{fsck.stderr}")
        doctor = git("agent-doctor", cwd=clone, check=False)
        if doctor.returncode:
            problems.append(f"doctor of {clone}: {doctor.stdout}")
    return problems, operations


os.makedirs(place, exist_ok=True)
daemon = Daemon()
try:
    clones = setup(daemon)
    deadline = time.monotonic() + options.limit
    workers = [Worker(clone, f"w{n}-{k}") for n, clone in enumerate(clones) for k in range(options.workers)]
    killer = ServerKiller(workers, daemon)
    begin = time.monotonic()
    for worker in workers:
        worker.start()
    killer.start()
    for worker in workers:
        worker.join()
    killer.stop.set()
    killer.join()
    took = time.monotonic() - begin
    settle(clones)
    problems, operations = check(clones, workers)
finally:
    os.killpg(daemon.process.pid, signal.SIGKILL)
done = sum(len(worker.acknowledged) for worker in workers)
refused = sum(op["kind"] == "refused" for op in operations)
print(f"# {len(clones)} clones x {options.workers} agents: {options.tasks} tasks in {took:.1f} s, {len(operations)} operations, "
      f"{done} finishes acknowledged, {refused} refused on meeting; {killer.kills} processes and {killer.restarts} servers killed, "
      f"{sum(w.failed for w in workers)} calls failed")
for problem in problems[:20]:
    print(f"# {problem}")
if problems:
    for worker in workers:
        if worker.last:
            print(f"# {worker.agent}: {worker.last[:300]}")
sys.exit(1 if problems else 0)

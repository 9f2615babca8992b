"""A storm over features: spun, worked on, handed in, merged and cleaned while their commands are killed.

    features.py DIR [--workers N] [--features N] [--seed S]

DIR is an empty directory. Every worker takes feature after feature through its life, each time looking at where it stands
and doing what comes next, as a person would who finds a terminal gone. A killer ends random commands of ours with
SIGKILL, alone or with the git that they run. At the end it is checked: every feature was merged once, every commit that
was acknowledged can be reached, its content is on the target, no branch, worktree or half-made merge is left, and
`git fsck`, `git status` and `git agent-doctor` find nothing. Exits 1 with what is wrong; the seed is printed.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import threading
import time

from storm import Killer

parser = argparse.ArgumentParser()
parser.add_argument("place")
parser.add_argument("--workers", type=int, default=4)
parser.add_argument("--features", type=int, default=60)
parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
parser.add_argument("--limit", type=int, default=900, help="seconds")
options = parser.parse_args()
print(f"# seed {options.seed}", flush=True)
dice = random.Random(options.seed)
repo = os.path.join(os.path.abspath(options.place), "repo")
deadline = time.monotonic() + options.limit


def git(*words, cwd=repo, check=True):
    return subprocess.run(["git", *words], cwd=cwd, check=check, capture_output=True, text=True)


def setup():
    os.makedirs(repo)
    git("init", "-q")
    git("agent-init")
    with open(os.path.join(repo, ".git-agent.toml"), "w") as file:
        file.write("[team]\nwip = 1000\nreview-wip = 1000\n")
    git("add", "-A")
    git("commit", "-q", "-m", "Begin")


def recover(slug):
    """What a person does when nothing goes on: waits, asks doctor about what killed processes have left, and removes the
    locks of the worktree where nobody is at work."""
    for folder, _, files in os.walk(os.path.join(repo, ".git")):
        for name in files:
            path = os.path.join(folder, name)
            try:
                if not name.endswith(".lock") or time.time() - os.stat(path).st_mtime <= 5:
                    continue
                if folder == os.path.join(repo, ".git", "worktrees", slug):
                    os.unlink(path)
                else:
                    os.utime(path, (time.time() - 3600,) * 2)
            except FileNotFoundError:
                pass
    git("agent-doctor", "--fix", check=False)


class Worker(threading.Thread):
    def __init__(self, slugs):
        super().__init__(daemon=True)
        self.slugs, self.current = slugs, None
        self.spun = set()
        self.commits = {}  # slug: the commit that git said it had made
        self.calls = self.killed = 0
        self.last = {}

    def call(self, *words, cwd=repo):
        self.calls += 1
        process = subprocess.Popen(["git-agent", *words, "--json"], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, start_new_session=True)
        self.current = process
        out, err = process.communicate()
        self.current = None
        self.killed += process.returncode < 0
        try:
            answer = json.loads(out)
        except ValueError:
            answer = {}
        if process.returncode > 0:
            self.last[" ".join(words)] = f"{process.returncode}: {err.strip()}"
        return process.returncode, answer

    def work(self, slug, worktree):
        """A person's commit in the feature's worktree; not under fire itself, for Git's own half-made commits are Git's."""
        with open(os.path.join(worktree, f"{slug}.txt"), "w") as file:
            file.write(f"{slug}\n" * 50)
        git("add", "-A", cwd=worktree)
        said = git("commit", "-q", "-m", f"Write {slug}", cwd=worktree, check=False)
        if said.returncode == 0:
            self.commits[slug] = git("rev-parse", "HEAD", cwd=worktree).stdout.strip()

    def step(self, slug):
        """Does what comes next; true when nothing is left to do."""
        code, answer = self.call("task", "show", slug)
        task = answer["data"]["task"] if code == 0 else {"status": "none", "worktree": None, "branch": None}
        worktree = task["worktree"] if task["worktree"] and os.path.isdir(task["worktree"]) else None
        if code < 0:
            return False
        if task["status"] == "completed":
            if not worktree and not git("branch", "--list", f"agent/{slug}").stdout:
                return True
            self.call("clean", slug)
        elif task["status"] == "in_review":
            self.call("merge", slug)
        elif slug not in self.spun or not worktree or task["status"] in ("none", "pending"):
            # A spin that nobody saw the end of is asked for again: the worktree may be half there.
            if self.call("spin", slug, "-d", f"Write {slug}", "--no-launch")[0] == 0:
                self.spun.add(slug)
        elif slug not in self.commits:
            self.work(slug, worktree)
        else:
            self.call("task", "done", slug, cwd=worktree)
        return False

    def run(self):
        for slug in self.slugs:
            steps = 0
            while time.monotonic() < deadline and not self.step(slug):
                steps += 1
                if steps % 40 == 0:
                    recover(slug)


def check(workers):
    problems = []
    said = git("agent-doctor", "--fix", "--json", check=False)
    left = [f for f in json.loads(said.stdout)["data"]["findings"] if not f["fixed"]]
    if left:
        problems.append(f"doctor finds {left}")
    merged = git("agent-sql", "--csv", "SELECT t.slug, count(*) FROM merges m JOIN tasks t ON t.id = m.task GROUP BY t.id").stdout
    merged = dict(line.split(",") for line in merged.splitlines()[1:])
    for worker in workers:
        for slug in worker.slugs:
            if merged.get(slug) != "1":
                problems.append(f"{slug} was merged {merged.get(slug, 0)} times; {worker.last}")
            if git("show", f"HEAD:{slug}.txt", check=False).stdout != f"{slug}\n" * 50:
                problems.append(f"the work of {slug} is not on the target")
        for slug, commit in worker.commits.items():
            if not git("for-each-ref", "--count=1", f"--contains={commit}").stdout and \
                    not git("reflog", "-1", commit, check=False).stdout:
                problems.append(f"the commit {commit} of {slug} cannot be reached")
    if git("worktree", "list").stdout.count("\n") != 1:
        problems.append("worktrees are left:\n" + git("worktree", "list").stdout)
    if git("branch", "--list", "agent/*").stdout:
        problems.append("branches are left:\n" + git("branch", "--list", "agent/*").stdout)
    if git("status", "--porcelain").stdout:
        problems.append("the main worktree is not clean:\n" + git("status", "--porcelain").stdout)
    fsck = git("fsck", "--strict", check=False)
    if fsck.returncode:
        problems.append(f"git fsck: {fsck.stderr}")
    return problems


setup()
slugs = [f"feature-{i:03}-x" for i in range(options.features)]
workers = [Worker(slugs[n::options.workers]) for n in range(options.workers)]
killer = Killer(workers, dice)
begin = time.monotonic()
for thread in (*workers, killer):
    thread.start()
for worker in workers:
    worker.join()
killer.stop.set()
killer.join()
found = check(workers)
if killer.kills == 0:
    found.append("nothing was killed")
print(f"# {len(slugs)} features in {time.monotonic() - begin:.1f} s, {sum(w.calls for w in workers)} commands, {killer.kills} killed")
for problem in found:
    print(f"# {problem}")
sys.exit(1 if found else 0)

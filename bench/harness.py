"""What the measuring scripts share: a scratch place with a Git of its own, timing, and the tally.

Everything happens on tmpfs when there is one; cases are run in turn, so that noise meets all alike.
"""
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

# One row a figure that has a goal: (what, value, goal, reached).
OUT = []


def percentile(times, share):
    times = sorted(times)
    return times[min(len(times) - 1, int(len(times) * share))]


def spawn(argv, cwd, env):
    """Wall milliseconds of one whole process, and its exit code."""
    null = os.open(os.devnull, os.O_RDWR)
    files = [(os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1, 2)]
    here = os.getcwd()
    os.chdir(cwd)
    begin = time.perf_counter()
    pid = os.posix_spawnp(argv[0], argv, env, file_actions=files)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    took = (time.perf_counter() - begin) * 1e3
    os.chdir(here)
    os.close(null)
    return took, status


class Bench:
    def __init__(self, binary, place, runs):
        self.bin, self.place, self.runs = binary, place, runs
        os.environ["PATH"] = binary + os.pathsep + os.environ["PATH"]
        home = os.path.join(place, "home")
        os.makedirs(home, exist_ok=True)
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        self.env.update(
            HOME=home,
            XDG_CONFIG_HOME=home + "/.config",
            GIT_CONFIG_NOSYSTEM="1",
            PATH=os.environ["PATH"],
        )
        for key, value in (("user.name", "Bench"), ("user.email", "b@example.com"), ("init.defaultBranch", "main"), ("gc.auto", "0"), ("maintenance.auto", "false")):
            self.git("config", "--global", key, value, cwd=place)

    def git(self, *args, cwd):
        return subprocess.run(["git", *args], cwd=cwd, env=self.env, check=True, capture_output=True, text=True).stdout.strip()

    def agent(self, *args, cwd, text=None):
        return subprocess.run(["git-agent", *args], cwd=cwd, env=self.env, input=text, check=True, capture_output=True, text=True).stdout

    def race(self, cases, cwd, runs=None, prepare=None):
        """Times of every case, run in turn: {name: [ms]}."""
        times = {name: [] for name in cases}
        for round_number in range((runs or self.runs) + 2):
            for name, argv in cases.items():
                if prepare:
                    prepare(name)
                argv = argv() if callable(argv) else argv
                took, status = spawn(argv, cwd, self.env)
                if status not in (0, 1):
                    sys.exit(f"{name}: {argv} exited with {status}")
                if round_number >= 2:
                    times[name].append(took)
        return times

    def report(self, what, times, floor, goal, unit="R"):
        middle = statistics.median(times)
        base = statistics.median(floor)
        ratio = middle / base
        ok = goal is None or ratio <= goal
        OUT.append((what, ratio, goal, ok))
        print(
            f"{what:58} {ratio:7.2f} {unit} (goal {'-' if goal is None else goal}) {'ok' if ok else 'MISSED'}"
            f"   median {middle:.2f} ms p10 {percentile(times, .1):.2f} p90 {percentile(times, .9):.2f}"
        )


def index_behind(bench, repo, operation):
    """Runs `operation` and gives a function that puts the index back to where it stood before."""
    index = os.path.join(repo, ".git/agent/index.db")
    saved = index + ".saved"
    bench.agent("task", "ready", "--limit", "1", cwd=repo)
    shutil.copy(index, saved)
    bench.agent(*operation, cwd=repo)

    def put_back():
        for tail in ("-wal", "-shm"):
            if os.path.exists(index + tail):
                os.unlink(index + tail)
        shutil.copy(saved, index)

    return put_back


def scratch(room=0):
    """A new directory: on tmpfs when there is one with that many bytes free."""
    shm = "/dev/shm"
    fits = os.access(shm, os.W_OK) and shutil.disk_usage(shm).free >= room
    return tempfile.mkdtemp(prefix="git-agent-bench.", dir=shm if fits else None)


def tally():
    missed = [what for what, _, _, ok in OUT if not ok]
    print(f"{len(OUT) - len(missed)} of {len(OUT)} figures reached" + (": missed " + "; ".join(missed) if missed else ""))

"""What a long life of a team costs: many operations, many beads, and writes that are flushed."""
import glob
import os
import shutil
import statistics
import subprocess
import tempfile
import time

from harness import OUT, index_behind, spawn

KB = 1024


def disk_use(directory):
    """Bytes of all files, as du counts them: in blocks."""
    return sum(os.lstat(os.path.join(place, name)).st_blocks * 512 for place, _, names in os.walk(directory) for name in names)


def told(what, value, goal, unit, more=""):
    ok = goal is None or value <= goal
    OUT.append((what, value, goal, ok))
    print(f"{what:58} {value:7.2f} {unit} (goal {'-' if goal is None else goal}) {'ok' if ok else 'MISSED'}   {more}")


def index_catches_up(bench, repo, note):
    """Medians of `ready` with the index one operation behind, and of R."""
    put_back = index_behind(bench, repo, note[1:])

    def behind(name):
        if name == "behind":
            put_back()

    return bench.race({"R": ["git", "rev-parse", "HEAD"], "behind": ["git-agent", "task", "ready", "--limit", "1"], "note": note}, repo, prepare=behind)


def life(i):
    """The whole life of a task is four operations, the last with a bead."""
    slug = f"life-{i // 4}-x"
    return [
        ["git-agent", "task", "add", f"Task number {i // 4}", "--slug", slug, "-d", "What is to be done, in a few words. " * 6],
        ["git-agent", "task", "claim", slug],
        ["git-agent", "task", "note", slug, "What was done, in a few words."],
        ["git-agent", "task", "done", slug, "-m", "What came of it, in a few words."],
    ][i % 4]


def operations(bench, make_repo, count):
    """One process each, with Git's maintenance as it is installed."""
    repo = make_repo(bench, "operations", 1000)
    for key in ("gc.auto", "maintenance.auto"):
        bench.git("config", "--global", "--unset", key, cwd=repo)
    objects = os.path.join(repo, ".git/objects")
    early = index_catches_up(bench, repo, ["git-agent", "task", "note", "t000001-x", "more"])
    bench.git("gc", "-q", cwd=repo)
    before, most_loose, most_packs = disk_use(os.path.join(repo, ".git/objects")), 0, 0
    for i in range(count):
        spawn(life(i), repo, bench.env)
        if i % 500 == 499:
            most_loose = max(most_loose, len(glob.glob(objects + "/??/*")))
            most_packs = max(most_packs, len(glob.glob(objects + "/pack/*.pack")))
    while subprocess.run(["pgrep", "-f", "git.* repack -d"], capture_output=True).returncode == 0:
        time.sleep(0.5)
    late = index_catches_up(bench, repo, ["git-agent", "task", "note", "t000001-x", "more"])
    bench.git("gc", "-q", cwd=repo)
    grown = disk_use(os.path.join(repo, ".git/objects")) - before
    label = f"{count:,} operations"
    for name, what in (("behind", "ready one operation behind"), ("note", "task note")):
        then, now = (statistics.median(times[name]) / statistics.median(times["R"]) for times in (early, late))
        told(f"{what}, after {label} / before, in R", now / then, 1.1, "x", f"{then:.2f} R, {now:.2f} R")
    told(f"disk for each operation after gc, {label}", grown / count / KB, 1.0, "KB", f"{grown / KB / KB:.1f} MB")
    told(f"loose objects at most, {label}", most_loose, 6700, "", "as many as Git's own maintenance allows")
    told(f"packs at most, {label}", most_packs, 50, "", "the same")
    for key, value in (("gc.auto", "0"), ("maintenance.auto", "false")):
        bench.git("config", "--global", key, value, cwd=repo)
    return repo


def clones(bench, make_repo, grown, label):
    """What people pay who do not use git-agent."""
    plain = make_repo(bench, "no-ledger", 0)
    for repo in (plain, grown):
        files = "".join(f"M 100644 inline src/{i % 50}/file-{i}.c\ndata <<END\n" + f"int number_{i} = {i};\n" * 40 + "END\n" for i in range(2000))
        stream = "commit refs/heads/main\ncommitter B <b@example.com> 1700000000 +0000\ndata 4\ncode\nfrom refs/heads/main^0\n" + files
        subprocess.run(["git", "fast-import", "--quiet"], cwd=repo, env=bench.env, input=stream, text=True, check=True)
        hub = repo + ".git"
        bench.git("init", "-q", "--bare", hub, cwd=bench.place)
        bench.git("push", "-q", hub, "main", cwd=repo)
    bench.git("push", "-q", grown + ".git", "refs/agent/ledger", cwd=grown)
    bench.git("gc", "-q", cwd=plain + ".git")
    bench.git("gc", "-q", cwd=grown + ".git")
    for what, argv in (("clone", ["git", "clone", "-q", "--no-local", "{}", "copy"]), ("fetch", ["git", "-C", "{}", "fetch", "-q", "{}.git", "main"])):
        times = {}
        for _ in range(bench.runs):
            for repo in (plain, grown):
                hub = repo if what == "fetch" else "file://" + repo + ".git"
                times.setdefault(repo, []).append(spawn([word.replace("{}", hub) for word in argv], bench.place, bench.env)[0])
                shutil.rmtree(os.path.join(bench.place, "copy"), ignore_errors=True)
        bench.report(f"a bystander's git {what}, with {label} / without", times[grown], times[plain], 1.1, "x")


def notes(bench, make_repo, count):
    """Plain git log with the memory beside it."""
    repo = make_repo(bench, "beads", 0)
    stream = "".join(f"commit refs/heads/main\ncommitter B <b@example.com> {1_700_000_000 + i} +0000\ndata 6\nchange\n" + ("from refs/heads/main^0\n" if i == 0 else "") + "\n" for i in range(count))
    subprocess.run(["git", "fast-import", "--quiet"], cwd=repo, env=bench.env, input=stream, text=True, check=True)
    commits = bench.git("log", "--format=%H", cwd=repo).split()[:count]
    for commit in commits:
        spawn(["git-agent", "bead", "add", "-m", "Kept in one JSON file: no server to run", "--evidence", "0.2 ms", "--on", commit], repo, bench.env)
    bench.git("gc", "-q", cwd=repo)
    plain = ["git", "log", "-1000", "--no-notes"]
    shown = ["git", "log", "-1000", "--notes=agent"]
    assert bench.git(*shown[1:], cwd=repo).count("0.2 ms") == min(1000, count)
    times = bench.race({"plain": plain, "notes": shown}, repo)
    bench.report(f"git log -1000 with {count:,} beads / without notes", times["notes"], times["plain"], 2.5, "x")


def durable(bench, make_repo):
    """On a real file system: a flush costs nothing on tmpfs."""
    place = tempfile.mkdtemp(prefix="git-agent-bench.", dir=os.environ.get("BENCH_DISK", "/var/tmp"))
    home, bench.place = bench.place, place
    try:
        repo = make_repo(bench, "flushed", 100)
        add = ["git-agent", "task", "add", "One more"]
        bench.env["GIT_AGENT_NAME"] = "bench"

        def switch(name):
            bench.git("config", "core.fsync", "all" if name == "flushed" else "none", cwd=repo)

        times = bench.race({"R": ["git", "rev-parse", "HEAD"], "default": add, "flushed": add}, repo, prepare=switch)
        del bench.env["GIT_AGENT_NAME"]
        bench.report("task add, flushed to the disk / default", times["flushed"], times["default"], 1.8, "x")
    finally:
        bench.place = home
        shutil.rmtree(place, ignore_errors=True)


def growth(bench, make_repo, count):
    durable(bench, make_repo)
    notes(bench, make_repo, min(count, 10_000))
    clones(bench, make_repo, operations(bench, make_repo, count), f"{count:,} operations")

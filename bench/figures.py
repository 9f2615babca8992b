"""The figures of the contract, each beside its goal, as ratios to a floor measured in the same run.

    figures.py BIN [--launcher PEAK-MEMORY] [--tasks N] [--runs N] [--files N] [--operations N] [SECTION...]
                                     sections: ledger bulk claims exchange bystander gates work formats growth memory

BIN is the directory that holds git-agent. R is `git rev-parse HEAD`, a whole process like all the others.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # the sources' directory stays as it is
from growth import growth
from harness import OUT, Bench, index_behind, percentile, scratch, spawn, tally

# Tasks that one operation adds when a ledger is made.
BATCH = 1000


def many_tasks(count, linked=True):
    for i in range(count):
        task = {"title": f"Task number {i}", "slug": f"t{i:06d}-x", "priority": i % 5, "description": "What is to be done, in a few words. " * 6}
        if linked and i % 3 == 2:
            task["needs"] = [f"t{i - 1 - i % 2:06d}-x"]
        yield json.dumps(task)


def make_repo(bench, name, tasks, linked=True):
    repo = os.path.join(bench.place, name)
    bench.git("init", "-q", repo, cwd=bench.place)
    bench.git("commit", "-q", "--allow-empty", "-m", "begin", cwd=repo)
    if tasks:
        # No team adds them all at once: many operations. Git's maintenance has come by, as it does.
        lines = list(many_tasks(tasks, linked))
        for begin in range(0, tasks, BATCH):
            bench.agent("task", "add", "--json-lines", "-", cwd=repo, text="\n".join(lines[begin:begin + BATCH]) + "\n")
        bench.git("gc", "-q", cwd=repo)
        bench.agent("task", "ready", "--limit", "1", cwd=repo)
    return repo


def ledger(bench, sizes):
    for size in sizes:
        repo = make_repo(bench, f"ledger{size}", size)
        label = f"{size // 1000},000 tasks"
        big = size >= 100_000
        bench.env["GIT_AGENT_NAME"] = "bench"
        cases = {
            "R": ["git", "rev-parse", "HEAD"],
            "git-version": ["git", "--version"],
            "version": ["git-agent", "--version"],
            "ready": ["git-agent", "task", "ready", "--limit", "20"],
            "ready-git": ["git", "agent-task", "ready", "--limit", "20"],
            "add": ["git-agent", "task", "add", "One more"],
            "sql": ["git-agent", "sql", "SELECT slug, status, title FROM tasks LIMIT 1"],
        }
        times = bench.race(cases, repo)
        del bench.env["GIT_AGENT_NAME"]
        base = times["R"]
        bench.report(f"--version / git --version", times["version"], times["git-version"], 1.0, "x")
        bench.report(f"ready --limit 20, {label}", times["ready"], base, 1.7)
        bench.report(f"ready through git agent-task, {label}", times["ready-git"], base, 3.0)
        bench.report(f"task add, {label}", times["add"], base, 4.0 if big else 3.2)
        bench.report(f"sql, start to first row, {label}", times["sql"], base, 2.5)

        # next: a new agent each time, so that each claims.
        number = iter(range(10**6))
        def claim():
            bench.env["GIT_AGENT_NAME"] = f"n{next(number)}"
            return ["git-agent", "task", "next"]
        # A commit as Git is installed starts its maintenance too; without that it is the leanest commit there is.
        lean = ["git", "commit", "-q", "--allow-empty", "-m", "x"]
        installed = ["git", "-c", "maintenance.auto=true", "-c", "gc.auto=6700", *lean[1:]]
        times = bench.race({"R": cases["R"], "commit": installed, "lean": lean, "next": claim}, repo)
        bench.report(f"task next (claim), {label}", times["next"], times["R"], 4.5 if big else 3.5)
        bench.report(f"task next / git commit --allow-empty, {label}", times["next"], times["commit"], 1.0, "x")
        bench.report(f"task next / the same without maintenance, {label}", times["next"], times["lean"], None, "x")
        bench.env.pop("GIT_AGENT_NAME")

        # ready after one foreign commit: the index stands one behind.
        index = os.path.join(repo, ".git/agent/index.db")
        put_back = index_behind(bench, repo, ["task", "add", "Foreign"])
        def behind(name):
            if name == "behind":
                put_back()
        times = bench.race({"R": cases["R"], "behind": cases["ready"]}, repo, prepare=behind)
        bench.report(f"ready after one foreign commit, {label}", times["behind"], times["R"], 2.6)

        if size == 10_000:
            def gone(name):
                if name == "rebuild":
                    for tail in ("", "-wal", "-shm"):
                        if os.path.exists(index + tail):
                            os.unlink(index + tail)
            times = bench.race({"R": cases["R"], "rebuild": cases["ready"]}, repo, runs=9, prepare=gone)
            bench.report("index rebuilt from nothing, 10,000 tasks", times["rebuild"], times["R"], 150)
        memory(bench, repo, size)


def memory(bench, repo, size):
    """Peaks, measured by a launcher that is smaller than what it starts: see peak-memory.cc."""
    if not bench.launcher:
        print("peak memory: SKIPPED, no peak-memory is built (meson compile -C BUILD bench)")
        return
    goals = {
        "task ready --limit 20": 10,
        "task next": 10,
        "task list --json": 60,
        "task list": 60,
        "task list --tree": 60,
        "task ready --explain --json": 60,
        "task graph": 60,
        "task graph --json": 60,
        "task lint --json": 60,
        "log": 60,
        "log --json": 60,
        "log --reverse": 60,
        "log --at now": 60,
        "status": 60,
        "doctor": 60,
        "doctor --deep": 60,
    }
    env = dict(bench.env, GIT_AGENT_NAME="mem")
    for words, goal in goals.items():
        run = subprocess.run([bench.launcher, "git-agent", *words.split()], cwd=repo, env=env, capture_output=True, text=True)
        # doctor and lint exit with 1 when they have something to say.
        if run.returncode not in (0, 1):
            sys.exit(f"{words}: exited with {run.returncode}: {run.stderr}")
        peak = int(run.stdout) / 1024
        ok = peak <= goal
        what = f"peak memory of {words}, {size // 1000},000 tasks"
        OUT.append((what, peak, goal, ok))
        print(f"{what:58} {peak:7.1f} MB (goal {goal}) {'ok' if ok else 'MISSED'}")


def bulk(bench):
    text = "\n".join(many_tasks(5000)) + "\n"
    lines = os.path.join(bench.place, "lines")
    with open(lines, "w") as file:
        file.write(text)
    number = iter(range(10**6))
    floor, times = [], []
    for _ in range(7):
        place = make_repo(bench, f"bulk{next(number)}", 0)
        for _ in range(3):
            floor.append(spawn(["git", "rev-parse", "HEAD"], place, bench.env)[0])
        took, status = spawn(["git-agent", "task", "add", "--json-lines", lines], place, bench.env)
        if status:
            sys.exit("bulk add failed")
        times.append(took)
    bench.report("5,000 tasks by --json-lines in one transaction", times, floor, 300)
    imports(bench)


def many_issues(count):
    """Issues of beads as they look there."""
    for i in range(count):
        issue = {"id": f"bd-{i:04x}", "title": f"Task number {i}", "description": "What is to be done, in a few words. " * 6, "status": ("open", "closed", "in_progress")[i % 3], "priority": i % 5, "issue_type": "task", "created_at": "2025-11-24T13:58:03.677572681Z", "updated_at": "2025-11-25T13:58:03.677572681Z"}
        if i % 3 == 2:
            issue["dependencies"] = [{"issue_id": issue["id"], "depends_on_id": f"bd-{i - 1:04x}", "type": "blocks", "created_at": "2025-11-24T13:58:03Z", "created_by": "x"}]
        yield json.dumps(issue)


def imports(bench):
    issues = os.path.join(bench.place, "issues.jsonl")
    with open(issues, "w") as file:
        file.write("\n".join(many_issues(6000)) + "\n")
    floor, first, second = [], [], []
    for n in range(7):
        place = make_repo(bench, f"import{n}", 0)
        for _ in range(3):
            floor.append(spawn(["git", "rev-parse", "HEAD"], place, bench.env)[0])
        for times in (first, second):
            took, status = spawn(["git-agent", "task", "import", issues, "--from", "beads"], place, bench.env)
            if status:
                sys.exit("import failed")
            times.append(took)
    bench.report("6,000 issues of beads imported", first, floor, 300)
    bench.report("the same again, nothing to do", second, floor, 300)


# One writer: WORDS of the command, "{}" becoming a number; its exit codes and times on standard output. Writers wait for
# each other, so that the start of their interpreters is not part of the time.
WRITER = (
    "import os,sys,time\n"
    "me,count,binary=sys.argv[1],int(sys.argv[2]),sys.argv[3]\n"
    "env=dict(os.environ)\n"
    "quiet=[(os.POSIX_SPAWN_OPEN,fd,os.devnull,os.O_WRONLY,0) for fd in (1,2)]\n"
    "print(flush=True)\n"
    "sys.stdin.read(1)\n"
    "for i in range(count):\n"
    "  env['GIT_AGENT_NAME']=f'{me}-{i}'\n"
    "  b=time.perf_counter()\n"
    "  pid=os.posix_spawn(binary,[binary]+[w.replace('{}',f'{me}-{i}') for w in sys.argv[4:]],env,file_actions=quiet)\n"
    "  code=os.waitstatus_to_exitcode(os.waitpid(pid,0)[1])\n"
    "  print(code,(time.perf_counter()-b)*1e3)\n"
)


def write_together(bench, clones, writers, count, words):
    """Rows (exit code, milliseconds) of writers that begin at the same moment, and the seconds until all had ended."""
    binary = shutil.which("git-agent")
    workers = [subprocess.Popen([sys.executable, "-c", WRITER, f"w{c}x{n}", str(count), binary, *words], cwd=clone, env=bench.env,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
               for c, clone in enumerate(clones) for n in range(writers)]
    for w in workers:
        w.stdout.readline()
    begin = time.perf_counter()
    for w in workers:
        w.stdin.write("x")
        w.stdin.flush()
    rows = [line.split() for w in workers for line in w.communicate()[0].splitlines()]
    return rows, time.perf_counter() - begin


def claims(bench):
    repo = make_repo(bench, "claims", 1000, linked=False)
    rows, took = write_together(bench, [repo], 20, 50, ["task", "next"])
    held = [task["claim"]["agent"] for task in json.loads(bench.agent("task", "list", "--status", "in_progress", "--json", cwd=repo))["data"]["tasks"]]
    doubles, lost = len(held) - len(set(held)), 1000 - len(held)
    good, delays = sum(row[0] == "0" for row in rows), [float(row[1]) for row in rows]
    rate, tail = good / took, percentile(delays, .99) / statistics.median(delays)
    ok = good == 1000 and doubles == 0 and lost == 0 and rate >= 300 and tail <= 6
    OUT.append(("20 processes claiming", rate, 300, ok))
    print(f"{'20 processes claim 1,000 tasks':58} {rate:7.0f} a second (goal 300), {doubles} doubles, {lost} lost, p99/p50 {tail:.1f} (goal 6) {'ok' if ok else 'MISSED'}")


def exchange(bench, size):
    """Two clones of a bare remote on the same file system."""
    def clones_of(name, tasks, policy):
        seed, hub = make_repo(bench, name, 0), os.path.join(bench.place, name + ".git")
        with open(f"{seed}/.git-agent.toml", "w") as file:
            file.write(policy)
        bench.git("add", "-A", cwd=seed)
        bench.git("commit", "-q", "-m", "policy", cwd=seed)
        bench.git("init", "-q", "--bare", hub, cwd=bench.place)
        bench.git("remote", "add", "origin", hub, cwd=seed)
        bench.git("push", "-q", "origin", "main", cwd=seed)
        if tasks:
            bench.agent("task", "add", "--json-lines", "-", cwd=seed, text="\n".join(many_tasks(tasks, False)) + "\n")
        bench.agent("sync", cwd=seed)
        other = os.path.join(bench.place, name + "-2")
        bench.git("clone", "-q", hub, other, cwd=bench.place)
        bench.agent("sync", cwd=other)
        return seed, other

    def tip(clone):
        return bench.git("rev-parse", "refs/agent/ledger", cwd=clone)

    pair = clones_of("confirmed", 1000, '[team]\nwip = 1000\nclaims = "remote"\n')
    floor = statistics.median(spawn(["git", "rev-parse", "HEAD"], pair[0], bench.env)[0] for _ in range(15))
    rows, took = write_together(bench, pair, 5, 30, ["task", "next"])
    for clone in (*pair, pair[0]):
        bench.agent("sync", cwd=clone)
    held = len(json.loads(bench.agent("task", "list", "--status", "in_progress", "--json", cwd=pair[1]))["data"]["tasks"])
    good, tail = sum(row[0] == "0" for row in rows), percentile([float(row[1]) for row in rows], .99) / floor
    ok = good == held == len(rows) and tip(pair[0]) == tip(pair[1]) and good / took >= 60 and tail <= 200
    OUT.append(("claims confirmed by a remote", good / took, 60, ok))
    print(f"{'2 clones x 5 writers, claims confirmed by the remote':58} {good / took:7.0f} a second (goal 60), {len(rows) - held} lost, p99 {tail:.0f} R (goal 200) {'ok' if ok else 'MISSED'}")

    pair = clones_of("merged", 10, "[team]\nwip = 1000\n")
    rows, written = write_together(bench, pair, 5, 100, ["task", "add", "Task {}"])
    begin = time.perf_counter()
    for clone in (*pair, pair[0]):
        bench.agent("sync", cwd=clone)
    took = written + time.perf_counter() - begin
    there = len(json.loads(bench.agent("task", "list", "--json", cwd=pair[1]))["data"]["tasks"]) - 10
    ok = there == len(rows) and tip(pair[0]) == tip(pair[1]) and there / took >= 350
    OUT.append(("merged without confirmation", there / took, 350, ok))
    print(f"{'2 clones x 5 writers, merged afterwards':58} {there / took:7.0f} a second (goal 350), {len(rows) - there} lost {'ok' if ok else 'MISSED'}   writing {written:.2f} s, meeting {took - written:.2f} s")

    big = make_repo(bench, "shared", size)
    hub = os.path.join(bench.place, "shared.git")
    bench.git("init", "-q", "--bare", hub, cwd=bench.place)
    bench.git("remote", "add", "origin", hub, cwd=big)
    bench.git("push", "-q", "origin", "main", cwd=big)
    bench.agent("sync", cwd=big)
    def change(name):
        if name == "one change":
            bench.agent("task", "note", "t000000-x", "more", cwd=big)
    times = bench.race({"R": ["git", "rev-parse", "HEAD"], "one change": ["git-agent", "sync"]}, big, runs=15, prepare=change)
    bench.report(f"sync of one change, {size // 1000},000 tasks", times["one change"], times["R"], 55)
    fetch = ["git", "fetch", "-q", "origin", "refs/agent/ledger"]
    times = bench.race({"fetch": fetch, "nothing": ["git-agent", "sync"]}, big)
    bench.report("sync with nothing to do / git fetch of that ref", times["nothing"], times["fetch"], 1.3, "x")


def bystander(bench, size):
    plain, full = make_repo(bench, "plain", 0), make_repo(bench, "full", size)
    for repo in (plain, full):
        remote = repo + ".git"
        bench.git("init", "-q", "--bare", remote, cwd=bench.place)
        bench.git("remote", "add", "origin", remote, cwd=repo)
        bench.git("push", "-q", "origin", "main", cwd=repo)
    bench.git("push", "-q", "origin", "refs/agent/ledger", cwd=full)
    # Both packed alike: a lookup in a pack costs more than one of a loose object, whoever filled it.
    bench.git("gc", "-q", cwd=plain)
    for what, argv in (("status", ["git", "status"]), ("push", ["git", "push", "-q", "origin", "main"]), ("fetch", ["git", "fetch", "-q", "origin"])):
        a, b = [], []
        for _ in range(bench.runs):
            a.append(spawn(argv, plain, bench.env)[0])
            b.append(spawn(argv, full, bench.env)[0])
        bench.report(f"a bystander's git {what}, with a {size // 1000},000-task ledger / without", b, a, 1.1, "x")


def fill(bench, repo, files):
    for directory in range(100):
        os.makedirs(f"{repo}/d{directory:02d}")
        for number in range(files // 100):
            with open(f"{repo}/d{directory:02d}/f{number}.c", "w") as file:
                file.write(f"int f{directory}_{number}(void) {{ return {number}; }}\n" * 10)
    bench.git("add", "-A", cwd=repo)
    bench.git("commit", "-q", "-m", "files", cwd=repo)


def gates(bench, files):
    """Moving a warm checkout from one tree to another and running a gate there that does nothing, beside moving alone."""
    repo = make_repo(bench, "gates", 0)
    fill(bench, repo, files)
    with open(f"{repo}/.git-agent.toml", "w") as file:
        file.write('[[gate]]\nname = "nothing"\non = ["merge"]\nrun = "true"\n')
    bench.agent("init", "--no-hooks", cwd=repo)
    bench.git("add", "-A", cwd=repo)
    bench.git("commit", "-q", "-m", "policy", cwd=repo)
    policy = subprocess.run(["git-agent", "gate", "list", "--json"], cwd=repo, env=bench.env, capture_output=True, check=True)
    bench.agent("gate", "trust", json.loads(policy.stdout)["data"]["hash"], cwd=repo)
    for name in ("one", "two"):
        bench.git("checkout", "-q", "-b", name, "main", cwd=repo)
        for directory in range(10):
            with open(f"{repo}/d{directory:02d}/f0.c", "a") as file:
                file.write(f"// {name}\n")
        bench.git("commit", "-q", "-a", "-m", name, cwd=repo)
    floor = repo + ".floor"
    bench.git("worktree", "add", "-q", "--detach", floor, "one", cwd=repo)
    ours, alone = [], []
    for number in range(bench.runs + 4):
        name = ("one", "two")[number % 2]
        bench.git("symbolic-ref", "HEAD", f"refs/heads/{name}", cwd=repo)
        move = spawn(["git", "read-tree", "-m", "-u", name], floor, bench.env)[0]
        judge = spawn(["git-agent", "gate", "run", "--gate", "nothing", "--no-cache"], repo, bench.env)[0]
        if number >= 4:
            alone.append(move)
            ours.append(judge)
    bench.report(f"a gate on another tree of {files:,} files, warm / git read-tree -m -u alone", ours, alone, 5, "x")


def work(bench, files):
    """Hooks, spin, status: on a repository of many files."""
    repo = make_repo(bench, "work", 0)
    fill(bench, repo, files)

    def touch(name):
        if name.startswith("commit"):
            with open(f"{repo}/d00/f0.c", "a") as file:
                file.write("// more\n")
    commit = ["git", "commit", "-q", "-a", "-m", "x"]
    r = ["git", "rev-parse", "HEAD"]
    before = bench.race({"R": r, "commit": commit}, repo, prepare=touch)
    with open(f"{repo}/.git-agent.toml", "w") as file:
        file.write("[team]\nwip = 1000\n")
    bench.agent("init", cwd=repo)
    bench.git("add", "-A", cwd=repo)
    subprocess.run(["git", "commit", "-q", "-m", "policy", "--no-verify"], cwd=repo, env=bench.env)
    after = bench.race({"R": r, "commit": commit}, repo, prepare=touch)
    base = statistics.median(before["R"] + after["R"])
    extra = (statistics.median(after["commit"]) - statistics.median(before["commit"])) / base
    OUT.append(("pre-commit", extra, 4, extra <= 4))
    print(f"{'git commit with our hooks minus plain':58} {extra:7.2f} R (goal 4) {'ok' if extra <= 4 else 'MISSED'}   {statistics.median(after['commit']):.2f} - {statistics.median(before['commit']):.2f} ms")

    def give_up(slug):
        # A claim holds its worktree against clean, --force or not.
        bench.agent("task", "cancel", slug, "-m", "measured", cwd=repo)
        bench.agent("clean", slug, "--force", cwd=repo)

    number = iter(range(10**6))
    plain, spun, sparse = [], [], []
    for _ in range(max(5, bench.runs // 6)):
        n = next(number)
        beside = f"{bench.place}/wt{n}"
        plain.append(spawn(["git", "worktree", "add", "-q", "--no-track", "-b", f"p{n}", beside], repo, bench.env)[0])
        took, status = spawn(["git-agent", "spin", f"full-{n}x", "--no-launch", "-d", "x"], repo, bench.env)
        if status:
            sys.exit("spin failed")
        spun.append(took)
        took, status = spawn(["git-agent", "spin", f"some-{n}x", "--no-launch", "-d", "x", "--only", "d07"], repo, bench.env)
        if status:
            sys.exit("spin --only failed")
        sparse.append(took)
        # Only whole, spun worktrees are left for status to be measured with.
        bench.git("worktree", "remove", "--force", beside, cwd=repo)
        give_up(f"some-{n}x")
    bench.report(f"spin --no-launch / git worktree add, {files} files", spun, plain, 1.05, "x")
    bench.report("spin --only 1 % of the files / git worktree add", sparse, plain, 0.2, "x")
    count = 20
    for n in range(len(spun), count):
        bench.agent("spin", f"full-{n}x", "--no-launch", "-d", "x", cwd=repo)
    for n in range(count, len(spun)):
        give_up(f"full-{n}x")
    there = bench.git("worktree", "list", "--porcelain", cwd=repo).splitlines()
    if sum(line.startswith("worktree ") for line in there) != 1 + count:
        sys.exit(f"there are not {count} worktrees beside the main one")
    times = bench.race({"R": r, "git status": ["git", "status", "--short"], "status": ["git-agent", "status"]}, repo)
    middle = statistics.median(times["status"])
    OUT.append(("status", middle, 50, middle <= 50))
    print(f"{f'status with {count} worktrees':58} {middle:7.1f} ms (goal 50) {'ok' if middle <= 50 else 'MISSED'}   {middle / statistics.median(times['R']):.1f} R; git status {statistics.median(times['git status']):.1f} ms")


def formats(bench, size):
    """What SHA-256 and tables of refs cost, each beside R in that very repository; loose first, then packed by gc."""
    newer = os.path.join(os.path.dirname(bench.bin), "newer-git", "bin")
    both = {"GIT_DEFAULT_HASH": "sha256", "GIT_DEFAULT_REF_FORMAT": "reftable"}
    kinds = {"SHA-1, files": {}, "SHA-256": {"GIT_DEFAULT_HASH": "sha256"}}
    if os.path.exists(os.path.join(newer, "git")):
        tables = {"GIT_DEFAULT_REF_FORMAT": "reftable"}
        kinds |= {"reftable": tables, "SHA-256 and reftable": both}
    else:
        print(f"reftable is not measured: there is no newer Git in {newer} (sh tools/newer-git.sh {os.path.dirname(newer)})")
    usual, number = dict(bench.env), iter(range(10**6))
    for kind, settings in kinds.items():
        bench.env = dict(usual, GIT_AGENT_NAME="bench", **settings)
        if "GIT_DEFAULT_REF_FORMAT" in settings:
            bench.env["PATH"] = os.environ["PATH"] = newer + ":" + usual["PATH"]
        repo = make_repo(bench, "format " + kind, 0)
        bench.agent("task", "add", "--json-lines", "-", cwd=repo, text="\n".join(many_tasks(size)) + "\n")
        # The last state is in a pack after gc only.
        bench.agent("task", "add", "First", cwd=repo)
        for state in ("loose", "packed"):
            if state == "packed":
                bench.git("gc", "-q", cwd=repo)

            def next_one():
                bench.env["GIT_AGENT_NAME"] = f"agent-{next(number)}"  # who has a claim is given that one again
                return ["git-agent", "task", "next"]

            times = bench.race({
                "R": ["git", "rev-parse", "HEAD"],
                "ready": ["git-agent", "task", "ready", "--limit", "20"],
                "add": ["git-agent", "task", "add", "One more"],
                "next": next_one,
            }, repo)
            for what in ("ready", "add", "next"):
                bench.report(f"task {what}, {kind}, {state}", times[what], times["R"], None)
    bench.env, os.environ["PATH"] = usual, usual["PATH"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bin")
    parser.add_argument("--launcher", help="the program peak-memory; without it memory is not measured")
    parser.add_argument("--runs", type=int, default=31)
    parser.add_argument("--tasks", type=int, default=100_000)
    parser.add_argument("--operations", type=int, default=50_000)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("sections", nargs="*", default=[])
    args = parser.parse_intermixed_args()
    wanted = args.sections or ["ledger", "bulk", "claims", "exchange", "bystander", "gates", "work", "formats", "growth"]
    place = scratch()
    try:
        bench = Bench(os.path.abspath(args.bin), place, args.runs)
        bench.launcher = args.launcher and os.path.abspath(args.launcher)
        if "ledger" in wanted:
            ledger(bench, [size for size in (10_000, 100_000) if size <= args.tasks])
        # With the ledger already there the section ledger measures it too.
        if "memory" in wanted and "ledger" not in wanted:
            memory(bench, make_repo(bench, "memory", args.tasks), args.tasks)
        if "bulk" in wanted:
            bulk(bench)
        if "claims" in wanted:
            claims(bench)
        if "exchange" in wanted:
            exchange(bench, args.tasks)
        if "bystander" in wanted:
            bystander(bench, args.tasks)
        if "gates" in wanted:
            gates(bench, args.files)
        if "work" in wanted:
            work(bench, args.files)
        if "formats" in wanted:
            formats(bench, min(args.tasks, 1000))
        if "growth" in wanted:
            growth(bench, make_repo, args.operations)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    tally()


main()

"""How fast the scanner is, beside floors measured in the same run.

    scan.py BIN RULES [--tree DIR]... [--history REPO] [--runs N]

BIN is the directory that holds git-agent, RULES a configuration in gitleaks' format. Throughput is over the processor time of
one thread on the files of DIR; a commit and a start are whole processes; the crafted texts are 64 KB of each keyword;
the history is read by git alone and scanned, in turn.
"""
import argparse
import os
import resource
import statistics
import subprocess
import sys
import tomllib

sys.dont_write_bytecode = True
from harness import OUT, Bench, scratch, tally


def goal(what, value, limit, unit, at_least=False):
    ok = value >= limit if at_least else value <= limit
    OUT.append((what, value, limit, ok))
    print(f"{what:58} {value:9.2f} {unit} (goal {'>=' if at_least else '<='} {limit}) {'ok' if ok else 'MISSED'}")


def processor_seconds(argv, cwd, env):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(argv, cwd=cwd, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def throughput(bench, rules, tree, runs):
    scan = ["taskset", "-c", "0", "git-agent", "gate", "scan", "--config", rules, "."]
    text = subprocess.run([*scan, "--json"], cwd=tree, env=bench.env, capture_output=True, text=True).stdout
    size = int(text.split('"bytes":')[1].split(",")[0])
    # The floor reads the same files and looks for one word in them.
    floor = ["taskset", "-c", "0", "grep", "-rqF", "no such word is in any of these", "."]
    ours = min(processor_seconds(scan, tree, bench.env) for _ in range(runs))
    grep = min(processor_seconds(floor, tree, bench.env) for _ in range(runs))
    goal(f"MB/s on one core, {size / 1e6:.0f} MB of {tree}", size / 1e6 / ours, 200, "MB/s", at_least=True)
    print(f"{'':58} {ours / grep:9.2f} x grep -F over the same files ({size / 1e6 / grep:.0f} MB/s)")


def starts(bench, rules, runs):
    repo = os.path.join(bench.place, "commit")
    bench.git("init", "-q", repo, cwd=bench.place)
    with open(os.path.join(repo, "rules.toml"), "w") as copy, open(rules) as original:
        copy.write(original.read())
    with open(os.path.join(repo, ".git-agent.toml"), "w") as policy:
        policy.write('[scan]\nconfig = "rules.toml"\n')
    bench.git("add", ".", cwd=repo)
    bench.git("commit", "-q", "-m", "begin", cwd=repo)
    words = ["value", "token", "return", "self.key", "config", "=", "(", ")", "api", "string", "if", "secret_name", "{", "}"]
    for i in range(10):
        with open(os.path.join(repo, f"file{i}.py"), "w") as file:
            for line in range(250):
                file.write(" ".join(words[(i + line * 7 + k * k) % len(words)] for k in range(6)) + "\n")
    bench.git("add", ".", cwd=repo)
    open(os.path.join(bench.place, "small"), "w").write("x\n")
    cases = {
        "R": ["git", "rev-parse", "HEAD"],
        "version": ["git-agent", "--version"],
        "start": ["git-agent", "gate", "scan", "--config", rules, os.path.join(bench.place, "small")],
        "commit": ["git-agent", "gate", "scan", "--staged"],
    }
    times = bench.race(cases, repo, runs=runs)
    goal("ms from start to exit, 222 rules, one small file", statistics.median(times["start"]), 8, "ms")
    goal("ms from start to exit, a commit of 10 files", statistics.median(times["commit"]), 10, "ms")
    for name in ("start", "commit"):
        print(f"{name:>58} {statistics.median(times[name]) / statistics.median(times['R']):9.2f} R, "
              f"{statistics.median(times[name]) / statistics.median(times['version']):.2f} x git-agent --version")


def crafted(bench, rules):
    with open(rules, "rb") as file:
        words = sorted({word.lower() for rule in tomllib.load(file)["rules"] for word in rule.get("keywords", [])})
    start = os.path.join(bench.place, "empty")
    open(start, "w").write("x")
    scan = ["git-agent", "gate", "scan", "--config", rules]
    base = min(processor_seconds([*scan, start], bench.place, bench.env) for _ in range(5))
    worst = []
    for word in words:
        for tail in ("", "=", " "):
            path = os.path.join(bench.place, "crafted")
            with open(path, "w") as file:
                file.write(((word + tail) * (65536 // len(word + tail) + 1))[:65536])
            worst.append((processor_seconds([*scan, path], bench.place, bench.env) - base, word + tail))
    worst.sort(reverse=True)
    goal(f"ms for 64 KB of a keyword, the worst of {len(worst)}", worst[0][0] * 1e3, 100, "ms")
    print("  slowest: " + ", ".join(f"{word!r} {seconds * 1e3:.0f} ms" for seconds, word in worst[:5]))


def history(bench, rules, repo, runs):
    # What git alone takes to read every object, twice as a pipe would.
    floor = ["sh", "-c", "git cat-file --batch-all-objects --unordered --batch >/dev/null"]
    scan = ["git-agent", "gate", "scan", "--config", rules, "--history"]
    times = bench.race({"git": floor, "scan": scan}, repo, runs=runs)
    bench.report("history: scan / git cat-file of all objects", times["scan"], times["git"], 1.5, "x")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin")
    parser.add_argument("rules")
    parser.add_argument("--tree", action="append", default=[])
    parser.add_argument("--history")
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    place = scratch()
    try:
        bench = Bench(os.path.abspath(args.bin), place, args.runs)
        rules = os.path.abspath(args.rules)
        for tree in args.tree:
            throughput(bench, rules, os.path.abspath(tree), args.runs)
        starts(bench, rules, max(20, args.runs))
        crafted(bench, rules)
        if args.history:
            history(bench, rules, os.path.abspath(args.history), args.runs)
    finally:
        subprocess.run(["rm", "-rf", place])
    tally()


if __name__ == "__main__":
    main()

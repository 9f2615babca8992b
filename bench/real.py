"""Spin, status, merge and clean on real repositories, each beside plain Git doing the same.

    real.py BIN [--runs N] [--package NAME] [INPUT...]      inputs: own debian

BIN is the directory that holds git-agent. "own" is a clone of this project's repository; "debian" is the
source of a Debian package of thousands of files, fetched from the mirror that apt is configured with and
kept below ${XDG_CACHE_HOME:-~/.cache}/git-agent-bench. An input that cannot be had is skipped, with the reason.

Each input is there twice: git-agent works in one copy, plain Git in the other, where none of our hooks run.
Both do the same work in turn. R is `git rev-parse HEAD` in the same rounds. There are no goals: what a ratio
above 1 buys is ledger, briefing, gates and backups.
"""
import argparse
import glob
import os
import shutil
import statistics
import subprocess
import sys

sys.dont_write_bytecode = True  # the sources' directory stays as it is
from harness import Bench, percentile, scratch, spawn

WORKTREES = 10  # that stand beside the main one throughout
BRANCH_COMMITS, TARGET_COMMITS = 10, 5
HISTORY = 40  # commits that a source package is put in by
ROOM = 8 << 30  # bytes; two copies of the input, each with a dozen worktrees


class Unavailable(Exception):
    """This input cannot be had here; says why."""


def tool(argv, cwd=None):
    """Runs a program that has to work; what it says against that becomes the reason."""
    if not shutil.which(argv[0]):
        raise Unavailable(f"there is no {argv[0]}")
    try:
        run = subprocess.run(argv, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{argv[0]} takes more than five minutes") from None
    if run.returncode:
        lines = (run.stderr or run.stdout).strip().splitlines() or ["it does not say why"]
        raise Unavailable(f"{' '.join(argv[:1] + argv[-2:])}: {lines[-1]}")
    return run.stdout


def codename():
    try:
        with open("/etc/os-release") as file:
            facts = dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)
    except OSError:
        facts = {}
    name = facts.get("VERSION_CODENAME", "").strip('"')
    if not name:
        raise Unavailable("/etc/os-release names no release of Debian")
    return name


def fetch(package):
    """The package's .dsc in the cache; downloaded when it is not there."""
    cache = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "git-agent-bench")
    store = os.path.join(cache, package)
    found = glob.glob(os.path.join(glob.escape(store), "*.dsc"))
    if found:
        return found[0]
    release = codename()
    targets = tool(["apt-get", "indextargets", "--format", "$(CREATED_BY) $(RELEASE) $(COMPONENT) $(REPO_URI)"])
    mirrors = [words[3] for words in map(str.split, targets.splitlines()) if words[:3] == ["Packages", release, "main"]]
    if not mirrors:
        raise Unavailable(f"apt is configured with no mirror of {release} main")
    # apt's own files stay untouched: sources, lists and caches are ours, so no root is needed. The user that
    # root's apt would become cannot write into root's home.
    apt = os.path.join(cache, "apt")
    for directory in ("lists/partial", "cache/archives/partial"):
        os.makedirs(os.path.join(apt, directory), exist_ok=True)
    with open(f"{apt}/sources.list", "w") as file:
        file.write(f"deb-src {mirrors[0]} {release} main\n")
    options = [
        f"Dir::Etc::sourcelist={apt}/sources.list",
        "Dir::Etc::sourceparts=-",
        f"Dir::State::lists={apt}/lists",
        f"Dir::Cache={apt}/cache",
        "APT::Sandbox::User=",
        "APT::Update::Error-Mode=any",
    ]
    get = ["apt-get", "-q"] + [word for option in options for word in ("-o", option)]
    tool(get + ["update"])
    # Beside its place first: a download that was cut short must not look like a whole one.
    part = store + ".part"
    shutil.rmtree(part, ignore_errors=True)
    os.makedirs(part)
    tool(get + ["source", "--download-only", package], cwd=part)
    os.rename(part, store)
    found = glob.glob(os.path.join(glob.escape(store), "*.dsc"))
    if not found:
        raise Unavailable(f"apt-get source {package} brought no .dsc")
    return found[0]


def own(bench, place):
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if not os.path.exists(os.path.join(root, ".git")):
        raise Unavailable("these sources are not in a Git repository")
    bench.git("clone", "-q", "--no-local", root, place, cwd=bench.place)
    bench.git("checkout", "-q", "-B", "main", cwd=place)
    bench.git("remote", "remove", "origin", cwd=place)
    return "this project's own repository"


def debian(bench, place, package):
    described = fetch(package)
    tool(["dpkg-source", "--no-check", "-x", described, place], cwd=bench.place)
    bench.git("init", "-q", cwd=place)
    # What the package's own .gitignore leaves out belongs to the source all the same.
    bench.git("add", "-A", "--force", cwd=place)
    names = bench.git("ls-files", "-z", cwd=place).rstrip("\0").split("\0")
    bench.git("rm", "-r", "-q", "--cached", ".", cwd=place)
    step = -(-len(names) // HISTORY)
    for number in range(0, len(names), step):
        subprocess.run(
            ["git", "--literal-pathspecs", "add", "--force", "--pathspec-from-file=-", "--pathspec-file-nul"],
            cwd=place, env=bench.env, input="\0".join(names[number:number + step]), text=True, check=True)
        bench.git("commit", "-q", "-m", f"Add {names[number]} and what follows", cwd=place)
    return "Debian source " + os.path.basename(described)[:-len(".dsc")]


def append(bench, worktree, names, word, commits):
    """Commits that each change one file, the same in both copies: same words give the same change."""
    for number in range(commits):
        name = names[number]
        with open(os.path.join(worktree, name), "ab") as file:
            file.write(f"\n/* {word} {number} */\n".encode())
        bench.git("commit", "-q", "-m", f"{word}, step {number}", "--", name, cwd=worktree)


class Copies:
    """An input twice: `ours` for git-agent and `plain` for Git."""

    def __init__(self, bench, ours, plain):
        self.bench, self.ours, self.plain = bench, ours, plain
        self.times, self.turn = {}, False
        text = self.bench.git("grep", "--cached", "-I", "-l", "-z", "-e", "", cwd=plain).rstrip("\0").split("\0")
        # Spread over the whole tree; branch and target change different files, so that nothing conflicts.
        regular = [name for name in text if not os.path.islink(os.path.join(plain, name)) and not name.startswith(".git")]
        self.branch_files = regular[0::len(regular) // BRANCH_COMMITS][:BRANCH_COMMITS]
        self.target_files = regular[1::len(regular) // TARGET_COMMITS][:TARGET_COMMITS]

    def timed(self, what, commands, cwd):
        """Wall time of the commands, one after another, under that name."""
        total = 0
        for argv in commands:
            took, status = spawn(argv, cwd, self.bench.env)
            if status:
                sys.exit(f"{what}: {argv} exited with {status}")
            total += took
        self.times.setdefault(what, []).append(total)

    def beside(self, plain, ours):
        """Both, each a name and commands, in its copy; now the one first, now the other."""
        cases = [(*plain, self.plain), (*ours, self.ours)]
        self.turn = not self.turn
        for what, commands, repo in cases if self.turn else reversed(cases):
            self.timed(what, commands, repo)

    def tree(self, slug):
        return f"{self.ours}.agents/{slug}", f"{self.plain}.trees/{slug}"

    def floor(self):
        for _ in range(3):
            self.timed("R", [["git", "rev-parse", "HEAD"]], self.plain)

    def spin(self, slug):
        self.beside(
            ("git worktree add", [["git", "worktree", "add", "-q", "--no-track", "-b", slug, self.tree(slug)[1]]]),
            ("spin", [["git-agent", "spin", slug, "--no-launch", "-d", "What is to be done."]]))

    def feature(self, slug):
        """From spin to clean, with everything between done the same way on both sides."""
        bench = self.bench
        self.spin(slug)
        ours, plain = self.tree(slug)
        for worktree in (ours, plain):
            append(bench, worktree, self.branch_files, slug, BRANCH_COMMITS)
        bench.agent("task", "done", slug, "-m", "Done as described", cwd=self.ours)
        for repo in (self.ours, self.plain):
            append(bench, repo, self.target_files, "before " + slug, TARGET_COMMITS)
        self.floor()
        # By hand the rebase happens in the worktree, the merge in the main one.
        self.beside(
            ("by hand: merge", [["git", "-C", plain, "rebase", "-q", "main"], ["git", "merge", "-q", "--ff-only", slug]]),
            ("merge", [["git-agent", "merge", slug]]))
        if self.listing(self.ours) != self.listing(self.plain):
            sys.exit(f"{slug}: git-agent and plain Git have merged different trees")

        tip = bench.git("rev-parse", slug, cwd=self.plain)
        remove = [["git", "worktree", "remove", "--force", plain], ["git", "branch", "-q", "-D", slug]]
        self.beside(
            ("by hand: clean", remove),
            ("clean", [["git-agent", "clean", slug]]))
        if os.path.exists(ours):
            sys.exit(f"{slug}: clean has left the worktree")
        self.beside(
            ("by hand: undo", [["git", "branch", slug, tip], ["git", "worktree", "add", "-q", plain, slug]]),
            ("undo", [["git-agent", "clean", "--undo", slug]]))
        if not os.path.exists(os.path.join(ours, self.branch_files[0])):
            sys.exit(f"{slug}: clean --undo has not brought the worktree back")
        for argv in remove:
            bench.git(*argv[1:], cwd=self.plain)
        bench.agent("clean", slug, cwd=self.ours)

    def listing(self, repo):
        """The target's files; without the policy, which only one copy has."""
        lines = self.bench.git("ls-tree", "-r", "main", cwd=repo).splitlines()
        return [line for line in lines if not line.endswith("\t.git-agent.toml")]


def row(what, times, beside, floor):
    middle = statistics.median(times)
    line = f"{what:52} median {middle:8.2f} ms p10 {percentile(times, .1):8.2f} p90 {percentile(times, .9):8.2f} {middle / floor:7.1f} R"
    if beside is not None:
        line += f" {middle / statistics.median(beside):7.2f} x"
    print(line, flush=True)


def measure(bench, name, runs, package):
    place = os.path.join(bench.place, name)
    plain, ours = place + "/plain", place + "/ours"
    os.makedirs(place)
    title = own(bench, plain) if name == "own" else debian(bench, plain, package)
    shutil.copytree(plain, ours, symlinks=True)
    # The limits are not what is measured. No gate: by hand there is none either.
    with open(ours + "/.git-agent.toml", "w") as file:
        file.write("[team]\nwip = 1000\nreview-wip = 1000\n")
    bench.git("add", ".git-agent.toml", cwd=ours)
    bench.git("commit", "-q", "-m", "Set the policy", cwd=ours)
    bench.agent("init", cwd=ours)
    files = len(bench.git("ls-files", cwd=plain).splitlines())
    commits = bench.git("rev-list", "--count", "HEAD", cwd=plain)
    print(f"{title}: {files} files, {commits} commits; {runs} rounds")

    copies = Copies(bench, ours, plain)
    for number in range(WORKTREES):
        copies.spin(f"stays-{number}-on")
    for round_number in range(runs + 1):
        copies.feature(f"round-{round_number}-on")
        copies.floor()
        copies.beside(
            ("git status", [["git", "status"]]),
            ("status", [["git-agent", "status"]]))
        # The first round fills caches that every later one finds filled.
        if round_number == 0:
            copies.times.clear()

    times = copies.times
    floor = statistics.median(times["R"])
    row("R: git rev-parse HEAD", times["R"], None, floor)
    by_hand_merge = "git rebase main && git merge --ff-only"
    by_hand_clean = "git worktree remove --force && git branch -D"
    for what, ours_name, beside, beside_name in (
        ("git-agent spin --no-launch", "spin", "git worktree add", "git worktree add -b"),
        (f"git-agent status, {WORKTREES} worktrees", "status", "git status", f"git status, {WORKTREES} worktrees"),
        (f"git-agent merge, {BRANCH_COMMITS} commits over {TARGET_COMMITS}", "merge", "by hand: merge", by_hand_merge),
        ("git-agent clean", "clean", "by hand: clean", by_hand_clean),
        ("git-agent clean --undo", "undo", "by hand: undo", "git branch && git worktree add"),
    ):
        row(beside_name, times[beside], None, floor)
        row(what, times[ours_name], times[beside], floor)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bin")
    parser.add_argument("--runs", type=int, default=11, help="at least 7")
    parser.add_argument("--package", default="postgresql-15", help="the Debian source package")
    parser.add_argument("inputs", nargs="*", default=[])
    args = parser.parse_intermixed_args()
    if args.runs < 7:
        parser.error("fewer than 7 rounds say nothing")
    place = scratch(ROOM)
    try:
        bench = Bench(os.path.abspath(args.bin), place, args.runs)
        for name in args.inputs or ["own", "debian"]:
            if name not in ("own", "debian"):
                parser.error(f"no such input: {name}")
            try:
                measure(bench, name, args.runs, args.package)
            except Unavailable as reason:
                print(f"SKIPPED {name}: {reason}", flush=True)
            shutil.rmtree(os.path.join(place, name), ignore_errors=True)
    finally:
        shutil.rmtree(place, ignore_errors=True)


main()

"""Runs commands in turn and prints the median of each one's wall time.

    spawn.py RUNS COMMAND...
"""
import os
import statistics
import sys
import time


def run(words, files):
    """Wall milliseconds of one run; its output is thrown away."""
    begin = time.perf_counter()
    pid = os.posix_spawnp(words[0], words, os.environ, file_actions=files)
    status = os.waitpid(pid, 0)[1]
    took = (time.perf_counter() - begin) * 1e3
    if status:
        sys.exit(f"{' '.join(words)}: failed with status {status}")
    return took


def main():
    runs = int(sys.argv[1])
    commands = [line.split() for line in sys.argv[2:]]
    with open(os.devnull, "w") as null:
        files = [(os.POSIX_SPAWN_DUP2, null.fileno(), 1)]
        times = [[] for _ in commands]
        for _ in range(runs):
            for words, taken in zip(commands, times):
                taken.append(run(words, files))
    for words, taken in zip(commands, times):
        taken.sort()
        name = " ".join([os.path.basename(words[0])] + words[1:])
        print(
            f"{name:32} median {statistics.median(taken):6.2f} ms"
            f"   p10 {taken[runs // 10]:6.2f}   p90 {taken[runs * 9 // 10]:6.2f}"
        )


main()

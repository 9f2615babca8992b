"""Types into an interactive shell and waits for what appears.

usage: type-keys.py SECONDS PROMPT KEYS EXPECTED -- SHELL [ARGUMENT]...

Starts the shell on a terminal of its own, waits for PROMPT, types KEYS (\\t is the tabulator key) and succeeds as soon
as EXPECTED appears after that. Prints what was seen when it does not.
"""
import os
import pty
import re
import select
import signal
import sys
import time


def visible(text):
    """Without what moves the cursor and colours, and without padding."""
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|\x00|\x07|.\x08", "", text)


def end_shell(pid, terminal):
    os.close(terminal)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def main():
    seconds, prompt, keys, expected = float(sys.argv[1]), *sys.argv[2:5]
    shell = sys.argv[6:]
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "vt100"
        os.execvp(shell[0], shell)
    seen, typed_at, end = "", None, time.monotonic() + seconds
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                seen += os.read(terminal, 65536).decode("utf-8", "replace")
            except OSError:
                break
        if typed_at is None and prompt in seen:
            typed_at = len(seen)
            os.write(terminal, keys.replace("\\t", "\t").encode())
        if typed_at is not None and expected in visible(seen[typed_at:]):
            end_shell(pid, terminal)
            return 0
    end_shell(pid, terminal)
    print(f"waited in vain for {expected!r}; seen: {visible(seen)!r}")
    return 1


sys.exit(main())

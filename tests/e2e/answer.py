"""Runs a command on a terminal of its own and answers the question it asks there.

usage: answer.py yes|no COMMAND [ARGUMENT]...

Prints what the command writes to its terminal; exits with its code. After a minute the terminal is closed.
"""
import os
import pty
import signal
import sys


def main():
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(sys.argv[2], sys.argv[2:])
    signal.alarm(60)
    seen, answered = b"", False
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # Linux says EIO when the last writer is gone
            break
        if not data:
            break
        seen += data
        if not answered and (b"[y/N]" in seen or b"[Y/n]" in seen):
            os.write(terminal, b"y\n" if sys.argv[1] == "yes" else b"n\n")
            answered = True
    sys.stdout.buffer.write(seen.replace(b"\r\n", b"\n"))
    sys.stdout.buffer.flush()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


sys.exit(main())

"""Runs a command on a terminal of its own and prints, as a program would see it, what it writes there.

usage: on-terminal.py COLUMNS[,yes|,no] COMMAND [ARGUMENT]...

Standard input, output and error of the command are the terminal. With yes or no the first question it asks ("[y/N]") is
answered so. Exits with the command's code; after a minute the terminal is closed.
"""
import fcntl
import os
import pty
import signal
import struct
import sys
import termios


def main():
    columns, _, answer = sys.argv[1].partition(",")
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(columns), 0, 0))
        os.execvp(sys.argv[2], sys.argv[2:])
    signal.alarm(60)
    seen = b""
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # Linux says EIO when the last writer is gone
            break
        if not data:
            break
        seen += data
        if answer and (b"[y/N]" in seen or b"[Y/n]" in seen):
            os.write(terminal, b"y\n" if answer == "yes" else b"n\n")
            answer = ""
    sys.stdout.buffer.write(seen.replace(b"\r\n", b"\n"))
    sys.stdout.buffer.flush()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


sys.exit(main())

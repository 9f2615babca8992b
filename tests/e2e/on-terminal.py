"""Runs a command on a terminal of its own and prints, as a program would see it, what it writes there.

usage: on-terminal.py COLUMNS COMMAND [ARGUMENT]...

Standard input, output and error of the command are the terminal. Exits with the command's code; after a minute the
terminal is closed.
"""
import fcntl
import os
import pty
import signal
import struct
import sys
import termios


def main():
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
        os.execvp(sys.argv[2], sys.argv[2:])
    signal.alarm(60)
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # Linux says EIO when the last writer is gone
            break
        if not data:
            break
        sys.stdout.buffer.write(data.replace(b"\r\n", b"\n"))
    sys.stdout.buffer.flush()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


sys.exit(main())

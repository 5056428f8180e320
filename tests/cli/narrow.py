#!/usr/bin/env python3
"""How wide is what a command shows on a terminal? For tests: narrow.py COLUMNS COMMAND... runs the
command on a pseudo-terminal of so many columns and prints each line that is wider, and how many
lines there were. What is drawn over (behind a carriage return) counts as what stays of it."""
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios


def shown(columns, command):
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {k: v for k, v in os.environ.items() if k != "COLUMNS"}
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs,
                             env=environment)
    os.close(theirs)
    text = b""
    try:
        while piece := os.read(ours, 65536):
            text += piece
    except OSError:
        pass  # the last writer has gone
    child.wait()
    # Between a saved cursor and its restoring stands what is drawn over; the rest are colours.
    seen = re.sub("\x1b7.*?\x1b8", "", text.decode(errors="replace"), flags=re.DOTALL)
    lines = re.sub("\x1b\\[[0-9;]*[A-Za-z]", "", seen).splitlines()
    return [line.rstrip("\r").rsplit("\r", 1)[-1] for line in lines]


if __name__ == "__main__":
    lines = shown(int(sys.argv[1]), sys.argv[2:])
    for line in lines:
        if len(line) > int(sys.argv[1]):
            print(f"{len(line)}: {line}")
    print("lines" if len(lines) > 3 else lines)

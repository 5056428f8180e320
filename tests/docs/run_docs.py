#!/usr/bin/env python3
"""Runs the commands that a page of documentation shows, and compares what they print with the
samples on the page.

    tests/docs/run_docs.py BUILD PAGE.md [--approve]

A command is a line of a code block that starts with ./isobar, isobar, mpirun or ./test. All
commands of a page run in its order in one temporary folder (the checkout's folders are linked into
it, tests/docs/files lies in it) and must end with exit code 0. Remarks for this script are comments
before the block, which a reader does not see:

    <!-- run: BEGINNING => COMMAND --> instead of the command that begins so: it has words to fill in
    <!-- run: long BEGINNING -->       only with ISOBAR_LONG=1: it takes minutes; without BEGINNING
                                       all commands of the block
    <!-- run: not BEGINNING; WHY -->   never
    <!-- shows: COMMAND -->            the next block is what this command prints: whole lines of it,
                                       in order; "..." stands for lines that are left out
    <!-- shows numbers: COMMAND -->    the same, but numbers and bars may differ
    <!-- shows long: COMMAND -->       the same, only with ISOBAR_LONG=1 (also: shows long numbers)

--approve writes numbers and lines anew where a block has no "...".
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
COMMAND = re.compile(r"(\./isobar|isobar|mpirun|\./test)(?=\s|$)")  # not "isobar: a message"
REMARK = re.compile(r"<!-- (run|shows)([a-z ]*): ?(.*?) ?-->")
NUMBER = re.compile(r"(?<![A-Za-z_])[-+]?\d[\d,]*(\.\d+)?(e[-+]?\d+)?")
BARS = re.compile("[░█▏▎▍▌▋▊▉]+")


@dataclass
class Block:
    """A code block: its first line's number, its lines, the remarks before it."""

    line: int
    indented: bool
    lines: list = field(default_factory=list)
    remarks: list = field(default_factory=list)


def blocks_of(text):
    """Yields the code blocks of a page, fenced and indented."""
    remarks, block, fenced = [], None, False
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("```"):
            if fenced:
                yield block
                block, fenced, remarks = None, False, []
            else:
                block, fenced = Block(number + 1, False, [], remarks), True
        elif fenced:
            block.lines.append(line)
        elif line.startswith("    ") and (block or not line.strip().startswith(("-", "*"))):
            block = block or Block(number, True, [], remarks)
            block.lines.append(line[4:])
        else:
            if block:
                yield block
                block, remarks = None, []
            if REMARK.search(line):
                remarks = remarks + REMARK.findall(line)
            elif line.strip():
                remarks = [] if not line.startswith("<!--") else remarks
    if block:
        yield block


def commands_of(block):
    """The commands of a block as (line number, command), continued lines joined."""
    joined, start = "", 0
    for offset, line in enumerate(block.lines):
        if not joined:
            start = offset
            if not COMMAND.match(line):
                continue
        joined += re.sub(r"\s+#.*$", "", line)
        if joined.endswith("\\"):
            joined = joined[:-1] + " "
            continue
        yield block.line + start, joined.strip()
        joined = ""


def plan_of(command, remarks):
    """What is to be done about a command, and what to run for it."""
    for remark in remarks:
        if " => " in remark:
            beginning, instead = remark.split(" => ", 1)
            if command.startswith(beginning):
                return "run", instead
            continue
        kind, _, beginning = remark.partition(" ")
        if command.startswith(beginning.split(";")[0].strip()):
            return kind, command
    return "run", command


class Page:
    """Runs one page's commands in a folder of their own."""

    def __init__(self, build, path):
        self.path, self.build, self.failures, self.ran, self.left = path, build, [], 0, 0
        self.folder = Path(tempfile.mkdtemp(prefix="isobar-docs-"))
        for name in ("src", "chips", "models", "clusters", "kernels", "bench"):
            (self.folder / name).symlink_to(SOURCE / name)
        shutil.copytree(SOURCE / "tests/docs/files", self.folder, dirs_exist_ok=True)
        (self.folder / "isobar").symlink_to(build / "bin/isobar")
        self.environment = dict(
            os.environ,
            PATH=f"{build / 'bin'}:{os.environ['PATH']}",
            HOME=str(self.folder / "home"),
            XDG_CACHE_HOME=str(build / "tests/cache"),
            LANG="C.UTF-8",
            OMPI_ALLOW_RUN_AS_ROOT="1",
            OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
            OMPI_MCA_rmaps_base_oversubscribe="1",
        )
        for name in ("NO_COLOR", "LC_ALL", "ISOBAR_CHIP"):
            self.environment.pop(name, None)
        self.outputs = {}

    def fail(self, line, text):
        self.failures.append(f"{self.path}:{line}: {text}")

    def run(self, line, command):
        """What the command prints; one that was run before is not run again."""
        if command in self.outputs:
            return self.outputs[command]
        print(f"{self.path.name}:{line}: {command}", flush=True)
        done = subprocess.run(command, shell=True, cwd=self.folder, env=self.environment,
                              executable="/bin/bash", capture_output=True, stdin=subprocess.DEVNULL)
        text = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
        if done.returncode != 0:
            self.fail(line, f"{command}: exit code {done.returncode}\n{text[-2000:]}")
        self.ran += 1
        self.outputs[command] = text
        return text

    def run_block(self, block):
        is_long = os.environ.get("ISOBAR_LONG") == "1"
        runs = [rest for kind, _, rest in block.remarks if kind == "run"]
        shows = [(words, rest) for kind, words, rest in block.remarks if kind == "shows"]
        for line, command in commands_of(block):
            what, instead = plan_of(command, runs)
            if what == "long" and not is_long:
                self.left += 1
            elif what != "not":
                self.run(line, instead)
        for words, command in shows:
            if "long" in words and not is_long:
                self.left += 1
                continue
            self.compare(block, self.run(block.line, command), "numbers" in words)

    def compare(self, block, printed, masked):
        """Each line of the block must come, in order; next to each other but for "..."."""
        def key(text):
            text = text.rstrip()
            if masked:
                text = BARS.sub("|", NUMBER.sub("#", text))
                text = re.sub(r"\s+", " ", text)
            return text

        got = [key(line) for line in printed.split("\n")]
        at, free = 0, True
        for offset, line in enumerate(block.lines):
            if line.strip() == "...":
                free = True
                continue
            wanted = key(line)
            if free:
                found = next((i for i in range(at, len(got)) if got[i] == wanted), None)
            else:
                found = at if at < len(got) and got[at] == wanted else None
            if found is None:
                near = got[at] if at < len(got) else "(the end)"
                self.fail(block.line + offset, f"not printed: {line.strip()}\n  there: {near}")
                return
            at, free = found + 1, False

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def approve(path, page):
    """Puts what was printed into blocks without "..." that show one command."""
    lines = path.read_text().split("\n")
    for block in reversed(list(blocks_of(path.read_text()))):
        shows = [rest for kind, _, rest in block.remarks if kind == "shows"]
        if len(shows) != 1 or "..." in [line.strip() for line in block.lines]:
            continue
        if shows[0] not in page.outputs:
            continue
        fresh = page.outputs[shows[0]].rstrip("\n").split("\n")
        start = block.line - 1
        lines[start:start + len(block.lines)] = fresh
    path.write_text("\n".join(lines))


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    build, path = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    page = Page(build, path)
    try:
        for block in blocks_of(path.read_text()):
            page.run_block(block)
        if "--approve" in sys.argv[3:]:
            approve(path, page)
    finally:
        page.close()
    for failure in page.failures:
        print(failure)
    left = f", {page.left} left to ISOBAR_LONG=1" if page.left else ""
    print(f"{path.name}: {page.ran} commands run{left}, {len(page.failures)} failures")
    return 1 if page.failures else 0


if __name__ == "__main__":
    sys.exit(main())

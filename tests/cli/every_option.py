#!/usr/bin/env python3
"""Is every command and every option in a test? What there is comes from the program's own help;
what is tested, from the command lines in the *.t files (and in the shell scripts that they source).

    tests/cli/every_option.py BUILD

An option counts where it stands on a line that calls its command: "isobar plan --tp 2", or a shell
function of the file that does ("ask --tp 2", ask being "isobar plan ..."). Prints what is in no test."""
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
CALLED = "(called)"
OPTION = re.compile(r"(?<![\w-])-{1,2}[A-Za-z][\w-]*")


def declared(program):
    """{command: [the names of an option, ...]}, commands below others as "info chip"."""

    def sections(command):
        text = subprocess.run([program, *command, "--help"], check=True, capture_output=True,
                              text=True).stdout
        entries, part = {}, ""
        for line in text.splitlines():
            if line.endswith(":") and not line.startswith(" "):
                part = line[:-1]
            elif re.match(r"  [-\w]", line):
                entries.setdefault(part, []).append(line.strip())
        return entries

    commands = {}

    def visit(command):
        for part, lines in sections(command).items():
            if part == "Subcommands":
                for line in lines:
                    visit([*command, line.split()[0]])
            elif part != "Positionals":
                # The names stand before the value and the help: "-o, --output TEXT  Write ...".
                commands.setdefault(" ".join(command), []).extend(
                    OPTION.findall(re.match(r"-[\w-]+(, -[\w-]+)*", line)[0]) for line in lines)

    visit([])
    return commands


def shell_text(path):
    """The commands of a test, with those of the scripts beside it that it sources."""
    lines = [line[4:] for line in path.read_text(errors="replace").splitlines()
             if line.startswith(("  $ ", "  > "))]
    text = "\n".join(lines)
    for name in re.findall(r'^\. "\$TESTDIR/(\S+)"', text, re.M):
        text = (path.parent / name).read_text() + text
    return text.replace("\\\n", " ")


def used(commands, paths):
    """{command: the options that are used with it}"""
    found = {name: set() for name in commands}
    names = "|".join(sorted((re.escape(name) for name in commands if name), key=len, reverse=True))
    call = re.compile(rf"\bisobar\s+(?:help\s+)?({names})\b(.*)")
    function = re.compile(rf"^(\w+)\(\)\s*\{{[^}}]*?\bisobar\s+({names})\b", re.M)
    for path in paths:
        text = shell_text(path)
        functions = dict(function.findall(text))
        for part in re.split(r"[|;&\n]|\$\(|<\(|\bdo\b", text):
            direct, word = call.search(part), (part.split() or [""])[0]
            if direct:
                command, rest = direct[1], direct[2]
            elif word in functions:
                command, rest = functions[word], part
            elif "isobar " in part:
                command, rest = "", part
            else:
                continue
            found[command] |= {CALLED, *OPTION.findall(rest.split(" -- ")[0])}
    return found


def main():
    program = pathlib.Path(sys.argv[1], "bin", "isobar").resolve()
    commands = declared(program)
    found = used(commands, sorted(HERE.glob("*/*.t")))
    missing = []
    for command, options in commands.items():
        if command and CALLED not in found[command]:
            missing.append(f"isobar {command}: the command")
        missing += [f"isobar {command}: {' or '.join(names)}".replace("isobar :", "isobar:")
                    for names in options if not found[command] & set(names)]
    count = sum(map(len, commands.values()))
    print(f"{count - len(missing)} of {count} options of {len(commands)} commands are in tests/cli")
    for line in missing:
        print("in no test:", line)
    return 1 if missing or count < 100 else 0


if __name__ == "__main__":
    sys.exit(main())

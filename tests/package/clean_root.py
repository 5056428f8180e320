#!/usr/bin/env python3
"""Makes a folder look like a Debian system on which only some packages, with all that they depend on,
are installed: what debootstrap would make, without a network, from the packages of this machine.

Usage: clean_root.py ROOT DEPENDS...   (each a package, or a list as in a control file's Depends)

Each file of a package becomes a link to /host/usr/..., where the caller mounts this machine's /usr; what
stands in /etc is copied. The folder's dpkg knows these packages and no others, so that `dpkg --root -i`
refuses a package whose dependencies they do not satisfy. Left out: what maintainer scripts have made
(alternatives, caches, users)."""
import os
import pathlib
import re
import shutil
import sys

STATUS = pathlib.Path("/var/lib/dpkg/status")
INFO = pathlib.Path("/var/lib/dpkg/info")


def stanzas():
    """Installed packages by name: their fields and their whole text."""
    packages, provided = {}, {}
    for text in STATUS.read_text(encoding="utf-8").split("\n\n"):
        fields = dict(re.findall(r"^([A-Za-z-]+): *(.*(?:\n .*)*)", text, re.M))
        if fields.get("Status") != "install ok installed":
            continue
        packages.setdefault(fields["Package"], (fields, text))
        for name in re.findall(r"([a-z0-9+.-]+)(?: \(.*?\))?(?:,|$)", fields.get("Provides", "")):
            provided.setdefault(name, fields["Package"])
    return packages, provided


def closure(wanted):
    """Essential packages and those of the lists, with all that they depend on: name -> status."""
    packages, provided = stanzas()
    chosen, absent = {}, []
    todo = [name for name, (fields, _) in packages.items() if fields.get("Essential") == "yes"]

    def ask_for(depends):
        for group in filter(None, re.split(r",\s*", depends)):
            names = [re.split(r"[ (:]", one.strip())[0] for one in group.split("|")]
            known = [name if name in packages else provided[name] for name in names
                     if name in packages or name in provided]
            if known:
                todo.append(known[0])
            else:
                absent.append(group)

    for depends in wanted:
        ask_for(depends)
    if absent:
        print(f"clean_root.py: not installed here: {', '.join(absent)}")
        sys.exit(77)  # the test's word for "skipped"
    while todo:
        name = todo.pop()
        if name in chosen:
            continue
        fields, chosen[name] = packages[name]
        for field in ("Pre-Depends", "Depends"):
            ask_for(fields.get(field, ""))  # what dpkg let somebody do without is not there
    return chosen


def place(root, path):
    """One file, link or folder of a package."""
    if re.match(r"/(bin|sbin|lib|lib32|lib64|libx32)(/|$)", path):
        path = "/usr" + path  # Debian 12 has merged them
    at = root / path[1:]
    if os.path.islink(path):
        if not os.path.lexists(at):
            at.parent.mkdir(parents=True, exist_ok=True)
            os.symlink(os.readlink(path), at)
    elif os.path.isdir(path):
        at.mkdir(parents=True, exist_ok=True)
    elif os.path.isfile(path) and not os.path.lexists(at):
        at.parent.mkdir(parents=True, exist_ok=True)
        if path.startswith("/usr/"):
            os.symlink("/host" + path, at)
        elif path.startswith("/etc/"):
            shutil.copy(path, at)


def main():
    root, wanted = pathlib.Path(sys.argv[1]), sys.argv[2:]
    chosen = closure(wanted)
    for folder in ("usr", "etc", "proc", "dev", "tmp", "root", "host/usr", "var/lib/dpkg/info", "var/lib/dpkg/updates"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        (root / "usr" / name).mkdir(exist_ok=True)
        os.symlink("usr/" + name, root / name)
    for name in chosen:
        lists = [*INFO.glob(f"{name}.list"), *INFO.glob(f"{name}:*.list")]
        for path in lists[0].read_text(encoding="utf-8").splitlines():
            if not re.match(r"/usr/share/(doc|man|locale|info|lintian)/", path):
                place(root, path)
        shutil.copy(lists[0], root / "var/lib/dpkg/info")
    (root / "var/lib/dpkg/status").write_text("\n\n".join(chosen.values()) + "\n", encoding="utf-8")
    (root / "var/lib/dpkg/available").touch()
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n", encoding="utf-8")
    (root / "etc/group").write_text("root:x:0:\n", encoding="utf-8")
    print(len(chosen), "packages")


main()

#!/usr/bin/env python3
"""Every output of every command, where it cannot go: named, exit code not 0, nothing half-written.

For each command and output option: a full disk (a file system of 16 KiB that is full, as root; else a
limit on the size of files), a closed pipe, a folder that may not be written (as another user, where we
are root), a folder that is not there, a name that is a folder's. And each command's standard output on a
full device, as a closed pipe, and closed. A closed pipe ends quietly with SIGPIPE, as for every program.

  output_paths.py BUILD [--only TEXT]       exit code 1 if one is wrong; 77 if the commands are not built
"""
import argparse, os, pathlib, shutil, signal, stat, subprocess, sys, tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOBODY = 65534
OLD = "what it held before\n"
IS_ROOT = os.geteuid() == 0


def commands(isobar, folder):
    """Name, option, arguments; OUT is replaced by the path of the output."""
    client = [isobar, "bench", "timing-rtl-client", "--only", "vecadd:32"]
    run = ["run", "--chip", "isobar-nano", "--fidelity", "timed"]
    train = ["train", "--model", folder / "tiny.toml", "--data", folder / "text.txt", "--steps", "1", "--batch", "1"]
    one = ["--threads", "1", "-m", "gpt2", "-c", "h100", "-n", "8", "--batch", "64"]
    return [
        ("plan --sweep -o", ["plan", "--sweep", *one, "-o", "OUT"]),
        ("plan --fit -o", ["plan", "--fit", ROOT / "src/plan/data/published_runs.csv", "--rounds", "1", "-o", "OUT"]),
        ("chip --html", ["chip", "h100", "--html", "OUT"]),
        ("chip --sweep --html", ["chip", "--sweep", "--designs", "100", "--judge", "roofline", "--html", "OUT"]),
        ("run --json", [*run, "--json", "OUT", "--", *client]),
        ("run --roofline", [*run, "--roofline", "OUT", "--", *client]),
        ("run --trace", [*run, "--trace", "OUT", "--", *client]),
        ("train --trace", [*train, "--run-dir", "RUN", "--trace", "OUT"]),
        ("train --export-llmc", [*train, "--run-dir", "RUN", "--export-llmc", "OUT"]),
    ]


# Work of minutes before the first byte is written: only what is refused beforehand is tried.
LONG = {"plan --fit -o"}


def printers(isobar, folder):
    one = ["--threads", "1", "-m", "gpt2", "-c", "h100", "-n", "8", "--batch", "64"]
    return [
        ("info", ["info"]), ("info chip", ["info", "chip", "isobar-1"]), ("--version", ["--version"]), ("--help", ["--help"]),
        ("chip", ["chip", "h100"]), ("chip --json", ["chip", "h100", "--json"]),
        ("chip --sweep", ["chip", "--sweep", "--designs", "100", "--judge", "roofline"]),
        ("plan", ["plan", *one]), ("plan --json", ["plan", *one, "--json"]),
        ("plan --sweep", ["plan", *one, "--sweep"]),
        ("explain", ["explain", ROOT / "src/explain/samples/cuda.json"]),
        ("explain --json", ["explain", ROOT / "src/explain/samples/cuda.json", "--json"]),
        ("bench fab", ["bench", "fab", "--quick"]),
        ("train --json", ["train", "--model", folder / "tiny.toml", "--data", folder / "text.txt", "--steps", "1",
                          "--batch", "1", "--json", "--run-dir", "RUN"]),
        ("sample", ["sample", folder / "run", "--tokens", "2"]),
    ]


class Failures(list):
    def expect(self, good, what, result):
        if not good:
            self.append(what)
            print(f"{what}: exit code {result.returncode}\n  {result.stderr.strip()[-400:]}", flush=True)


class Table:
    def __init__(self, build, folder):
        self.isobar = str(build / "bin/isobar")
        self.folder = folder
        self.failures = Failures()
        self.runs = 0
        self.tried = 0
        self.environment = dict(os.environ, HOME=str(folder / "home"), XDG_CACHE_HOME=str(folder / "home/cache"))
        (folder / "home").mkdir()

    def call(self, arguments, user=None, **kwargs):
        self.tried += 1
        self.runs += 1
        run = self.folder / f"new-{self.runs}"
        command = [self.isobar] + [str(run) if a == "RUN" else str(a) for a in arguments]
        environment = self.environment
        if user is not None:
            environment = dict(environment, HOME=str(self.folder / "theirs"), TMPDIR=str(self.folder / "theirs"),
                               XDG_CACHE_HOME=str(self.folder / "theirs/cache"))
            command = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] + command
        kwargs.setdefault("stdout", subprocess.DEVNULL)
        result = subprocess.run(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                errors="replace", env=environment, cwd=self.folder, **kwargs)
        shutil.rmtree(run, ignore_errors=True)
        return result

    def refused(self, name, arguments, path, why, **kwargs):
        """Exit code 2, the path named, and no word of a defect."""
        result = self.call([path if a == "OUT" else a for a in arguments], **kwargs)
        good = result.returncode == 2 and str(path) in result.stderr and "defect" not in result.stderr
        self.failures.expect(good, f"{name}, {why}", result)
        return result

    def outputs(self, name, arguments):
        place = self.folder / "place"
        place.mkdir()
        # Refused before the work.
        before = self.call(["info", "chip", "isobar-1"])
        assert before.returncode == 0, before.stderr
        for why, path in (("missing folder", place / "no/out"), ("a folder", place)):
            result = self.refused(name, arguments, path, why)
            self.failures.expect("Step " not in result.stderr, f"{name}, {why}, after the work", result)
        if shutil.which("setpriv") and IS_ROOT:
            place.chmod(0o755)
            self.refused(name, arguments, place / "out", "read-only folder", user=NOBODY)
        elif not IS_ROOT:
            place.chmod(0o555)
            self.refused(name, arguments, place / "out", "read-only folder")
            place.chmod(0o755)
        self.failures.expect(not list(place.iterdir()), f"{name}, something was left", before)
        if name not in LONG:
            self.full_disk(name, arguments)
            self.closed_pipe(name, arguments)
            self.devices(name, arguments, place)
        shutil.rmtree(place)

    def full_disk(self, name, arguments):
        disk = self.folder / "disk"
        disk.mkdir()
        size = "size=16k" if "trace" not in name else "size=32k"
        if not IS_ROOT or subprocess.run(["mount", "-t", "tmpfs", "-o", size, "none", str(disk)],
                                         stderr=subprocess.DEVNULL).returncode != 0:
            disk.rmdir()
            return
        try:
            (disk / "out").write_text(OLD)
            if "trace" not in name:  # a trace grows beyond what is there by itself
                with open(disk / "filler", "wb", buffering=0) as filler:
                    try:
                        while filler.write(b"x" * 4096): pass
                    except OSError:
                        pass
            result = self.refused(name, arguments, disk / "out", "full disk")
            left = {p.name for p in disk.iterdir()} - {"filler"}
            if "trace" in name:  # whole up to there
                import json
                try:
                    good = left == {"out"} and len(json.loads((disk / "out").read_text())["traceEvents"]) > 0
                except ValueError:
                    good = False
            else:
                good = left == {"out"} and (disk / "out").read_text() == OLD
            self.failures.expect(good, f"{name}, full disk: what is left: {left}", result)
        finally:
            subprocess.run(["umount", str(disk)], check=True)
            disk.rmdir()

    def closed_pipe(self, name, arguments):
        reading, writing = os.pipe()
        os.close(reading)
        path = f"/dev/fd/{writing}"
        result = self.call([path if a == "OUT" else a for a in arguments], pass_fds=[writing])
        os.close(writing)
        # The trace is written within the program, which it must not end; it is told about.
        quiet = result.returncode in (-signal.SIGPIPE, 128 + signal.SIGPIPE)
        good = quiet or (result.returncode == 2 and path in result.stderr)
        self.failures.expect(good and "defect" not in result.stderr, f"{name}, closed pipe", result)

    def devices(self, name, arguments, place):
        """A device is written and stays one; a link leads to its target."""
        (place / "link").symlink_to("target")
        result = self.call([place / "link" if a == "OUT" else a for a in arguments])
        good = result.returncode == 0 and (place / "link").is_symlink() and (place / "target").stat().st_size > 0
        self.failures.expect(good, f"{name}, link", result)
        if not IS_ROOT: return
        device = place / "null"
        os.mknod(device, stat.S_IFCHR | 0o666, os.makedev(1, 3))
        result = self.call([device if a == "OUT" else a for a in arguments])
        good = result.returncode == 0 and stat.S_ISCHR(device.lstat().st_mode)
        self.failures.expect(good, f"{name}, device", result)

    def standard_output(self, name, arguments):
        if stat.S_ISCHR(os.stat("/dev/full").st_mode):
            with open("/dev/full", "wb") as full:
                result = self.call(arguments, stdout=full)
            good = result.returncode == 2 and "standard output: cannot be written: No space left" in result.stderr
            self.failures.expect(good and "defect" not in result.stderr, f"{name}, full standard output", result)
        reading, writing = os.pipe()
        os.close(reading)
        result = self.call(arguments, stdout=writing)
        os.close(writing)
        good = result.returncode in (-signal.SIGPIPE, 128 + signal.SIGPIPE) and "cannot" not in result.stderr
        self.failures.expect(good, f"{name}, closed pipe as standard output", result)
        result = self.call(arguments, stdout=None, preexec_fn=lambda: os.close(1))
        good = result.returncode == 2 and "standard output: cannot be written" in result.stderr
        self.failures.expect(good, f"{name}, no standard output", result)


def prepare(table):
    folder = table.folder
    (folder / "text.txt").write_text("To be, or not to be, that is the question.\n" * 200)
    tiny = (ROOT / "models/gpt-nano.toml").read_text()
    for large, small in (("layers = 4", "layers = 1"), ("width = 128", "width = 16"), ("context = 64", "context = 16"),
                         ("evaluate_batches = 20", "evaluate_batches = 1"), ("bias = false", "bias = true"), ('gelu = "exact"', 'gelu = "tanh"'), ('name = "gpt-nano"', 'name = "tiny"')):
        assert large in tiny, large
        tiny = tiny.replace(large, small)
    (folder / "tiny.toml").write_text(tiny)
    result = table.call(["train", "--model", folder / "tiny.toml", "--data", folder / "text.txt", "--steps", "1",
                         "--batch", "1", "--run-dir", folder / "run"])
    assert result.returncode == 0, result.stderr
    (folder / "theirs").mkdir()
    if IS_ROOT: os.chown(folder / "theirs", NOBODY, NOBODY)
    folder.chmod(0o755)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    if not (given.build / "bin/isobar").exists(): return 77
    with tempfile.TemporaryDirectory(prefix="isobar-outputs-") as name:
        table = Table(given.build.resolve(), pathlib.Path(name))
        prepare(table)
        for command, arguments in commands(table.isobar, table.folder):
            if given.only in command: table.outputs(command, arguments)
        for command, arguments in printers(table.isobar, table.folder):
            if given.only in command: table.standard_output(command, arguments)
        print(f"{table.tried} runs, {len(table.failures)} wrong")
        return 1 if table.failures else 0


if __name__ == "__main__":
    sys.exit(main())

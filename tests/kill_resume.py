#!/usr/bin/python3
"""Training runs killed with SIGKILL at random moments, damaged, and gone on with.

    tests/kill_resume.py ISOBAR [COUNT]     6 runs, or 100 with ISOBAR_LONG=1

Each run is killed once or twice, in every other one a random file of its folder is then damaged
(a flipped bit, a piece cut off, a few bytes overwritten), and `isobar train --resume` is called
until it ends. The oracle is the same run undisturbed. One of these must be the end:

    same     weights, moments, metrics, ledger, sample and summary are those of the oracle
    named    the damaged file was named, and all but the metrics of steps that it held are the same
    refused  the damaged file was named, and there was no other copy to go on from: no checkpoint

What the host's clock says is left out, and paths. Needs nothing but Python's library.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HOST_CLOCK = {"seconds", "tokens_per_s", "model_gflops", "pytorch"}
PLACE = {"run", "checkpoint", "checksum"}
STEPS = 12
MODEL = """name = "tiny"
[shape]
layers = 1
heads = 2
width = 16
context = 8
[recipe]
batch = 2
warmup_steps = 2
evaluate_every = 4
evaluate_batches = 2
seed = 7
"""


class Bench:
    def __init__(self, isobar, folder, seed):
        self.isobar, self.folder, self.random = isobar, folder, random.Random(seed)
        self.environment = dict(os.environ, HOME=str(folder), XDG_CACHE_HOME=str(folder / "cache"))
        (folder / "tiny.toml").write_text(MODEL)
        words = ["whale", "sea", "ship", "a", "the", "of", "white", "captain"]
        source = random.Random(1)
        text = " ".join(source.choice(words) for _ in range(800))
        (folder / "text.txt").write_text(text)

    def start(self, arguments, log):
        return subprocess.Popen([self.isobar, "train", *arguments], cwd=self.folder,
                                env=self.environment, stdout=log, stderr=subprocess.STDOUT)

    def train(self, run, fidelity):
        return ["--model", "tiny.toml", "--data", "text.txt", "--steps", str(STEPS),
                "--checkpoint-every", "3", "--run-dir", run, "--fidelity", fidelity]

    def finish(self, arguments):
        done = subprocess.run([self.isobar, "train", *arguments], cwd=self.folder,
                              env=self.environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=600)
        return done.returncode, done.stdout.decode(errors="replace")

    def kill_after(self, arguments, seconds):
        """Whether it was killed; it may have ended before."""
        with open(os.devnull, "w") as nowhere:
            process = self.start(arguments, nowhere)
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
            return process.wait() == -signal.SIGKILL

    def damage(self, run):
        files = sorted(p for p in (self.folder / run).rglob("*") if p.is_file())
        if not files:
            return None
        path = self.random.choice(files)
        content = bytearray(path.read_bytes())
        kind = self.random.choice(["bit", "bit", "cut", "bytes"])
        if not content:
            kind = "bytes"
        if kind == "bit":
            content[self.random.randrange(len(content))] ^= 1 << self.random.randrange(8)
        elif kind == "cut":
            del content[self.random.randrange(len(content)):]
        else:
            at = self.random.randrange(len(content) + 1)
            content[at:at + 16] = self.random.randbytes(16)
        path.write_bytes(content)
        return path.relative_to(self.folder / run)


def tensors(path):
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8:8 + length])
    del header["__metadata__"]
    return header, content[8 + length:]


def state_of(run):
    """All that must be the same, by name."""
    metrics = {}
    for line in (run / "metrics.jsonl").read_text().splitlines():
        record = json.loads(line)
        del record["tokens_per_s"], record["checksum"]
        metrics[record["step"]] = record
    summary = json.loads((run / "summary.json").read_text())
    return {"weights": tensors(run / "checkpoints" / f"step-{STEPS}.safetensors"),
            "metrics": metrics,
            "ledger": (run / "ledger.json").read_text(),
            "sample": (run / "sample.txt").read_text(),
            "summary": {k: v for k, v in summary.items() if k not in HOST_CLOCK | PLACE}}


def go_on(bench, run, fidelity):
    """Resumes until the run ends; what was printed, and the last exit code."""
    printed = ""
    for _ in range(3):
        code, text = bench.finish(["--resume", run])
        printed += text
        if "with its own options" in text or "there is no such run" in text:
            code, text = bench.finish(bench.train(run, fidelity))
            printed += text
        if code == 0 or f"has done {STEPS} steps" in text:
            return 0, printed
    return code, printed


def judge(oracle, run, code, printed, damaged):
    """(the end as above or None, what is wrong)"""
    named = damaged is not None and damaged.name in printed
    if code != 0:
        fresh = not list((run / "checkpoints").glob("step-*.safetensors*"))
        return ("refused" if named and fresh else None), f"exit code {code}"
    try:
        state = state_of(run)
    except ValueError as error:  # neither UTF-8 nor JSON
        return None, f"a file that was left damaged: {error}"
    wrong = [name for name in oracle if state[name] != oracle[name]]
    if not wrong:
        return "same", ""
    if wrong == ["metrics"] and named:
        # What is left must be lines of the oracle.
        if all(oracle["metrics"].get(step) == line for step, line in state["metrics"].items()):
            return "named", ""
    return None, "differs: " + ", ".join(wrong)


def main():
    isobar = str(Path(sys.argv[1]).resolve())
    long = os.environ.get("ISOBAR_LONG") == "1"
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100 if long else 6
    ends, failures = {"same": 0, "named": 0, "refused": 0}, 0
    with tempfile.TemporaryDirectory(prefix="isobar-kill-") as name:
        bench = Bench(isobar, Path(name), seed=20261130)
        oracles, lasts = {}, {}
        for fidelity in ["functional", "sampled"]:
            run = f"oracle-{fidelity}"
            code, text = bench.finish(bench.train(run, fidelity))  # compiles the kernels, too
            if code != 0:
                sys.exit(text)
            begin = time.monotonic()
            bench.finish(bench.train(run + "-again", fidelity))
            lasts[fidelity] = time.monotonic() - begin
            oracles[fidelity] = state_of(bench.folder / run)
            if state_of(bench.folder / (run + "-again")) != oracles[fidelity]:
                sys.exit(f"{fidelity}: two undisturbed runs differ")
        for number in range(count):
            fidelity = ["functional", "sampled"][number // 2 % 2]
            run = f"run-{number}"
            moment = bench.random.uniform(0, lasts[fidelity])
            killed = bench.kill_after(bench.train(run, fidelity), moment)
            if killed and bench.random.random() < 0.3 and (bench.folder / run / "config.toml").exists():
                bench.kill_after(["--resume", run], bench.random.uniform(0, lasts[fidelity]))
            damaged = bench.damage(run) if number % 2 else None
            code, printed = go_on(bench, run, fidelity)
            end, wrong = judge(oracles[fidelity], bench.folder / run, code, printed, damaged)
            what = f"{number}: {fidelity}, killed after {moment:.2f} s of {lasts[fidelity]:.2f}"
            if damaged:
                what += f", {damaged} damaged"
            print(f"{what}: {end or 'WRONG, ' + wrong}", flush=True)
            if end:
                ends[end] += 1
                shutil.rmtree(bench.folder / run, ignore_errors=True)
            else:
                failures += 1
                print(printed)
    print(", ".join(f"{n} {end}" for end, n in ends.items()), f"and {failures} wrong of {count}")
    sys.exit(1 if failures else 0)


main()

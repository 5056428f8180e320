#!/usr/bin/env python3
"""Feeds the real `isobar` files and options that nobody meant, and looks at how it ends.

Each case takes something valid (a chip, model, cluster, trace, table, ELF file, checkpoint or
command line), damages it in one to four places, and runs the command that reads it. An answer is
good if it is an ordinary end: exit code 0, or a refusal that names what is wrong (2), or a guest's
fault (3). Bad are: an end by a signal, "internal error", more than 2 GB of resident memory, and more
than a minute of processor time for a command that only reads and computes.

  hostile_inputs.py BUILD [--cases N] [--seed S] [--kind KIND] [--first I] [--keep FOLDER]

Case I of a seed is always the same, whatever the number of cases. A failure prints its command and,
with --keep, leaves its files. Default: 80 cases, with ISOBAR_LONG=1 2,000. Exit code 1 if one is bad.
"""
import argparse, collections, concurrent.futures, os, pathlib, random, resource, shutil
import subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parent.parent
MOST_RESIDENT = 2_000_000_000
MOST_SECONDS = 60  # of processor time
SIGNALS_OF_THE_LIMIT = {24}  # SIGXCPU
NUMBERS = ["0", "-1", "-0.0", "nan", "inf", "-inf", "1e308", "1e-320", "9223372036854775807",
           "9223372036854775808", "18446744073709551615", "99999999999999999999999", "4294967296",
           "2147483648", "0x7fffffff", "1e18", "0.5", "1000000000", "3.0e-9", ""]
TEXTS = ["", "x" * 5000, "\0", "\udcff\udcfe", "../../..", "/", "%s%n%d", "é" * 300, "\n", "\t", "-", "--",
         "'", '"', "{}", "null", "true", "\u202e", "nan", "-9", "1e400"]


# Damage ---------------------------------------------------------------------------------------------

def damage_bytes(data, r):
    data = bytearray(data)
    for _ in range(r.choice([1, 1, 1, 2, 4])):
        at = r.randrange(len(data) + 1)
        length = min(len(data) - at, r.choice([1, 1, 2, 4, 8, 64, 1000]))
        kind = r.randrange(7)
        if kind == 0 and at < len(data):
            data[at] ^= 1 << r.randrange(8)
        elif kind == 1:
            data[at:at + length] = bytes(r.choice([0, 255, 128, 127, r.randrange(256)]) for _ in range(length))
        elif kind == 2:
            del data[at:at + length]
        elif kind == 3:
            data[at:at] = data[at:at + length] * r.choice([1, 2, 100])
        elif kind == 4 and r.randrange(3) == 0:
            del data[at:]
        elif kind == 5:
            data[at:at] = bytes(r.randrange(256) for _ in range(length))
        elif kind == 6 and len(data) > 8:
            # A little-endian number, as headers have them, becomes an extreme one.
            size = r.choice([2, 4, 8])
            at = min(at, 64 if r.randrange(2) else at) & ~(size - 1)
            value = r.choice([0, 1, 2**31 - 1, 2**32 - 1, 2**63 - 1, 2**64 - 1, 2**40]) % 2**(8 * size)
            data[at:at + size] = value.to_bytes(size, "little")
    return bytes(data)


def tokens_of(text):
    """Where numbers stand in a text."""
    spans, start = [], None
    for i, c in enumerate(text + " "):
        part = c.isdigit() or (c in ".eE+-" and start is not None)
        if part and start is None:
            start = i
        elif not part and start is not None:
            spans.append((start, i))
            start = None
    return spans


def damage_text(data, r):
    text = data.decode("utf-8", "surrogateescape")
    for _ in range(r.choice([1, 1, 1, 2, 4])):
        lines = text.split("\n")
        line = r.randrange(len(lines))
        kind = r.randrange(12)
        numbers = tokens_of(text) if kind < 4 else []
        if numbers:
            start, end = r.choice(numbers)
            text = text[:start] + r.choice(NUMBERS) + text[end:]
        elif kind == 4:
            lines.insert(line, r.choice(lines))
            text = "\n".join(lines)
        elif kind == 5:
            del lines[line]
            text = "\n".join(lines)
        elif kind == 6:
            other = r.randrange(len(lines))
            lines[line], lines[other] = lines[other], lines[line]
            text = "\n".join(lines)
        elif kind == 7:
            at = r.randrange(len(text) + 1)
            text = text[:at] + r.choice(TEXTS) + text[at:]
        elif kind == 8:
            at = r.randrange(len(text) + 1)
            opening = r.choice(["[", "{", "[[", "{\"a\":", "a.", "{a=", "(", '["', "[{\"x\":["])
            text = text[:at] + opening * r.choice([2, 300, 100000]) + text[at:]
        elif kind == 9:
            text = text[:r.randrange(len(text) + 1)]
        elif kind == 10:
            lines[line] = lines[line] * r.choice([2, 1000])
            text = "\n".join(lines)
        else:
            return damage_bytes(text.encode("utf-8", "surrogateescape"), r)
    return text.encode("utf-8", "surrogateescape")


# Kinds of cases: each gives the arguments of `isobar` for a damaged file ---------------------------------

def damaged_file(folder, source, r, damage, name=None):
    path = folder / (name or source.name)
    path.write_bytes(damage(source.read_bytes()[:2_000_000], r))
    return str(path)


def some(pattern, r):
    return r.choice(sorted(ROOT.glob(pattern)))


PLAN = ["plan", "--threads", "1", "--runners-up", "1"]


def chip(folder, r, _):
    file = damaged_file(folder, some("chips/*.toml", r), r, damage_text)
    return r.choice([["chip", file], ["chip", file, "--json"], ["info", "chip", file],
                     PLAN + ["-m", "gpt2", "-c", file, "-n", "8", "--batch", "64"],
                     ["chip", "h100", "--constants", damaged_file(folder, ROOT / "src/fab/data/constants.toml", r, damage_text)]])


def model(folder, r, _):
    source = some(r.choice(["models/*.toml", "src/model/corpus/*/*"]), r)
    name = "config.json" if source.read_bytes().lstrip()[:1] == b"{" else "model.toml"
    file = damaged_file(folder, source, r, damage_text, name)
    return PLAN + ["-m", file, "-c", "h100", "-n", r.choice(["1", "16"]), "--batch", "64"]


def cluster(folder, r, _):
    file = damaged_file(folder, some("clusters/*.toml", r), r, damage_text)
    return PLAN + ["-m", "gpt2-xl", "--cluster", file, "-n", "16", "--batch", "64"]


def trace(folder, r, _):
    source = some(r.choice(["src/explain/samples/*.json", "src/explain/corpus/trace/*"]), r)
    file = damaged_file(folder, source, r, r.choice([damage_text, damage_bytes]), "trace.json")
    return ["explain", file] + r.choice([[], ["--json"], ["--chip", "h100"], ["--explain-cause", "idle"]])


def table(folder, r, _):
    kind = r.randrange(4)
    if kind == 0:
        file = damaged_file(folder, some("src/plan/corpus/runs/*", r), r, damage_text, "runs.csv")
        return ["plan", "--validate", file]
    if kind == 1:
        file = damaged_file(folder, some("src/plan/corpus/kernel_table/*", r), r, damage_text, "k.csv")
        return PLAN + ["-m", "gpt2", "-c", "h100", "-n", "8", "--batch", "64", "--kernels", file]
    if kind == 2:
        file = damaged_file(folder, ROOT / "src/plan/data/calibration.toml", r, damage_text)
        return PLAN + ["-m", "gpt2", "-c", "h100", "-n", "8", "--batch", "64", "--coefficients", file]
    file = damaged_file(folder, some("src/explain/data/*.toml", r), r, damage_text)
    return ["explain", str(ROOT / "src/explain/samples/cuda.json"), "--kernel-classes", file]


def elf(folder, r, samples):
    source = r.choice([samples / "guest.elf", some("src/elf/corpus/elf_image/*", r)])
    file = damaged_file(folder, source, r, damage_bytes)
    return ["exec", "--max-instructions", "100000", file]


def checkpoint(folder, r, samples):
    run = folder / "run"
    shutil.copytree(samples / "run", run, symlinks=True)
    victim = r.choice(sorted(p for p in run.rglob("*") if p.is_file() and p.stat().st_size > 0))
    damage = damage_bytes if victim.suffix in (".safetensors", ".bin") else damage_text
    victim.write_bytes(damage(victim.read_bytes(), r))
    return r.choice([["sample", str(run), "--tokens", "2"], ["chip", "h100", "--run", str(run)],
                     ["train", "--resume", str(run), "--steps", "2"]])


def training_input(folder, r, samples):
    args = ["train", "--model", str(samples / "tiny.toml"), "--steps", "1", "--batch", "1",
            "--run-dir", str(folder / "new")]
    kind = r.randrange(3)
    if kind == 0:
        file = damaged_file(folder, samples / "tiny.toml", r, damage_text, "model.toml")
        return args[:2] + [file] + args[3:] + ["--data", str(samples / "text.txt")]
    if kind == 1:
        source = some("src/train/corpus/llmc_format/*", r)
        return args + ["--data", damaged_file(folder, source, r, damage_bytes, "tokens.bin")]
    source = some("src/train/corpus/*/*", r)
    file = damaged_file(folder, source, r, damage_bytes, r.choice(["w.safetensors", "w.bin"]))
    return args + ["--data", str(samples / "text.txt"), "--init", file]


VALUED = {  # options that take a value, and an ordinary command line to put them on
    "plan": (PLAN + ["-m", "gpt2", "-c", "h100", "-n", "8", "--batch", "64"],
             "--batch --sequence --runners-up --tp --pp --ep --cp --vpp --micro-batch --zero --shard-group "
             "--offload --recompute --schedule --cp-exchange --sequence-parallel --async-tp --overlap --precision "
             "--kernels --kernel-profile --tokens --failures --checkpoint-pause --checkpoint-bandwidth "
             "--checkpoint-interval --jitter --price --electricity --validate --fit --hold --rounds --coefficients "
             "--cluster -m -c -n --threads"),
    "chip": (["chip", "h100"], "--volume --capacity --rule-date --run --constants --html --designs --max-area "
             "--max-power --max-cost --below --judge --node"),
    "explain": (["explain", str(ROOT / "src/explain/samples/cuda.json")],
                "--model --chip --chips --tokens --sequence --kernel-classes --step --explain-cause"),
    "info": (["info"], "chip --json model --nothing"),
    "exec": (["exec"], "--max-instructions --stats --"),
    "sample": (["sample"], "--prompt --tokens --temperature --top-k --seed --chip"),
    "train": (["train", "--steps", "1"], "--data --tokeniser --lr --seed --evaluate-every --init --resume --minutes "
              "--model --chip --name --trace --trace-limit"),
    "run": (["run"], "--chip --fidelity --time-limit --instruction-limit --threads --json --roofline --trace "
            "--trace-limit"),
}


def options(folder, r, _):
    base, names = VALUED[r.choice(sorted(VALUED))]
    args = list(base)
    for _ in range(r.choice([1, 1, 2, 3])):
        value = r.choice(["1", "2", "8", "1.5", r.choice(NUMBERS), r.choice(NUMBERS), r.choice(TEXTS),
                          r.choice([str(folder), str(folder / "absent" / "x"), "on", "none", "bf16", "isobar-nano"])])
        # What the command would write stays in the folder: names are relative, "/" alone is a folder.
        args += [r.choice(names.split()), value.replace("\0", "")]
    if base[0] == "train":
        args += ["--batch", "1", "--run-dir", str(folder / "new")] if "--resume" not in args else []
    return args


KINDS = {f.__name__: f for f in (chip, model, cluster, trace, table, elf, checkpoint, training_input, options)}
# Several of each cheap kind for one that trains.
WEIGHTS = dict(chip=3, model=3, cluster=3, trace=4, table=4, elf=4, checkpoint=2, training_input=1, options=6)


# Running ------------------------------------------------------------------------------------------------

def prepare(isobar, samples, environment):
    """What has to be made once: a guest program, and a run with its checkpoint."""
    (samples / "guest.c").write_text(
        "void _start(void) { __asm__ volatile(\"li a7, 93\\n li a0, 0\\n ecall\"); }\n")
    subprocess.run(["clang-19", "--target=riscv64", "-march=rv64imafd", "-mabi=lp64d", "-nostdlib", "-static",
                    "-fuse-ld=lld", "-o", samples / "guest.elf", samples / "guest.c"], check=True)
    (samples / "text.txt").write_text("To be, or not to be, that is the question.\n" * 200)
    tiny = (ROOT / "models/gpt-nano.toml").read_text()
    for large, small in (("layers = 4", "layers = 1"), ("width = 128", "width = 16"),
                         ("context = 64", "context = 16"), ("evaluate_batches = 20", "evaluate_batches = 1"),
                         ('name = "gpt-nano"', 'name = "tiny"')):
        assert large in tiny, large
        tiny = tiny.replace(large, small)
    (samples / "tiny.toml").write_text(tiny)
    subprocess.run([isobar, "train", "--model", samples / "tiny.toml", "--data", samples / "text.txt", "--steps", "1",
                    "--batch", "1", "--run-dir", samples / "run"], check=True, env=environment, cwd=samples,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def limit():
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, 1 << 30))


def resident(pid):
    try:
        return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def run_case(isobar, seed, index, only, samples, environment, keep):
    r = random.Random(f"{seed}/{index}")
    kind = only or r.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"case-{index}-", dir=samples))
    arguments = KINDS[kind](folder, r, samples)
    with open(folder / "stdout", "wb") as out, open(folder / "stderr", "wb") as err:
        started = time.time()
        process = subprocess.Popen([isobar] + arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                   cwd=folder, env=environment, preexec_fn=limit)
        peak, slow = 0, False
        while process.poll() is None:
            peak = max(peak, resident(process.pid))
            # Long simulations are not this test's concern: they are asked to end.
            slow = time.time() - started > (20 if kind in ("options", "training_input", "checkpoint") else 600)
            if peak > MOST_RESIDENT or slow:
                process.kill()
                process.wait()
                break
            time.sleep(0.01)
    errors = (folder / "stderr").read_bytes().decode("utf-8", "replace")
    code = process.returncode
    bad = None
    if peak > MOST_RESIDENT:
        bad = f"{peak / 1e9:.1f} GB resident"
    elif -code in SIGNALS_OF_THE_LIMIT:
        bad = f"more than {MOST_SECONDS} s of processor time"
    elif code < 0 and not slow:
        bad = f"ended by signal {-code}"
    elif "internal error" in errors or "defect of Isobar" in errors or code >= 128 and kind != "elf":
        bad = f"exit code {code}: {errors.strip()[:300]}"
    elif code not in (0, 1, 2, 3, 127) and not slow and kind != "elf":  # exec: the guest's own
        bad = f"exit code {code}: {errors.strip()[:300]}"
    elif code == 2 and not errors.strip():
        bad = "refused without a word"
    if bad:
        shown = " ".join(a if len(a) < 200 else a[:60] + f"...({len(a)})" for a in arguments)
        print(f"case {index} ({kind}): {bad}\n  isobar {shown!r}", flush=True)
        if keep:
            shutil.copytree(folder, pathlib.Path(keep) / folder.name, symlinks=True, dirs_exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    return kind, bad, "stopped" if slow else code, peak


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--cases", type=int, default=2000 if os.environ.get("ISOBAR_LONG") == "1" else 80)
    parser.add_argument("--seed", type=int, default=20261130)
    parser.add_argument("--kind", choices=sorted(KINDS))
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep")
    given = parser.parse_args()
    isobar = str(pathlib.Path(given.build).resolve() / "bin/isobar")
    with tempfile.TemporaryDirectory(prefix="isobar-hostile-") as name:
        samples = pathlib.Path(name)
        environment = dict(os.environ, HOME=name, XDG_CACHE_HOME=str(samples / "cache"), TMPDIR=name,
                           OMP_NUM_THREADS="1")
        prepare(isobar, samples, environment)
        with concurrent.futures.ThreadPoolExecutor(given.jobs) as pool:
            results = list(pool.map(
                lambda i: run_case(isobar, given.seed, i, given.kind, samples, environment, given.keep),
                range(given.first, given.first + given.cases)))
    ends = collections.Counter((kind, str(code)) for kind, _, code, _ in results)
    for kind in sorted({kind for kind, _ in ends}):
        print(f"{kind:>15}: " + ", ".join(f"{n} x {code}" for (k, code), n in sorted(ends.items()) if k == kind))
    bad = sum(1 for _, b, _, _ in results if b)
    print(f"seed {given.seed}: {len(results)} cases, {bad} bad, at most {max(p for *_, p in results) / 1e9:.2f} GB")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

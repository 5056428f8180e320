#!/usr/bin/env python3
"""Is no option taken in silence where it has no effect? Each mode of a command is run as it is and
with each option that the command declares: the two must print or write something else, or the
option is refused by name with exit code 2.

    tests/cli/idle_options.py BUILD

What has rightly no effect to be seen stands in UNSEEN with its reason. bench, run, train and sample
take too long for this; their refusals are in bench/refused.t and train/."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from every_option import declared

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent

# A value for each option, chosen so that it shows; options without one are flags.
VALUES = {
    "plan": {"--model": "gpt3-125m", "--chip": "a100-80gb", "--chips": "4", "--cluster": "gb200-nvl72",
             "--batch": "16", "--sequence": "512", "--runners-up": "1", "--threads": "1",
             "--output": "out", "--coefficients": "defaults", "--csv": "rows.csv", "--mfu": "full",
             "--tp": "2", "--pp": "4", "--ep": "2", "--cp": "2", "--vpp": "2", "--micro-batch": "2",
             "--zero": "0", "--shard-group": "4", "--offload": "on", "--recompute": "full",
             "--schedule": "zb-h1", "--cp-exchange": "all-to-all", "--sequence-parallel": "off",
             "--async-tp": "off", "--overlap": "off", "--precision": "fp8", "--kernels": "model",
             "--kernel-profile": "profile.json", "--tokens": "2e9", "--failures": "1e-3",
             "--checkpoint-pause": "40", "--checkpoint-bandwidth": "1",
             "--checkpoint-interval": "60", "--jitter": "9", "--price": "2", "--electricity": "1",
             "--validate": "runs.csv", "--fit": "runs.csv", "--hold": "ampere.gemm_16",
             "--rounds": "2"},
    "chip": {"--volume": "1000", "--capacity": "50", "--rule-date": "2022-10-07",
             "--run": "plan.json", "--constants": "constants.toml", "--csv": "rows.csv",
             "--html": "page.html", "--designs": "50", "--max-area": "200", "--max-power": "150",
             "--max-cost": "450", "--below": "3A090.a", "--judge": "roofline", "--node": "N6"},
    "explain": {"--model": "llama-3-8b", "--chip": "a100-80gb", "--chips": "2", "--tokens": "100",
                "--sequence": "10", "--kernel-classes": "classes.toml", "--step": "100",
                "--explain-cause": "idle", "--csv": "rows.csv", "--mfu": "full"},
    "info": {"--csv": "rows.csv"},
    "info chip": {"--csv": "rows.csv"},
    "completion": {"--names": "chips"},
    "exec": {"--max-instructions": "3"},
}
ONE = {"--model": "gpt2", "--chip": "h100", "--chips": "8", "--batch": "8"}
RUN = {**ONE, "--tokens": "1e9"}
MODES = {
    "plan": [RUN, {**ONE, "--json": None}, {**RUN, "--sweep": None}, {"--validate": "runs.csv"},
             {"--fit": "runs.csv", "--rounds": "1"},
             {"--fit": "runs.csv", "--beyond": None, "--rounds": "1"}],
    "chip": [{"h100": None}, {"h100": None, "--json": None}, {"--sweep": None, "--designs": "200"},
             {"--sweep": None, "--designs": "200", "--json": None}],
    "explain": [{"trace.json": None}, {"trace.json": None, "--json": None},
                {"trace.json": None, "--explain-cause": "idle"},
                {"trace.json": None, "--model": "llama-3-8b", "--tokens": "200"}],
    "info": [{}, {"--json": None}],
    "info chip": [{"isobar-nano": None}, {"isobar-nano": None, "--json": None}],
    "completion": [{"bash": None}, {"--names": "models"}],
}
# What an option needs beside it to show.
BESIDE = {"--cp-exchange": {"--cp": "2"}, "--sequence-parallel": {"--tp": "2"},
          "--async-tp": {"--tp": "2"}, "--cluster": {"--chips": "16"}}
# JSON shows what the text does: there only these are tried.
WITH_JSON = {"--explain", "--no-ledger", "--runners-up", "--mfu", "--csv", "--output", "--html",
             "--explain-cause", "--step", "--sweep"}
UNSEEN = {
    ("plan", "--threads"): "the same plan, sooner",
    ("plan", "--explain", "--json"): "JSON has all of it always",
    ("plan", "--no-ledger", "--json"): "JSON has no pictures",
    ("chip", "--explain", "--json"): "JSON has all of it always",
    ("plan", "--hold", "--beyond"): "the runs here are too few to fit without some of them",
    ("plan", "--rounds", "--beyond"): "likewise",
}


def words(options):
    return [word for name, value in options.items()
            for word in ([name] if value is None else [name, value])]


def outcome(program, command, options, inputs):
    """What a command line does: its exit code, what it prints and what it writes."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in inputs.items():
            pathlib.Path(folder, name).write_text(text)
        ran = subprocess.run([program, *command.split(), *words(options)], cwd=folder,
                             capture_output=True, text=True, errors="replace")
        written = {p.name: p.read_bytes() for p in sorted(pathlib.Path(folder).iterdir())
                   if p.name not in inputs}
        printed = re.sub(r"candidates in [0-9.]+ s", "candidates", ran.stdout)
        return ran.returncode, printed, ran.stderr, written


def make_inputs(program):
    plan = subprocess.run([program, "plan", *words(RUN), "--json"], check=True, capture_output=True,
                          text=True).stdout
    constants = next(SOURCE.glob("src/fab/**/constants.toml")).read_text()
    return {
        "runs.csv": "id,model,chip,n_chips,precision,global_batch,seq,step_time_s\n"
                    "a_1,gpt3-1.3b,a100-80gb,8,bf16,64,2048,0.8\n"
                    "a_2,gpt3-1.3b,a100-80gb,16,bf16,64,2048,0.5\n"
                    "b_3,gpt3-2.7b,a100-80gb,8,bf16,64,2048,1.9\n",
        "plan.json": plan,
        "profile.json": "{}",
        "constants.toml": re.sub(r"(?<=wafer_price = \[)\d+", lambda price: str(int(price[0]) + 100),
                                 constants),
        "classes.toml": '[[class]]\nname = "mine"\ngroup = "gemm"\nmatch = ["."]\n',
        "trace.json": (SOURCE / "src/explain/samples/cuda.json").read_text(),
    }


def main():
    program = pathlib.Path(sys.argv[1], "bin", "isobar").resolve()
    os.environ["COLUMNS"] = "100"
    options_of = declared(program)
    inputs = make_inputs(program)
    tried, wrong, used = 0, [], set()
    for command, modes in MODES.items():
        for mode in modes:
            plain = plain_alone = outcome(program, command, mode, inputs)
            if plain[0] != 0:
                wrong.append(f"isobar {command} {' '.join(words(mode))}: {plain[2].strip()}")
                continue
            for names in options_of[command]:
                name = next((n for n in names if n in VALUES[command]), names[-1])
                value = VALUES[command].get(name)
                if set(names) & {"-q", "-v", "-h", "-V"} or mode.get(name, "absent") == value:
                    continue
                if "--json" in mode and name not in WITH_JSON:
                    continue
                tried += 1
                plain = plain_alone
                if name in BESIDE and command == "plan" and "--model" in mode:
                    plain = outcome(program, command, {**mode, **BESIDE[name]}, inputs)
                    given = {**mode, **BESIDE[name], name: value}
                else:
                    given = {**mode, name: value}
                code, out, errors, written = outcome(program, command, given, inputs)
                if "internal error" in errors or code < 0:
                    wrong.append(f"isobar {command} {' '.join(words(given))}: {errors.strip()}")
                if code == 2 and any(n in errors for n in names):
                    continue
                if (code, out, errors, written) != plain:
                    continue
                key = next((k for k in UNSEEN if k[:2] == (command, name)
                            and all(m in mode for m in k[2:])), None)
                used.add(key)
                if key is None:
                    wrong.append(f"isobar {command} {' '.join(words(mode))}: {name} is taken and "
                                 "changes nothing")
    wrong += [f"UNSEEN {key} is seen" for key in UNSEEN if key not in used]
    print(f"{tried} options in {sum(map(len, MODES.values()))} modes of {len(MODES)} commands")
    print("\n".join(wrong))
    return 1 if wrong or tried < 200 else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Training speed of PyTorch (Debian's python3-torch) on this machine's CPU, for a model file of ours:

    /usr/bin/python3 scripts/pytorch_tokens_per_s.py models/gpt-nano.toml [--threads 2] [--seconds 5]

Prints one JSON object: tokens per second over whole AdamW steps with gradient clipping, in float32, of
the GPT that src/nn/golden/make_golden.py defines (the one our losses are compared with). Exit code 2,
and a JSON object with "error", if PyTorch is not installed.
"""
import argparse
import json
import pathlib
import statistics
import sys
import time
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src" / "nn" / "golden"))


def read_case(path, vocabulary):
    with open(path, "rb") as file:
        model = tomllib.load(file)
    shape, recipe = model["shape"], model.get("recipe", {})
    return dict(layers=shape["layers"], heads=shape["heads"], width=shape["width"],
                context=shape["context"], vocabulary=shape.get("vocabulary") or vocabulary,
                batch=recipe.get("batch", 12), bias=shape.get("bias", False),
                tied=shape.get("tied_embeddings", True), gelu=shape.get("gelu", "exact"))


def measure(case, threads, seconds):
    import torch
    import make_golden

    torch.set_num_threads(threads)
    p = {n: make_golden.initial(i, n, s)
         for i, (n, s) in enumerate(make_golden.parameters(case))}
    optimiser = torch.optim.AdamW(p.values(), lr=1e-3, betas=(0.9, 0.99), weight_decay=0.1)
    tokens, targets = make_golden.batch(case, 0)
    times = []
    start = time.perf_counter()
    while len(times) < 5 or time.perf_counter() - start < seconds:
        before = time.perf_counter()
        optimiser.zero_grad()
        make_golden.loss_of(case, p, tokens, targets).backward()
        torch.nn.utils.clip_grad_norm_(p.values(), 1.0)
        optimiser.step()
        times.append(time.perf_counter() - before)
    step = statistics.median(times[2:])   # the first two warm up
    return dict(tokens_per_s=case["batch"] * case["context"] / step, step_seconds=step,
                steps=len(times), torch=torch.__version__)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("model", help="a model file (TOML)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=5, help="how long to measure")
    parser.add_argument("--vocabulary", type=int, default=65,
                        help="where the model file leaves it to the data")
    arguments = parser.parse_args()
    about = dict(model=arguments.model, threads=arguments.threads)
    try:
        result = measure(read_case(arguments.model, arguments.vocabulary), arguments.threads,
                         arguments.seconds)
    except ImportError as error:
        print(json.dumps(dict(about, error=f"{error} (apt-get install python3-torch)")))
        sys.exit(2)
    print(json.dumps(dict(about, **result)))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Makes the golden numbers that src/nn/golden_test.cpp compares with, by PyTorch (Debian's
python3-torch) on the CPU, in float32:

    /usr/bin/python3 src/nn/golden/make_golden.py src/nn/golden

For each case: the losses of 10 AdamW steps, and every parameter gradient of the first. Weights and
batches follow from a hash that the test computes too, so they need not be stored. A gradient is stored
as 16-bit integers in units of its tensor's largest magnitude / 32767; that rounding adds at most 1.6e-5 to
the relative error, which the test defines per tensor as max |ours - theirs| / max |theirs|.
"""
import json
import math
import sys

import numpy
import torch
from torch.nn import functional

CASES = {
    # The shipped model: tiles of the fast kernels fit its sizes.
    "gpt-nano": dict(layers=4, heads=4, width=128, context=64, vocabulary=65, batch=12, bias=False,
                     tied=True, gelu="exact"),
    # Every option the other way, and sizes that divide nothing.
    "odd": dict(layers=2, heads=3, width=21, context=11, vocabulary=37, batch=3, bias=True,
                tied=False, gelu="tanh"),
}
STEPS = 10
LEARNING_RATE, BETAS, EPSILON, WEIGHT_DECAY, CLIP = 1e-3, (0.9, 0.99), 1e-8, 0.1, 1.0


def mixed(count, stream):
    """count 32-bit numbers: the finaliser of MurmurHash3 over index + stream * golden ratio."""
    z = (numpy.arange(count, dtype=numpy.uint64) + numpy.uint64(stream * 0x9E3779B9)) & 0xFFFFFFFF
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        z = ((z ^ (z >> numpy.uint64(shift))) * numpy.uint64(factor)) & 0xFFFFFFFF
    return z ^ (z >> numpy.uint64(16))


def uniform(count, stream):
    """Float32 in [-0.5, 0.5), exact multiples of 2^-24."""
    return ((mixed(count, stream) >> numpy.uint64(8)).astype(numpy.float64) / 2**24 - 0.5
            ).astype(numpy.float32)


def parameters(case):
    """(name, shape) in the order of model::parameters()."""
    width, bias = case["width"], case["bias"]
    result = [("wte.weight", (case["vocabulary"], width)), ("wpe.weight", (case["context"], width))]

    def layer(name, *shape):
        result.append((name + ".weight", shape))
        if bias:
            result.append((name + ".bias", shape[:1]))

    for i in range(case["layers"]):
        layer(f"h.{i}.ln_1", width)
        layer(f"h.{i}.attn.c_attn", 3 * width, width)
        layer(f"h.{i}.attn.c_proj", width, width)
        layer(f"h.{i}.ln_2", width)
        layer(f"h.{i}.mlp.c_fc", 4 * width, width)
        layer(f"h.{i}.mlp.c_proj", width, 4 * width)
    layer("ln_f", width)
    if not case["tied"]:
        result.append(("lm_head.weight", (case["vocabulary"], width)))
    return result


def initial(index, name, shape):
    u = uniform(math.prod(shape), index)
    if name.endswith(".bias"):
        values = u * numpy.float32(0.1)
    elif len(shape) == 1:
        values = numpy.float32(1) + u * numpy.float32(0.25)
    else:
        values = u * numpy.float32(0.125)
    return torch.from_numpy(values.reshape(shape)).requires_grad_(True)


def batch(case, step):
    count = case["batch"] * case["context"]
    tokens = (mixed(count, 1000 + step) % case["vocabulary"]).astype(numpy.int64)
    shape = (case["batch"], case["context"])
    targets = (tokens * 3 + 1) % case["vocabulary"]
    return torch.from_numpy(tokens.reshape(shape)), torch.from_numpy(targets.reshape(shape))


def loss_of(case, p, tokens, targets):
    width, heads, context = case["width"], case["heads"], case["context"]
    approximate = "tanh" if case["gelu"] == "tanh" else "none"
    norm = lambda name, x: functional.layer_norm(x, (width,), p[name + ".weight"],
                                                 p.get(name + ".bias"), 1e-5)
    linear = lambda name, x: functional.linear(x, p[name + ".weight"], p.get(name + ".bias"))
    split = lambda x: x.view(-1, context, heads, width // heads).transpose(1, 2)
    mask = torch.tril(torch.ones(context, context)) == 0
    x = p["wte.weight"][tokens] + p["wpe.weight"]
    for i in range(case["layers"]):
        h = f"h.{i}."
        q, k, v = map(split, linear(h + "attn.c_attn", norm(h + "ln_1", x)).split(width, dim=2))
        scores = (q @ k.transpose(-2, -1)) / math.sqrt(width // heads)
        attended = functional.softmax(scores.masked_fill(mask, -math.inf), dim=-1) @ v
        attended = attended.transpose(1, 2).reshape(-1, context, width)
        x = x + linear(h + "attn.c_proj", attended)
        hidden = functional.gelu(linear(h + "mlp.c_fc", norm(h + "ln_2", x)), approximate=approximate)
        x = x + linear(h + "mlp.c_proj", hidden)
    head = p["wte.weight" if case["tied"] else "lm_head.weight"]
    logits = functional.linear(norm("ln_f", x), head)
    return functional.cross_entropy(logits.view(-1, case["vocabulary"]), targets.view(-1))


def run(name, case, folder):
    p = {n: initial(i, n, s) for i, (n, s) in enumerate(parameters(case))}
    optimiser = torch.optim.AdamW(
        [{"params": [t for t in p.values() if t.dim() >= 2], "weight_decay": WEIGHT_DECAY},
         {"params": [t for t in p.values() if t.dim() < 2], "weight_decay": 0.0}],
        lr=LEARNING_RATE, betas=BETAS, eps=EPSILON)
    losses, norms, tensors, blob = [], [], [], b""
    for step in range(STEPS):
        optimiser.zero_grad()
        loss = loss_of(case, p, *batch(case, step))
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            for n, t in p.items():
                gradient = t.grad.numpy().astype(numpy.float64)
                largest = float(numpy.abs(gradient).max())
                tensors.append({"name": n, "largest": largest, "offset": len(blob) // 2})
                blob += numpy.round(gradient / largest * 32767).astype("<i2").tobytes()
        norms.append(float(torch.nn.utils.clip_grad_norm_(p.values(), CLIP)))
        optimiser.step()
    about = dict(case, torch=torch.__version__, learning_rate=LEARNING_RATE, beta1=BETAS[0],
                 beta2=BETAS[1], epsilon=EPSILON, weight_decay=WEIGHT_DECAY, gradient_clip=CLIP,
                 losses=losses, gradient_norms=norms, gradients=tensors)
    with open(f"{folder}/{name}.json", "w") as file:
        json.dump(about, file, indent=1)
        file.write("\n")
    with open(f"{folder}/{name}.gradients", "wb") as file:
        file.write(blob)
    print(name, losses)


if __name__ == "__main__":
    torch.manual_seed(0)
    for case_name, case_shape in CASES.items():
        run(case_name, case_shape, sys.argv[1])

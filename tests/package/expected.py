#!/usr/bin/env python3
"""What an example of examples/ must print, from what the command says of the same thing as JSON.

Usage: expected.py launch_kernel|explain_trace|plan_run FILE.json
"""
import json
import sys


def charge(cause):
    return sum(map(charge, cause["children"])) if cause.get("children") else cause["charge"]


def shares(ledger):
    for cause in ledger["causes"]:
        print(f"{100 * charge(cause) / ledger['capacity']:6.1f} %  {cause['name']}")


def launch_kernel(told):
    kernel, = told["kernels"]
    print(f"{kernel['kernel']} on {told['chip']}: {kernel['cycles']} cycles")
    shares(kernel["ledger"])


def explain_trace(told):
    print(f"step {told['span_ms']:.3f} ms on {told['device']}")
    print(f"MFU  {100 * told['mfu']:.1f} %")
    shares(told["ledger"])
    for advice in told["advice"]:
        print(f"up to {advice['gain_us'] / 1e3:.3f} ms: {advice['remedy']}")


def plan_run(told):
    for row in told["layouts"]:
        print(f"{row['step_s']:8.4g} s  MFU {100 * row['mfu']:.1f} %  "
              f"{row['memory_bytes']['total'] / 1e9:.0f} GB  {row['layout']}")
    print(f"{told['run']['days']:.1f} days, of which {100 * told['run']['goodput']:.1f} % train")
    shares(told["ledger"])


with open(sys.argv[2], encoding="utf-8") as file:
    globals()[sys.argv[1]](json.load(file))

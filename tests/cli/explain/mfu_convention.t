What of causal attention counts is switched as in plan and train, and named; times do not change.

  $ ask() { isobar explain "$ISOBAR_SOURCE/src/explain/samples/cuda.json" --model gpt3-125m --tokens 1024 --chips 1 "$@"; }
  $ ask | grep 'MFU  '
    MFU  * % of bf16 dense, * (h100) (--mfu causal-halved) (glob)
  $ ask --json > halved.json
  $ ask --mfu full --json > full.json
  $ python3 - <<'PY'
  > import json
  > halved, full = json.load(open("halved.json")), json.load(open("full.json"))
  > # gpt3-125m: 12 layers, width 768; half of 12 L H Q T per token at 2,048 tokens.
  > masked = 6 * 12 * 768 * 2048 * 1024 / 1e12 * max(1, full["steps"])
  > print(abs(full["model_tflop"] - halved["model_tflop"] - masked) < 1e-6)
  > print(halved["mfu_attention"], "halved" in halved["mfu_convention"])
  > print(full["mfu_attention"], "in full" in full["mfu_convention"])
  > print(full["span_ms"] == halved["span_ms"], full["ledger"]["capacity"] == halved["ledger"]["capacity"])
  > PY
  True
  causal-halved True
  full True
  True True

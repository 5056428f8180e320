The step, the chip, the length of a sequence and a table of kernel names of one's own.

  $ samples=$ISOBAR_SOURCE/src/explain/samples
  $ isobar explain "$samples/cuda.json" --step 7 --json > step7 && isobar explain "$samples/cuda.json" --json | cmp - step7
  $ isobar explain "$samples/ascend.json" | grep '^  peak  '
    peak      unknown (give --chip)
    peak  *100.0 % * (glob)
  $ isobar explain "$samples/ascend.json" --chip ascend-910b | grep '^  peak  ' | head -1
    peak      bf16 dense, 376 TFLOP/s (ascend-910b)
  $ for length in 512 2048; do isobar explain "$samples/cuda.json" --model gpt3-125m --tokens 2048 --chips 1 --sequence $length --json > $length.json; done
  $ python3 -c 'import json; a, b = (json.load(open(n + ".json"))["model_tflop"] for n in ("512", "2048")); print(round((b - a) / (6 * 12 * 768 * (2048 - 512) * 2048 / 1e12), 9))'
  1.0
  $ cat > names.toml <<'TOML'
  > [[class]]
  > name = "my norm"
  > group = "vector"
  > match = ['layer_norm']
  > TOML
  $ isobar explain "$samples/cuda.json" --kernel-classes names.toml | grep -m1 -o 'my norm  *10.0 %'
  my norm * 10.0 % (glob)

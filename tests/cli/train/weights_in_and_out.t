Weights that a run writes for llm.c are those that another begins with.

  $ . "$TESTDIR/tiny_run.sh"
  $ sed -i 's/context = 8/context = 8\nbias = true\ngelu = "tanh"/' tiny.toml
  $ tiny --steps 2 --run-dir first --export-llmc weights.bin > /dev/null; head -c 4 weights.bin | od -An -tx4
   0134d7c6
  $ tiny --steps 1 --lr 0 --init first/checkpoints/step-2.safetensors --run-dir second --json 2> /dev/null > second.json
  $ tiny --steps 1 --lr 0 --init weights.bin --run-dir third --json 2> /dev/null > third.json
  $ loss() { grep -ho '"validation_loss":[^,]*' "$@"; }
  $ loss second.json | cmp - <(loss third.json)
  $ loss first/summary.json | tr -d ' ' | cmp - <(loss second.json)
  $ tiny --steps 1 --init absent.bin
  isobar: * (glob)
  [2]

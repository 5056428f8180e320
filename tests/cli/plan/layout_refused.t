A layout that cannot be, or a word that names none, is refused with the words that there are.

  $ plan() { isobar plan -m gpt3-1.3b -c a100-80gb -n 8 --batch 64 "$@"; }
  $ plan --pp 1 --schedule zb-h1
  isobar: --schedule zb-h1 needs a pipeline, but --pp is 1
  [2]
  $ plan --pp 1 --vpp 2
  isobar: --vpp 2 needs a pipeline, but --pp is 1
  [2]
  $ plan --pp 2 --vpp 2 --schedule zb-h1
  isobar: --vpp 2 belongs to --schedule interleaved, not zb-h1
  [2]
  $ for option in recompute schedule cp-exchange offload sequence-parallel async-tp overlap precision; do plan --$option most; done
  isobar: --recompute is "most", but there are full, none, selective
  isobar: --schedule is "most", but there are 1f1b, dualpipe, interleaved, zb-h1
  isobar: --cp-exchange is "most", but there are all-to-all, ring
  isobar: --offload is "most", but there are off, on
  isobar: --sequence-parallel is "most", but there are off, on
  isobar: --async-tp is "most", but there are off, on
  isobar: --overlap is "most", but there are off, on
  isobar: --precision is "most", but there are bf16, fp8, fp8-block, mxfp8, nvfp4
  [2]
  $ plan --precision fp8
  isobar: no layout of gpt3-1.3b on 8 chips is legal: a100-80gb has no FP8
  [2]
  $ plan --ep 2
  isobar: no layout of gpt3-1.3b on 8 chips is legal: expert parallelism 2 needs experts, but the model is dense
  [2]
  $ plan --zero 4
  isobar plan: --zero: * 0 to 3* (glob)
  [2]

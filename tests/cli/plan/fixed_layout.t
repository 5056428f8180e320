What is fixed of the layout stands in every layout that the plan shows.

  $ plan() { isobar plan -m gpt3-1.3b -c a100-80gb -n 8 --batch 64 --json "$@" > plan.json; }
  $ degrees() { python3 -c 'import json, sys; print(*sorted({str([l["degrees"][k] for k in sys.argv[1:]]) for l in json.load(open("plan.json"))["layouts"]}))' "$@"; }
  $ plan --tp 2 --pp 2 && degrees tensor pipeline
  [2, 2]
  $ plan --cp 2 --cp-exchange all-to-all && degrees context context_exchange
  [2, 'all-to-all']
  $ plan --pp 2 --vpp 2 && degrees pipeline virtual_stages schedule
  [2, 2, 'interleaved']
  $ plan --pp 2 --schedule zb-h1 && degrees pipeline schedule
  [2, 'zb-h1']
  $ plan --micro-batch 2 && degrees micro_batch
  [2]
  $ plan --zero 2 && degrees zero
  [2]
  $ plan --shard-group 4 && degrees zero shard_group
  [3, 4]
  $ plan --recompute selective && degrees recompute
  ['selective']
  $ plan --offload on && degrees offload_optimizer
  [True]
  $ plan --tp 2 --sequence-parallel off --async-tp off && degrees sequence_parallel async_tensor_parallel
  [False, False]
  $ plan --overlap off && degrees gradients_overlapped
  [False]
  $ isobar plan -m deepseek-v2-lite -c h100 -n 8 --batch 64 --ep 4 --precision fp8,bf16 --json > plan.json && degrees expert
  [4]

The number of threads changes nothing.

  $ plan --threads 1 && mv plan.json one.json && plan --threads 3
  $ diff <(grep -v seconds_of_search one.json) <(grep -v seconds_of_search plan.json)

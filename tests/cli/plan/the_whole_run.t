Days, failures, checkpoints and cost of the whole run follow from what is said of them.

  $ plan() { isobar plan -m gpt3-1.3b -c a100-80gb -n 8 --batch 64 --tokens 1e12 --json "$@"; }
  $ plan > usual; plan --failures 1e-3 > failing; plan --checkpoint-pause 300 > pausing
  $ plan --checkpoint-bandwidth 1 > fast; plan --checkpoint-bandwidth 0.01 > slow
  $ plan --checkpoint-interval 600 > often; plan --jitter 10 > jittery; plan --sequence 1024 > short
  $ plan --price 2 > priced; plan --electricity 0.1 > powered
  $ python3 - <<'PY'
  > import json
  > run = lambda name: json.load(open(name))["run"]
  > step = lambda name: json.load(open(name))["layouts"][0]["step_s"]
  > usual = run("usual")
  > print(run("failing")["goodput"] < usual["goodput"], run("pausing")["goodput"] < usual["goodput"])
  > print(run("fast")["goodput"] > run("slow")["goodput"], run("often")["goodput"] < usual["goodput"])
  > print(step("jittery") > step("usual"), step("short") < step("usual"))
  > print(abs(run("priced")["cost"] / (2 * usual["chip_hours"]) - 1) < 1e-12, 0 < run("powered")["cost"])
  > PY
  True True
  True True
  True True
  True True

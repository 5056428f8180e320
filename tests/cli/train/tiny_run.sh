# For the tests here: a model and a text that train in a second. Sourced; then `tiny OPTIONS`.
cat > tiny.toml <<'TOML'
name = "tiny"
[shape]
layers = 1
heads = 2
width = 16
context = 8
[recipe]
batch = 2
warmup_steps = 2
evaluate_every = 4
evaluate_batches = 2
TOML
for i in $(seq 150); do echo "the white whale swam $((i * 7919 % 1000)) leagues"; done > text.txt
TINY="--model tiny.toml --data text.txt --fidelity functional"
tiny() { isobar train $TINY --checkpoint-every 2 "$@"; }
# The metrics without what the host's clock says.
metrics() { sed -E 's/,"tokens_per_s":[^,]*//; s/,"checksum":.*//' "$1/metrics.jsonl"; }

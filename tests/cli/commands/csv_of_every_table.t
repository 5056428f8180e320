Every command that shows tables writes them as CSV, too: rows as wide as the line of names, which
`-` puts on standard output alone. What has no table has no such option.

  $ . "$TESTDIR/../train/tiny_run.sh"
  $ cat > shape.py <<'PY'
  > import csv, sys
  > rows = list(csv.reader(open(sys.argv[1])))
  > assert len(rows) > 1 and len(rows[0]) > 3, rows
  > assert all(len(row) == len(rows[0]) for row in rows)
  > print(sys.argv[2], *dict.fromkeys(row[0] for row in rows[1:]) if rows[0][0] == "table" else [])
  > PY
  $ tables() { isobar "$@" --csv rows.csv > shown 2> notes || cat notes; python3 shape.py rows.csv $1; test -s shown; isobar "$@" --csv - > alone 2> notes; head -1 alone | cmp - <(head -1 rows.csv); rm -f rows.csv; }
  $ tables plan -m gpt2 -c h100 -n 8 --batch 16 --tokens 1e9
  plan layouts run mfu_chain choices collectives ledger
  $ tables chip h100
  chip figures area_by_block export_steps
  $ tables chip --sweep --designs 300
  chip front all
  $ tables explain "$ISOBAR_SOURCE/src/explain/samples/cuda.json"
  explain * (glob)
  $ tables info
  info chips catalogue models transformers devices versions paths
  $ tables info chip isobar-nano
  info chip
  $ printf 'id,model,chip,n_chips,precision,global_batch,seq,step_time_s\na,gpt2,h100,8,bf16,64,1024,1\n' > runs.csv
  $ tables plan --validate runs.csv
  plan run summary
  $ isobar plan --sweep -m gpt2 -c h100 -n 8 --batch 16 --csv rows.csv; python3 shape.py rows.csv sweep
  sweep
  $ tiny --steps 2 --run-dir run --csv rows.csv > shown; python3 shape.py rows.csv train
  train run ledger* (glob)
  $ tiny --steps 2 --csv - 2> progress | head -1
  table,step,train_loss,validation_loss,mfu,mfu_attention,cause,charge,share* (glob)
  $ grep -c 'Where the peak went' progress
  1
  $ tiny --steps 2 --csv - --json
  isobar: --csv - and --json both want standard output (--csv FILE writes a file)
  [2]
  $ for command in train run explain bench plan chip info sample exec; do isobar $command --help | grep -q -- '--csv ' || echo "$command: no table"; done
  sample: no table
  exec: no table

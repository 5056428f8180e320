What a column of a file of runs cannot hold is named with line and column, not taken as absent.

  $ file() { printf 'id,model,chip,n_chips,precision,global_batch,seq,%s\na,llama-3-8b,h100,8,bf16,64,8192,%s\n' "$1" "$2" > runs.csv; }
  $ for value in -3 nan inf fast; do file step_time_s "$value"; isobar plan --validate runs.csv; done
  isobar: runs.csv:2: column step_time_s: "-3" must be a positive number (empty: not known)
  isobar: runs.csv:2: column step_time_s: "nan" must be a positive number (empty: not known)
  isobar: runs.csv:2: column step_time_s: "inf" must be a positive number (empty: not known)
  isobar: runs.csv:2: column step_time_s: "fast" must be a positive number (empty: not known)
  [2]
  $ file tp 7.5; isobar plan --validate runs.csv
  isobar: runs.csv:2: column tp: "7.5" must be a positive whole number (empty: not known)
  [2]
  $ file zero banana; isobar plan --fit runs.csv
  isobar: runs.csv:2: column zero: "banana" is no sharding (0 to 3, FSDP or HSDP; empty: not known)
  [2]
  $ printf 'id,seq,seq\na,1,2\n' | isobar plan --validate -
  isobar: standard input:1: the column seq stands twice
  [2]

Measured runs against predicted ones as CSV: a row each, then the sums.

  $ cat > runs.csv <<'CSV'
  > id,model,chip,n_chips,precision,global_batch,seq,step_time_s
  > a_1,llama-3-8b,h100,8,bf16,64,8192,9
  > a_2,llama-3-8b,abacus,8,bf16,64,8192,9
  > CSV
  $ isobar plan --validate - --csv - < runs.csv | cut -d, -f1-6
  table,id,family,chip,n_chips,class
  run,a_1,a,h100,8,one-node
  run,a_2,a,abacus,8,
  summary,,,,,
  summary,,,,,
  summary,,,,,
  summary,,,,,
  summary,,,,,
  summary,,,,,
  summary,,,,,
  summary,,,,,
  summary,,,,,
  summary,,,,,
  not modelled,,,,,
  $ isobar plan --validate runs.csv --csv out.csv | head -1
  Rows the coefficients were * (glob)
  $ wc -l < out.csv
  14
  $ isobar plan --validate runs.csv --csv - --json
  isobar: --csv - and --json both want standard output (--csv FILE writes a file)
  [2]

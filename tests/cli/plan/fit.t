Coefficients are fitted to measured runs, and planned with; what cannot be modelled is left out by
its name.

  $ cat > runs.csv <<'CSV'
  > id,model,chip,n_chips,precision,global_batch,seq,step_time_s
  > a_1,llama-3-8b,abacus,8,bf16,64,8192,9
  > a_2,gpt3-1.3b,a100-80gb,8,bf16,64,2048,0.8
  > CSV
  $ isobar plan --fit runs.csv --rounds 1 --hold ampere.gemm_16 -o mine.toml 2>&1 | grep -E 'left out|round|rows fitted'
  isobar: left out a_1: no chip is known as "abacus"
  isobar: round   1: * (glob)
  isobar: 1 rows fitted: objective * -> * (glob)
  $ head -1 mine.toml
  # Coefficients of `isobar plan`. Fitted on 1 rows.
  $ isobar plan --fit runs.csv --beyond --coefficients mine.toml 2> notes | head -1
  # Coefficients of `isobar plan`. Fitted on 1 rows.
  $ ask() { isobar plan -m gpt3-1.3b -c a100-80gb -n 8 --batch 64 --json "$@" | grep -m1 step_s; }
  $ ask --coefficients mine.toml | cmp -s - <(ask --coefficients defaults)
  [1]

Half of the rows, chosen by their ids, are fitted and the others judged by; none is nothing.

  $ grep -v a_2 runs.csv > none.csv
  $ isobar plan --fit none.csv --half
  isobar: * (glob)
  isobar: none.csv: no row can be modelled, so there is nothing to fit
  [2]
  $ head -1 runs.csv > head.csv; isobar plan --validate head.csv
  isobar: head.csv: no runs in it (a line each below the names)
  [2]

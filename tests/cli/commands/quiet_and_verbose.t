Results do not depend on how much is said beside them: --quiet says nothing more, --verbose which
files are read and written.

  $ same() { "$@" > normal 2> normal.notes; "$@" --quiet > quiet 2> quiet.notes; "$@" --verbose > verbose 2> verbose.notes; cmp normal quiet && cmp normal verbose && cat quiet.notes; }
  $ same isobar chip h100 --html page.html; cat normal.notes; grep -o 'read .*/h100.toml' verbose.notes | sed 's/ .*\// /'; grep wrote verbose.notes
  isobar: wrote page.html
  read h100.toml
  isobar: wrote page.html
  $ same isobar info chip isobar-1; grep -c 'read .*/isobar-1.toml' verbose.notes
  1
  $ same isobar explain "$ISOBAR_SOURCE/src/explain/samples/cuda.json" --json; grep -o 'reading .*' verbose.notes | sed 's/ .*\// /'
  reading cuda.json
  $ same isobar plan --sweep -m gpt2 -c h100 -n 8 --batch 64; grep -o 'read .*\(gpt2\|h100\).toml' verbose.notes | sed 's/ .*\// /' | sort -u
  read gpt2.toml
  read h100.toml
  $ same isobar completion bash; same isobar manual
  $ isobar info --quiet --json | head -c 1; isobar info --verbose 2>&1 > /dev/null | grep -c 'read .*/h100.toml'
  {3
  $ isobar bench simt --quick --only vecadd --pairs 1 --peer isobar --verbose 2>&1 > /dev/null | grep -oE 'simulating on 1 host threads|chip isobar-nano from' | sort -u
  chip isobar-nano from
  simulating on 1 host threads
  $ isobar bench simt --quick --only vecadd --pairs 1 --peer isobar --quiet 2>&1 | grep -c 'isobar:'
  0
  [1]
  $ isobar exec --quiet absent.elf; isobar exec --verbose absent.elf
  isobar: absent.elf: cannot be read: No such file or directory
  isobar: 0 arguments for absent.elf
  isobar: absent.elf: cannot be read: No such file or directory
  [2]
  $ isobar manual --quiet --verbose
  isobar manual: * excludes * (glob)
  [2]

Quiet says no word of what was left out of a fit, and errors all the same.

  $ printf 'id,model,chip,n_chips,precision,global_batch,seq,step_time_s\na,llama-3-8b,abacus,8,bf16,64,8192,9\n' > none.csv
  $ isobar plan --quiet --fit none.csv
  isobar: none.csv: no row can be modelled, so there is nothing to fit
  [2]

The other commands alike.

  $ trace=$ISOBAR_SOURCE/src/explain/samples/cuda.json
  $ isobar explain "$trace" --quiet > a 2>&1; isobar explain "$trace" --verbose 2> notes | cmp - a
  $ isobar chip h100 --quiet > a 2>&1; isobar chip h100 --verbose 2> notes | cmp - a
  $ isobar info chip isobar-1 --quiet > a 2>&1; isobar info chip isobar-1 --verbose 2> notes | cmp - a
  $ isobar completion zsh --quiet > a 2>&1; isobar completion zsh --verbose 2> notes | cmp - a
  $ isobar plan -m gpt2 -c h100 -n 8 --json --quiet > a 2>&1; isobar plan -m gpt2 -c h100 -n 8 --json --verbose 2> notes | cmp - a

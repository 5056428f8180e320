With --explain the plan says why others lost, what each choice is worth and what is communicated;
without --no-ledger it draws where the peak went.

  $ plan() { isobar plan -m gpt3-1.3b -c a100-80gb -n 8 --batch 64 --runners-up 2 "$@"; }
  $ plan --explain --no-ledger > text
  $ grep -cE '^tp[0-9]+' text
  3
  $ grep -oE '^(From one layer to the whole run|The best layout with one choice changed|collectives of the best layout)' text
  From one layer to the whole run
  The best layout with one choice changed
  collectives of the best layout
  $ grep -c 'Where the peak went' text
  0
  [1]
  $ plan | grep -c 'Where the peak went'
  1

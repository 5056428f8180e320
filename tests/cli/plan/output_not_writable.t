A result that has no place to go is refused before the search.

  $ isobar plan --sweep -m gpt2 -c h100 -n 8 -o absent/plans.csv
  isobar: absent/plans.csv: cannot be written: there is no folder absent (create it first)
  [2]
  $ mkdir plans && isobar plan --sweep -m gpt2 -c h100 -n 8 -o plans
  isobar: plans: cannot be written: it is a folder (name a file in it)
  [2]
  $ echo runs > runs.csv && isobar plan --fit runs.csv -o absent/calibration.toml
  isobar: absent/calibration.toml: cannot be written: there is no folder absent (create it first)
  [2]

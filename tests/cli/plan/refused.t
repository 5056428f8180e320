What a plan cannot be made of is refused, and what has to be left out is said.

  $ isobar plan
  isobar: plan needs one --model (or several with --sweep)
  [2]
  $ isobar plan -m gpt2,gpt3-1.3b -c h100 -n 8
  isobar: plan needs one --model (or several with --sweep)
  [2]
  $ isobar plan -m gpt2 -c h100,a100-80gb -n 8
  isobar: --chip names 2 values (only --sweep takes more than one)
  [2]
  $ isobar plan -m gpt2 -c h100 -n 8,16
  isobar: --chips names 2 values (only --sweep takes more than one)
  [2]
  $ isobar plan -m gpt2 -c h100 -n 8 --batch 8,16
  isobar: --batch names 2 values (only --sweep takes more than one)
  [2]
  $ isobar plan -m gpt2 -c h100 -n 8 -o plan.txt
  isobar: -o belongs to --fit and --sweep
  [2]
  $ isobar plan --sweep
  isobar: --sweep needs at least one --model
  [2]
  $ isobar plan --sweep -m gpt2 -c h100 -n 8 --json --csv rows.csv
  isobar: --sweep writes CSV or, with --json, objects of JSON: not both (leave out one)
  [2]
  $ isobar plan --sweep -m gpt2 -c h100 -n 8 -o rows --csv rows.csv
  isobar: --csv and -o both name where --sweep writes its rows (leave out one)
  [2]
  $ isobar plan -m gpt2 -c h100 -n 8 --coefficients absent.toml
  isobar: absent.toml: cannot be read: No such file or directory
  [2]
  $ isobar plan -m gpt2 -c h100 -n 8 --kernels absent.csv
  isobar: absent.csv: cannot be read: No such file or directory
  [2]
  $ isobar plan -m gpt2 -n 8 --cluster deepseek-h8000
  isobar: no cluster is called "deepseek-h8000" (did you mean deepseek-h800?* (glob)
  [2]
  $ ls

An option that counts only with another is not passed over in silence.

  $ for option in --half --beyond '--hold jitter' '--rounds 3'; do isobar plan -m gpt2 -c h100 -n 8 $option; done
  isobar plan: --half requires --fit * (glob)
  isobar plan: --beyond requires --fit * (glob)
  isobar plan: --hold requires --fit * (glob)
  isobar plan: --rounds requires --fit * (glob)
  [2]
  $ for option in '--failures 1e-4' '--checkpoint-pause 3' '--checkpoint-bandwidth 1' '--checkpoint-interval 60' '--price 2' '--electricity 1'; do isobar plan -m gpt2 -c h100 -n 8 $option; done
  isobar plan: --failures requires --tokens * (glob)
  isobar plan: --checkpoint-pause requires --tokens * (glob)
  isobar plan: --checkpoint-bandwidth requires --tokens * (glob)
  isobar plan: --checkpoint-interval requires --tokens * (glob)
  isobar plan: --price requires --tokens * (glob)
  isobar plan: --electricity requires --tokens * (glob)
  [2]

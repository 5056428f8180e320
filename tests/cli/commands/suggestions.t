A slip in a command, an option, a chip, a model or a node is answered with the nearest.

  $ isobar trian
  isobar: no command is called "trian" (did you mean train? isobar help lists them)
  [2]
  $ isobar plan --modle gpt2
  isobar plan: no option is called "--modle" (did you mean --model? isobar plan --help lists them)
  [2]
  $ isobar info everything
  isobar info: "everything" is not expected here (isobar info --help shows what is)
  [2]
  $ isobar plan --model llama-3.1-70b --chip h100 --chips 64 --no-ledger | head -1 | cut -d' ' -f1
  llama-3-70b
  $ isobar plan --model llama-4-70b --chip h100 --chips 8
  isobar: no model is called "llama-4-70b" (did you mean llama-* (glob)
  [2]
  $ isobar chip H100 | head -1 | tr -d " "
  H100SXM
  $ sed -e 's/^node = .*/node = "7nm"/' "$ISOBAR_SOURCE/chips/h100.toml" > mine.toml
  $ isobar chip mine.toml | grep -o 'did you mean N7 or N7+?' | head -1
  did you mean N7 or N7+?

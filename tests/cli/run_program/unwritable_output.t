What cannot be written is refused before the program runs.

  $ isobar run --json no/such/folder.json -- touch ran
  isobar: no/such/folder.json: cannot be written: there is no folder no/such (create it first)
  [2]
  $ isobar run --roofline . -- touch ran
  isobar: *cannot be written* (glob)
  [2]
  $ isobar run --trace no/such/trace.json -- touch ran
  isobar: no/such/trace.json: cannot be written: there is no folder no/such (create it first)
  [2]
  $ isobar run --fidelity functional --roofline picture.svg -- touch ran
  isobar: --roofline needs DRAM's traffic, which only the timed machine counts* (glob)
  [2]
  $ ls

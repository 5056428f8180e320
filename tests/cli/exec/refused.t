What is no program for one hart is refused.

  $ isobar exec absent.elf
  isobar: absent.elf: cannot be read: No such file or directory
  [2]
  $ echo text > text; isobar exec text
  isobar: text: * (glob)
  [2]
  $ isobar exec
  isobar exec: program is required * (glob)
  [2]
  $ isobar exec --max-instructions many text
  isobar exec: --max-instructions: is "many", * (glob)
  [2]

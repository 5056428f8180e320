Where nothing can be written is said before the work.

  $ seq 1 2000 > text
  $ isobar train --data text --steps 1 --export-llmc missing/weights.bin
  isobar: missing/weights.bin: cannot be written: there is no folder missing (create it first)
  [2]
  $ isobar train --data text --steps 1 --trace missing/trace.json
  isobar: missing/trace.json: cannot be written: there is no folder missing (create it first)
  [2]
  $ isobar train --data text --steps 1 --run-dir text/run
  isobar: text/run: cannot be written: */text is a file, not a folder (glob)
  [2]
  $ ls
  text

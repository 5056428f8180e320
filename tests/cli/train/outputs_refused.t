Where nothing can be written is said before the work.

  $ seq 1 2000 > text
  $ isobar train --data text --steps 1 --export-llmc missing/weights.bin
  $ isobar train --data text --steps 1 --trace missing/trace.json
  $ isobar train --data text --steps 1 --trace .
  $ isobar train --data text --steps 1 --run-dir text/run
  $ mkdir full && touch full/something
  $ isobar train --data text --steps 1 --run-dir full
  $ ls

What a config.toml cannot hold is refused before anything is trained.

  $ . "$TESTDIR/tiny_run.sh"
  $ cp text.txt $'t\xff.txt'
  $ isobar train --model tiny.toml --data $'t\xff.txt' --steps 1 --run-dir run 2>&1 | grep -ao 'is not UTF-8.*'; echo ${PIPESTATUS[0]}
  is not UTF-8, so that a run's config.toml cannot hold it (rename it)
  2
  $ ls | wc -l
  3

A folder whose name is not UTF-8 is no hindrance.

  $ tiny --steps 2 --run-dir $'r\xff' > /dev/null
  $ isobar train --resume $'r\xff' --steps 4 > /dev/null

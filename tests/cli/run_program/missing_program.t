A program that is not there is exit code 127 and one that cannot be run 126, as shells have it.

  $ isobar run -- ./no-such-program
  isobar: cannot run ./no-such-program: No such file or directory
  [127]
  $ touch plain
  $ isobar run -- ./plain
  isobar: cannot run ./plain: Permission denied
  [126]

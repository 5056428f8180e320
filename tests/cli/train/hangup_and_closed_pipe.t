The end of the terminal and of the pipe that it prints into end a run as Ctrl-C does: it saves.

  $ . "$TESTDIR/tiny_run.sh"
  $ isobar train $TINY --steps 1000000 --checkpoint-every 1000000 --run-dir hangup > /dev/null 2> messages &
  $ until [[ -s hangup/metrics.jsonl ]]; do sleep 0.1; done
  $ kill -HUP $!; wait $!
  [130]
  $ tail -1 messages
  To resume: isobar train --resume hangup
  $ ls hangup/checkpoints | grep -c step-
  1
  $ wc -c < hangup/lock
  0

  $ (isobar train $TINY --steps 1000000 --checkpoint-every 1000000 --evaluate-every 1 --run-dir pipe; echo $? > code) 2> messages | head -c 1
  T (no-eol)
  $ cat code
  130
  $ tail -1 messages
  To resume: isobar train --resume pipe
  $ ls pipe/checkpoints | grep -c step-
  1

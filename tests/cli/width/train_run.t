What a training run and a program's kernels are shown as fits the terminal, too.

  $ . "$TESTDIR/../train/tiny_run.sh"
  $ long=$(printf 'n%.0s' $(seq 100))
  $ for columns in 60 80; do "$TESTDIR/../narrow.py" $columns isobar train --model tiny.toml --data text.txt --steps 3 --run-dir $long-$columns | grep -v nnnnn; done
  lines
  lines
  $ for columns in 60 80; do "$TESTDIR/../narrow.py" $columns isobar run --fidelity timed --profile -- isobar bench simt --quick --only vecadd --pairs 1 --peer isobar | grep -v nnnnn; done
  lines
  lines

A full disk (here: a limit on the size of files) is named, and costs nothing that was saved.

  $ . "$TESTDIR/tiny_run.sh"
  $ tiny --steps 4 --run-dir run > /dev/null
  $ size=$(($(stat -c %s run/checkpoints/step-4.safetensors) / 1024))
  $ (ulimit -f $((size / 2)); LLVM_PROFILE_FILE=/dev/null isobar train --resume run --steps 8 > /dev/null)
  isobar: run/checkpoints/step-6.safetensors: cannot be written: File too large* (glob)
  training stopped after step 6; the last good checkpoint is run/checkpoints/step-4.safetensors; later steps are lost. To resume from it: isobar train --resume run
  [2]
  $ isobar train --resume run > /dev/null
  $ metrics run | grep -c step
  8

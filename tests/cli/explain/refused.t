What cannot be explained is refused with what there is.

  $ trace=$ISOBAR_SOURCE/src/explain/samples/cuda.json
  $ isobar explain "$trace" --tokens 5
  isobar: --tokens and --sequence count only with --model
  [2]
  $ isobar explain "$trace" --chips 5
  isobar: --chips counts only with --model and --tokens (of a step, over all chips)
  [2]
  $ isobar explain "$trace" --step 99
  isobar: *: no step 99 did work on device 0 (the trace has steps 7) (glob)
  [2]
  $ isobar explain "$trace" --explain-cause luck
  isobar: no cause is called "luck" in this trace (there are "idle/host-bound gaps", * (glob)
  [2]
  $ isobar explain "$trace" --explain-cause ''
  isobar explain: --explain-cause: is empty, but must name a cause * (glob)
  [2]
  $ isobar explain "$trace" --kernel-classes absent.toml
  isobar: absent.toml: cannot be read: No such file or directory
  [2]
  $ isobar explain absent.json
  isobar: absent.json: cannot be opened: No such file or directory
  [2]
  $ isobar explain
  isobar explain: trace is required * (glob)
  [2]

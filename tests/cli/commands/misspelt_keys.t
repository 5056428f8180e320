A misspelt key of any file is refused with its place and the key that was meant.

  $ sed 's/^warps/wraps/' $ISOBAR_SOURCE/chips/isobar-nano.toml > chip.toml
  $ isobar info chip chip.toml
  isobar: chip.toml:9: "core.wraps" is not a key of a chip file (did you mean core.warps?)
  [2]
  $ sed 's/^capacity/capasity/' $ISOBAR_SOURCE/chips/h100.toml > sheet.toml
  $ isobar chip sheet.toml
  isobar: sheet.toml:25: "memory.capasity" is not a key of a chip file (did you mean memory.capacity?)
  [2]
  $ sed 's/^width/widht/' $ISOBAR_SOURCE/models/gpt-nano.toml > model.toml
  $ isobar plan -m model.toml -c h100 -n 8
  isobar: model.toml:9: "widht" is not a key of [shape] (did you mean width?)
  [2]
  $ isobar train --model model.toml --steps 1
  isobar: model.toml:9: "widht" is not a key of [shape] (did you mean width?)
  [2]
  $ sed 's/^bandwidth/bandwith/' $ISOBAR_SOURCE/clusters/ascend-910b-atlas.toml > cluster.toml
  $ isobar plan -m gpt2 --cluster cluster.toml
  isobar: cluster.toml:15: "bandwith" is not a key of [[level]] (did you mean bandwidth?)
  [2]
  $ echo 'hoppper.gemm_16 = 0.7' > coefficients.toml
  $ isobar plan -m gpt2 -c h100 -n 8 --coefficients coefficients.toml
  isobar: coefficients.toml:1: "hoppper.gemm_16" is not a key of a calibration (did you mean hopper.gemm_16?)
  [2]
  $ sed 's/^wafer_price /wafer_prise /' $ISOBAR_SOURCE/src/fab/data/constants.toml > constants.toml
  $ isobar chip h100 --constants constants.toml
  isobar: constants.toml:533: "wafer_prise" is not a key of [market_node.130] (did you mean wafer_price?)
  [2]
  $ printf '[[class]]\nname = "mine"\ngruop = "gemm"\nmatch = "x"\n' > classes.toml
  $ isobar explain $ISOBAR_SOURCE/src/explain/samples/cuda.json --kernel-classes classes.toml
  isobar: classes.toml:3: "gruop" is not a key of [[class]] (did you mean group?)
  [2]
  $ printf '[[class]]\nname = "mine"\ngroup = "gemm"\nmatch = "x"\nmtach = "y"\n' > classes.toml
  $ isobar explain $ISOBAR_SOURCE/src/explain/samples/cuda.json --kernel-classes classes.toml
  isobar: classes.toml:5: "mtach" is not a key of [[class]] (did you mean match?)
  [2]
  $ mkdir run && printf 'name = "x"\n[run]\ndata = "x"\ncheckpoint_evry = 3\n' > run/config.toml
  $ isobar train --resume run
  isobar: run/config.toml:4: "checkpoint_evry" is not a key of [run] (did you mean checkpoint_every?)
    run/checkpoints/config.toml: cannot be read: No such file or directory
  (start again in another folder: isobar train)
  [2]

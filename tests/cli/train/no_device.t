Without its driver, Isobar's device is not there: training ends before it makes anything.

  $ . "$TESTDIR/tiny_run.sh"
  $ mkdir -p elsewhere/bin empty; real=$(readlink -f "$(command -v isobar)")
  $ cp "$real" elsewhere/bin/isobar; ln -s "$(dirname "$real")/../share" elsewhere/share
  $ PATH=$PWD/elsewhere/bin:$PATH OPENCL_VENDOR_PATH=$PWD/empty tiny --steps 2
  isobar: no OpenCL device: no driver is installed or reachable (install pocl-opencl-icd, or let OCL_ICD_VENDORS name Isobar's .icd file)
  [2]
  $ OCL_ICD_VENDORS=$PWD/empty tiny --steps 2
  isobar: no OpenCL device: no driver is installed or reachable (install pocl-opencl-icd, or let OCL_ICD_VENDORS name Isobar's .icd file)
  [2]
  $ echo "$PWD/libisobar-opencl.so" > empty/isobar.icd
  $ OCL_ICD_VENDORS=$PWD/empty tiny --steps 2
  isobar: no OpenCL device: no driver is installed or reachable (install pocl-opencl-icd, or let OCL_ICD_VENDORS name Isobar's .icd file)
  [2]
  $ ls -d runs
  ls: * (glob)
  [2]

What only the simulated chip minds is refused beside another device.

  $ isobar info | grep -q 'Portable Computing Language' || exit 80
  $ tiny --steps 2 --device 'Portable Computing' --chip isobar-1
  isobar: --chip isobar-1: only the Isobar device simulates chips, and --device chose * (glob)
  [2]
  $ TINY="--model tiny.toml --data text.txt"
  $ for option in '--fidelity timed' '--trace trace.json'; do tiny --steps 2 --device 'Portable Computing' $option; done
  isobar: --fidelity: only the Isobar device simulates, and this run is on * (leave it out) (glob)
  isobar: --trace: only the Isobar device simulates, and this run is on * (leave it out) (glob)
  [2]

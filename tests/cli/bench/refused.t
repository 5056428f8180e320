A suite, section, kernel or device that is not there is answered with those that are; an option that
the suite would pass over is refused.

  $ isobar bench speed
  isobar: no benchmark suite is called "speed" (there are simt, train, opencl, timing, explain, plan, fab)
  [2]
  $ isobar bench timing --section asic
  isobar: suite timing has no section "asic" (there are rtl, silicon, latency, speed, sampled, sampled-memory)
  [2]
  $ isobar bench simt --quick --only quicksort --peer isobar
  isobar: no kernel of suite simt is called "quicksort" (without --only it names them all)
  [2]
  $ isobar bench simt --device abacus 2>&1 | grep -o 'no OpenCL device is called .*'
  no OpenCL device is called "abacus"; a number or a part of the name chooses one of:
  $ isobar bench plan --only search
  isobar: --only has no effect with the suite plan (leave it out)
  [2]
  $ isobar bench simt --section rtl
  isobar: --section has no effect with the suite simt (leave it out)
  [2]
  $ isobar bench timing --section latency --only vecadd
  isobar: --only has no effect with the section latency (leave it out)
  [2]
  $ isobar bench fab --peer isobar
  isobar: --peer has no effect with the suite fab (leave it out)
  [2]
  $ isobar bench simt --pairs 0
  isobar bench: --pairs: is "0", but must be a whole number from 1 to 1000 * (glob)
  [2]

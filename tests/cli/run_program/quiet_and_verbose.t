isobar run tells where chip and driver came from if asked; a table of the kernels is a result, which
--quiet does not silence.

  $ isobar run --quiet -- true
  isobar run: the program launched no kernel
  $ isobar run --verbose -- true 2>&1 | grep -oE 'OpenCL drivers: .*libisobar-opencl.so alone; [a-z]+' | sed 's/: .*\// /'
  OpenCL drivers libisobar-opencl.so alone; sampled
  $ export XDG_CACHE_HOME=$PWD/cache; mkdir cache
  $ vecadd() { isobar run --verbose --fidelity functional -- isobar bench simt --quick --only vecadd --pairs 1 --peer isobar 2>&1 | grep -oE 'compiling it|its binary is in the cache' | sort -u; }
  $ vecadd; vecadd
  compiling it
  its binary is in the cache
  its binary is in the cache

A limited address space (ulimit -v) narrows the gaps between buffers, and it is said.

  $ cat > list.py <<'EOF'
  > import ctypes
  > cl = ctypes.CDLL("libOpenCL.so.1")
  > platform, count = (ctypes.c_void_p * 8)(), ctypes.c_uint()
  > cl.clGetPlatformIDs(8, platform, ctypes.byref(count))
  > device = ctypes.c_void_p()
  > for p in platform[:count.value]:
  >     code = cl.clGetDeviceIDs(ctypes.c_void_p(p), ctypes.c_ulong(0xffffffff), 1, ctypes.byref(device), None)
  >     print("device" if code == 0 else "no device", code)
  > EOF
  $ (ulimit -v 20000000; isobar run -- python3 list.py)
  isobar: address space is limited (ulimit -v): buffers lie * bytes apart and not 16777216, so that a wild access may hit a neighbour (glob)
  device 0
  isobar run: the program launched no kernel
  $ (ulimit -v 3000000; isobar run -- python3 list.py)
  isobar: no OpenCL device: the chip's memory needs * MiB of address space, but only * MiB are left for it (raise `ulimit -v`, or lower dram.capacity in the chip file) (glob)
  no device -1
  isobar run: the program launched no kernel

Where the system gives no process and no pipe, that is said, with its reason.

  $ printf '#include <errno.h>\nint fork(void) { errno = EAGAIN; return -1; }\n' > fork.c
  $ printf '#include <errno.h>\nint pipe2(int *p, int f) { errno = EMFILE; return -1; }\n' > pipe.c
  $ for what in fork pipe; do cc -w -shared -fPIC -o $what.so $what.c || exit 80; done
  $ LD_PRELOAD=$PWD/fork.so isobar run -- true
  isobar: cannot start a process for true: Resource temporarily unavailable
  [2]
  $ LD_PRELOAD=$PWD/pipe.so isobar run -- true
  isobar: cannot make a pipe: Too many open files
  [2]

Nothing stays behind, and a command that only asks programs for their version goes on.

  $ ls
  fork.c
  fork.so
  pipe.c
  pipe.so
  $ LD_PRELOAD=$PWD/pipe.so isobar info | grep 'ld.lld-19'
    ld.lld-19            not found

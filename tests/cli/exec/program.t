A RISC-V program's output and exit code are its own; counts and limits are Isobar's.

  $ command -v clang-19 > /dev/null && command -v ld.lld-19 > /dev/null || exit 80
  $ cat > p.c <<'C'
  > static long call(long n, long a, long b, long c) {
  >   register long a0 __asm__("a0") = a, a1 __asm__("a1") = b, a2 __asm__("a2") = c, a7 __asm__("a7") = n;
  >   __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
  >   return a0;
  > }
  > __attribute__((used)) void run(long *stack) {
  >   const char *word = (const char *)stack[2];
  >   long n = 0;
  >   while (word[n]) n++;
  >   call(64, 1, (long)word, n);
  >   call(93, stack[0], 0, 0);
  > }
  > __attribute__((naked)) void _start(void) { __asm__("mv a0, sp\n j run"); }
  > C
  $ clang-19 --target=riscv64-unknown-elf -march=rv64imafd -O1 -c p.c -o p.o && ld.lld-19 p.o -o p.elf
  $ isobar exec p.elf hello there
  hello (no-eol)
  [3]
  $ isobar exec --stats p.elf x 2> stats > /dev/null
  [2]
  $ grep -cE '^ +(integer|load|branch|system|all) +[0-9]+$' stats
  5
  $ isobar exec --max-instructions 5 p.elf hello 2>&1 | head -1; echo ${PIPESTATUS[0]}
  isobar exec: p.elf: * (glob)
  3

// The program around kernels that qemu-riscv64 runs: every work-item in turn, no work-groups.
//   KERNEL COUNT INPUT-FILE sizes-of-inputs... 0 sizes-of-outputs...
// The outputs go to standard output, one after the other. Only system calls: there is no C library.
typedef unsigned long u64;
typedef void (*Kernel)(void*, void*, void*, void*, void*, void*);
struct Entry {
  const char* name;
  Kernel kernel;
};
extern struct Entry kernels[];

static long call(long number, long a, long b, long c, long d) {
  register long a7 __asm__("a7") = number;
  register long a0 __asm__("a0") = a;
  register long a1 __asm__("a1") = b;
  register long a2 __asm__("a2") = c;
  register long a3 __asm__("a3") = d;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2), "r"(a3) : "memory");
  return a0;
}
static void leave(long code) {
  for (;;) call(93, code, 0, 0, 0);
}

static u64 item, items;
u64 isobar_guest_id(unsigned dimension) __asm__("_Z13get_global_idj");
u64 isobar_guest_id(unsigned dimension) { return dimension == 0 ? item : 0; }
u64 isobar_guest_size(unsigned dimension) __asm__("_Z15get_global_sizej");
u64 isobar_guest_size(unsigned dimension) { return dimension == 0 ? items : 1; }

static unsigned char memory[1 << 23] __attribute__((aligned(128)));

static int equal(const char* a, const char* b) {
  for (; *a && *a == *b; ++a, ++b) {}
  return *a == *b;
}
static u64 number(const char* text) {
  u64 value = 0;
  for (; *text; ++text) value = value * 10 + (u64)(*text - '0');
  return value;
}

void guest_main(long* stack) {
  const long count = stack[0];
  char** arguments = (char**)(stack + 1);
  void* buffers[6] = {0};
  u64 end = 0, inputs = 0;
  items = number(arguments[2]);
  for (long i = 4, next = 0; i < count; ++i) {
    const u64 size = number(arguments[i]);
    if (size == 0) {
      inputs = end;
      continue;
    }
    end = (end + 127) & ~127ul;
    buffers[next++] = memory + end;
    end += size;
    if (end > sizeof memory) leave(4);
  }
  const long file = call(56, -100, (long)arguments[3], 0, 0);
  for (u64 done = 0; done < inputs;) {
    const long got = call(63, file, (long)(memory + done), (long)(inputs - done), 0);
    if (got <= 0) leave(2);
    done += (u64)got;
  }
  struct Entry* entry = kernels;
  for (; entry->name && !equal(entry->name, arguments[1]); ++entry) {}
  if (!entry->name) leave(3);
  for (item = 0; item < items; ++item)
    entry->kernel(buffers[0], buffers[1], buffers[2], buffers[3], buffers[4], buffers[5]);
  for (u64 done = (inputs + 127) & ~127ul; done < end;) {
    const long put = call(64, 1, (long)(memory + done), (long)(end - done), 0);
    if (put <= 0) leave(2);
    done += (u64)put;
  }
  leave(0);
}

__asm__(".globl _start\n_start:\n  mv a0, sp\n  andi sp, sp, -16\n  call guest_main\n");

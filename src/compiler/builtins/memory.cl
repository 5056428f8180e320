// What code generation calls for copies and fills of memory that it does not unroll. Eight bytes
// at a time where both sides are aligned; never turned into calls of themselves (-fno-builtin).
#include "builtins.h"
#define C_FUNCTION __attribute__((noinline, used))

C_FUNCTION void* memcpy(void* to, const void* from, size_t count) {
  uchar* t = to;
  const uchar* f = from;
  if ((((ulong)t | (ulong)f) & 7) == 0)
    for (; count >= 8; count -= 8, t += 8, f += 8) *(ulong*)t = *(const ulong*)f;
  for (; count; --count) *t++ = *f++;
  return to;
}

C_FUNCTION void* memmove(void* to, const void* from, size_t count) {
  if ((ulong)to - (ulong)from >= count) return memcpy(to, from, count);
  uchar* t = (uchar*)to + count;
  const uchar* f = (const uchar*)from + count;
  if ((((ulong)t | (ulong)f) & 7) == 0)
    for (; count >= 8; count -= 8) {
      t -= 8;
      f -= 8;
      *(ulong*)t = *(const ulong*)f;
    }
  for (; count; --count) *--t = *--f;
  return to;
}

C_FUNCTION void* memset(void* to, int value, size_t count) {
  uchar* t = to;
  const ulong eight = (uchar)value * 0x0101010101010101ul;
  if (((ulong)t & 7) == 0)
    for (; count >= 8; count -= 8, t += 8) *(ulong*)t = eight;
  for (; count; --count) *t++ = (uchar)value;
  return to;
}

C_FUNCTION int memcmp(const void* a, const void* b, size_t count) {
  const uchar *p = a, *q = b;
  for (; count; --count, ++p, ++q)
    if (*p != *q) return *p < *q ? -1 : 1;
  return 0;
}

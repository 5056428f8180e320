// Prints docs/ISA.md.
#include <cstdio>

#include "isa/manual.h"

int main() {
  std::fputs(isobar::isa::manual_page().c_str(), stdout);
  return 0;
}

// The order of basic blocks in memory, which on our chip is the order in which paths that have
// parted run: reconvergence picks the lowest pc, so lanes that go on must find the code of the
// others before their own. A block therefore comes after all it follows from, and what comes
// behind a loop after every block of the loop, or else lanes that have left it would run ahead of
// those still in it, into instructions that need them all (shuffles, votes).
// Left out: loops with several entries, which have no such order; they keep reverse post-order.
// Reference: Collange, "Stack-less SIMT reconvergence at low cost", 2011, section 3.
#pragma once

#include <llvm/IR/Module.h>

namespace isobar::clc {

void order_blocks(llvm::Module& module);

}  // namespace isobar::clc

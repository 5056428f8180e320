// A kernel's entry has no caller: it is where a work-item starts, and it ends the work-item. So it
// preserves no register for anybody, although the calling convention of RISC-V would have it store
// up to 25 of them to the stack of every lane.
#pragma once

namespace llvm {
class FunctionPass;
}

namespace isobar::clc {

/// To run between the selection of instructions and the allocation of registers.
[[nodiscard]] llvm::FunctionPass* make_entry_registers_pass();

}  // namespace isobar::clc

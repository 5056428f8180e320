// printf: each call appends one record to the launch's buffer (isa/guest_abi.h has the layout); the
// driver formats it when the kernel has ended.
#pragma once

#include <llvm/IR/Module.h>

namespace isobar::clc {

void lower_printf(llvm::Module& module);

}  // namespace isobar::clc

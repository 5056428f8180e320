// Where the compiler takes control never to come, code generation puts a trap (`unimp`), so that
// undefined behaviour is a fault and not a walk into the next function.
#pragma once

#include <llvm/IR/Module.h>

namespace isobar::clc {

/// The section of the trap that stands behind the last function.
inline constexpr char kLastSection[] = ".isobar.end";

/// Gives every trap a line of the source, for the diagnosis, and adds the trap behind the end. With
/// it a program without kernels, which is legal, has something to load.
void place_traps(llvm::Module& module);

}  // namespace isobar::clc

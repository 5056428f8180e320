// What must hold of a module between the compiler's steps, so that a defect of a step is an error
// that names it, and never a program that computes something else.
#pragma once

#include <llvm/IR/Module.h>

#include <cstddef>
#include <string_view>

namespace isobar::clc {

/// Throws UserError naming the step if what it left is not valid IR.
void verify(const llvm::Module& module, std::string_view step);

/// How often instructions and initial values mention poison, however deep in a constant.
[[nodiscard]] std::size_t count_poison(const llvm::Module& module);

}  // namespace isobar::clc

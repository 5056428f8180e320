// Kernels: their entry points, what the driver must know about them, and where their __local
// variables stand.
#pragma once

#include <llvm/IR/Module.h>

#include "elf/kernel_metadata.h"

namespace isobar::clc {

/// Reads the kernels' metadata and gives each an entry (isa/guest_abi.h) that loads its arguments
/// from the block. Everything else becomes internal to the program. Throws UserError for arguments
/// that the device does not support (images, samplers, pipes, queues).
[[nodiscard]] elf::ProgramMetadata make_entries(llvm::Module& module);

/// Makes what the built-ins brought internal too, and shields variables that work-items share from
/// optimisations that take a program for one thread's.
void prepare_for_optimisation(llvm::Module& module);

/// After optimisation: gives every __local variable its address. Variables of different kernels
/// overlap; each kernel's need is written to `metadata`.
void place_local_variables(llvm::Module& module, elf::ProgramMetadata& metadata);

}  // namespace isobar::clc

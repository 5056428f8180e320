// How much stack a work-item needs: a frame that does not fit the private window would overlap
// local memory, so the program is refused when it is built, and the driver knows the rest.
#pragma once

#include <llvm/IR/Module.h>
#include <llvm/Pass.h>

#include <cstdint>
#include <map>
#include <string>

#include "elf/kernel_metadata.h"

namespace isobar::clc {

/// Bytes of stack by function, as code generation laid them out.
using Frames = std::map<std::string, std::uint64_t>;

/// Before code generation, which cannot lay out frames of any size: throws UserError naming the
/// function and its line if its variables alone are more than the private window holds.
void check_variables_fit(const llvm::Module& module);

/// A machine pass that writes down the frame of each function, to be run when they are final.
[[nodiscard]] llvm::FunctionPass* make_frames_pass(Frames& frames);

/// Gives each kernel the stack of the deepest chain of calls below it (each function once, should
/// it call itself). Throws UserError naming kernel, largest function and sizes if that is too much.
void note_private_bytes(const llvm::Module& module, const Frames& frames,
                        elf::ProgramMetadata& metadata);

}  // namespace isobar::clc

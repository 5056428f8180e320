// What the kernels of a program did, as tables: for a person, and as CSV.
#pragma once

#include <string>

#include "device/views/profile_file.h"

namespace isobar::cli {

/// One line a kernel, in order of first launch: launches, instructions, SIMD efficiency, bytes at
/// each memory level, simulated time and its share; then the instructions by class. With
/// `detailed`, also the parts of the time. No table is wider than `columns`, unless two columns
/// are.
[[nodiscard]] std::string kernel_table(const device::Profile& profile, bool detailed,
                                       std::size_t columns);

/// The same figures, names and numbers whole: base/text/csv.h's sheet of the tables "kernels",
/// "thread instructions", and from the timed machine "issue slots", "roofline" and "energy".
[[nodiscard]] std::string kernel_csv(const device::Profile& profile);

}  // namespace isobar::cli

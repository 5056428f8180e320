// A profiler's trace from a file of any size, or a folder of them, one per rank.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "explain/trace/byte_source.h"
#include "explain/trace/trace.h"

namespace isobar::explain {

/// Reads once, front to back, in a window of a few MiB. Throws UserError "<file>: <what is wrong>
/// (<remedy>)" for what cannot be read, is no trace, is cut short, or shows no work of a device.
[[nodiscard]] Trace read_trace(const std::filesystem::path& path);
/// The same from any source; `name` is what errors call it.
[[nodiscard]] Trace read_trace(ByteSource& source, std::string name);

/// The files that were named, and of folders those that end in .json or .json.gz, sorted by name.
/// Throws UserError for a folder without any.
[[nodiscard]] std::vector<std::filesystem::path> trace_files(
    const std::vector<std::filesystem::path>& given);

}  // namespace isobar::explain

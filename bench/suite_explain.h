// Suite explain: figures of DeepSeek's published trace beside an independent reading of it, and the
// reader's speed and memory on that trace and on a gigabyte.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace isobar::bench {

/// Writes a trace of about `bytes` that repeats the events of `source`, each repetition later in
/// time than the one before, and with launch numbers of its own. Throws UserError.
void write_repeated_trace(const std::filesystem::path& source, std::size_t bytes,
                          const std::filesystem::path& target);

/// DeepSeek's trace: $ISOBAR_DEEPSEEK_TRACE, or ../shared/data beside the sources; nothing if it is
/// not there.
[[nodiscard]] std::optional<std::filesystem::path> deepseek_trace();

}  // namespace isobar::bench

// Whole files in and out. How they are written stands in output_file.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace isobar {

/// What is read where a caller names no limit of its own: far more than any file of Isobar's
/// holds, but an end to /dev/zero.
inline constexpr std::uint64_t kMostRead = std::uint64_t{4} << 30U;

/// The file's bytes. Throws UserError naming the path and the system's reason, or that the file
/// holds more than `limit` bytes.
[[nodiscard]] std::vector<std::byte> read_file(const std::filesystem::path& path,
                                               std::uint64_t limit = kMostRead);
/// The file's bytes as text (not checked to be UTF-8). Throws UserError as read_file does.
[[nodiscard]] std::string read_text(const std::filesystem::path& path,
                                    std::uint64_t limit = kMostRead);

/// The file as a whole, old or new, never a half: an OutputFile (output_file.h) in one call. Throws
/// UserError "<path>: cannot be written: <reason>" (disk full, no permission).
void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> content);
void write_text_atomically(const std::filesystem::path& path, std::string_view content);

}  // namespace isobar

// Whole files in and out. Writing is atomic: a reader sees the old content or the new one, never a
// half, and a full disk leaves the old file as it was.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace isobar {

/// The file's bytes. Throws UserError naming the path and the system's reason.
[[nodiscard]] std::vector<std::byte> read_file(const std::filesystem::path& path);
/// The file's bytes as text (not checked to be UTF-8). Throws UserError as read_file does.
[[nodiscard]] std::string read_text(const std::filesystem::path& path);

/// Writes to a temporary file beside `path`, syncs it and renames it into place. Throws UserError
/// (disk full, no permission), having removed the temporary file.
void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> content);
void write_text_atomically(const std::filesystem::path& path, std::string_view content);

}  // namespace isobar

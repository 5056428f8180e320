// Folders that are ours alone. What is read from a cache is code that runs and libraries that are
// loaded, so nobody else may have put it there: the folder and what is in it belong to this user,
// others cannot write them, and no link or parent folder on the way to them is in the hands of a
// third user (root and the owner of "/" are trusted, as everywhere).
//
// Names are walked with openat and O_NOFOLLOW, and what was opened is looked at (fstat), not what
// may have taken its name since. A folder that passes cannot be exchanged by others afterwards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace isobar {

/// Creates what is missing of it (0700) and throws UserError "<path>: ..." unless it is ours alone.
void make_private_folder(const std::filesystem::path& folder);
/// Throws UserError unless it is there and ours alone.
void require_private_folder(const std::filesystem::path& folder);

/// A file in a private folder. Throws UserError if it is not there, a link, not a regular file, not
/// ours, or others could write it, or if it holds more than `limit` bytes.
[[nodiscard]] std::vector<std::byte> read_private_file(const std::filesystem::path& path,
                                                       std::uint64_t limit);

/// A folder of this name in the user's cache, made if it is not there; nothing where the user has
/// no cache that can be used. That is said on standard error, once in a command and its children.
[[nodiscard]] std::optional<std::filesystem::path> private_cache(const std::string& name);
/// The same for reading: nothing, and nothing is said, where the folder is not there.
[[nodiscard]] std::optional<std::filesystem::path> existing_private_cache(const std::string& name);

/// Set in the environment where it has been said.
inline constexpr char kCacheIsMissingVariable[] = "ISOBAR_CACHE_IS_MISSING";
/// "isobar: <reason>; going on without a cache ...", the first time.
void say_cache_is_missing(const std::string& reason);

}  // namespace isobar

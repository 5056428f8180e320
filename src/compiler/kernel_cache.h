// Compiled programs on disk, so that the second start of a program does not compile. Entries are
// written atomically and never changed, so any number of processes may share the folder; a damaged
// entry is a miss. They are code that will run: a folder or an entry that is not this user's alone
// is not read (base/file/private_folder.h). An entry names the files that its source included and
// what they held.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace isobar::compiler {

struct CachedProgram {
  std::string log;
  std::vector<std::byte> binary;
  std::vector<std::filesystem::path> dependencies;
};

class KernelCache {
 public:
  /// Holds about `limit` bytes: what was not used for longest goes first. Where `folder` cannot be
  /// used, which is said once, or is empty, nothing is found and nothing stored.
  KernelCache(std::filesystem::path folder, std::uint64_t limit);

  /// `key` is everything that the result depends on but included files.
  [[nodiscard]] std::optional<CachedProgram> find(const std::string& key) const;
  /// A folder that cannot be written is no error: the program is compiled again next time.
  void store(const std::string& key, const CachedProgram& program) const;

 private:
  [[nodiscard]] std::filesystem::path path_of(const std::string& key) const;
  void trim() const;

  std::filesystem::path folder_;  // empty: none
  std::uint64_t limit_;
};

}  // namespace isobar::compiler

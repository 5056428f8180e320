// A text on disk that is read in parts, and again at any place, for as long as a run trains on it:
// a plain file only, since what can be read once, or never ends, cannot be trained on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace isobar::train {

/// A part of a text: where it begins in the whole, and whether nothing follows it.
struct TextPart {
  std::string_view text;
  std::uint64_t offset = 0;
  bool last = true;
};

/// Told how much of a text was read, in bytes, of how many.
using ReadingProgress = std::function<void(std::uint64_t done, std::uint64_t all)>;

class TextFile {
 public:
  /// Throws UserError naming what `path` is, if not a plain file, or the system's reason.
  explicit TextFile(std::filesystem::path path);
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;
  ~TextFile();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }

  /// The bytes at `offset`, which must lie within the file. Throws UserError if it cannot be read,
  /// or has changed since it was opened.
  void read(std::uint64_t offset, std::span<std::byte> bytes) const;

  /// From beginning to end in parts of a few megabytes. `take` says how many bytes of a part it has
  /// taken: all of them if it is the last; the others come again, at the beginning of the next.
  void for_each_part(const std::function<std::size_t(const TextPart&)>& take,
                     const ReadingProgress& progress = {}) const;

  /// Throws UserError if the file is another one, or was written to, since it was opened.
  void check_unchanged() const;

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  std::int64_t changed_ = 0;  // when its content last was, in nanoseconds
};

}  // namespace isobar::train

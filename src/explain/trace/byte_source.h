// Where a trace's bytes come from: a file or standard input ("-"), plain or gzip (told apart by its
// first bytes, several members one after the other allowed), or a text in memory for tests. Read
// once, front to back.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string_view>

namespace isobar::explain {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Up to `size` bytes into `to`; 0 at the end. Throws UserError when the file breaks off or is
  /// damaged.
  [[nodiscard]] virtual std::size_t read(char* to, std::size_t size) = 0;
};

/// Throws UserError naming the path and the system's reason.
[[nodiscard]] std::unique_ptr<ByteSource> open_source(const std::filesystem::path& path);
/// `text` must outlive the source.
[[nodiscard]] std::unique_ptr<ByteSource> text_source(std::string_view text);

}  // namespace isobar::explain

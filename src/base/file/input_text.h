// Text that arrives in pieces, from a file or from standard input ("-"), for readers that keep only
// what they are at.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/file/descriptor.h"

namespace isobar {

class InputText {
 public:
  /// Throws UserError naming the path and the system's reason. "-" is standard input.
  explicit InputText(const std::filesystem::path& path);
  /// Puts the next piece at the end of `text`; false, and nothing put, at the end. Throws
  /// UserError.
  [[nodiscard]] bool read(std::string& text);
  /// Of a regular file; 0 where nobody knows.
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// As messages name it.
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  Descriptor file_;  // none: standard input
  std::string name_;
  std::uint64_t size_ = 0;
};

}  // namespace isobar

// A folder that is gone at the end, with what is in it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace isobar {

class TemporaryFolder {
 public:
  /// <system's temporary folder>/<name>-XXXXXX. Throws UserError if it cannot be created.
  explicit TemporaryFolder(const std::string& name);
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const {
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace isobar

#include "base/file/temporary_folder.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include "base/error.h"

namespace isobar {
namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder(const std::string& name) {
  std::error_code error;
  const fs::path folder = fs::temp_directory_path(error);
  if (error)
    fail("{}: no folder for temporary files: {} (TMPDIR chooses another)",
         folder.empty() ? "TMPDIR" : folder.string(), error.message());
  std::string pattern = (folder / (name + "-XXXXXX")).string();
  if (mkdtemp(pattern.data()) == nullptr)  // 0700, and nobody else can have made it
    fail("{}: cannot create a folder: {} (TMPDIR chooses another place)", pattern,
         std::strerror(errno));
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace isobar

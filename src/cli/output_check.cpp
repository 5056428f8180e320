#include "cli/output_check.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "base/error.h"

namespace isobar::cli {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void refuse(std::string_view option, const fs::path& file, int error) {
  fail("{} {}: cannot be written: {}", option, file.string(), std::strerror(error));
}

/// Where a link leads; a file that is not there yet is where it says.
fs::path target_of(const fs::path& file) {
  std::error_code error;
  const fs::path target = fs::weakly_canonical(file, error);
  return error ? file : target;
}

}  // namespace

void check_can_write(std::string_view option, const fs::path& file) {
  const fs::path target = target_of(file);
  std::error_code ignored;
  const fs::file_status status = fs::status(target, ignored);
  if (fs::is_directory(status)) refuse(option, file, EISDIR);
  if (fs::exists(status) && ::access(target.c_str(), W_OK) != 0) refuse(option, file, errno);
  if (fs::exists(status) && !fs::is_regular_file(status)) return;  // a device, a pipe
  // Files are written beside their place and renamed, so the folder has to allow it.
  std::string temporary = target.string() + ".XXXXXX";
  const int made = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (made < 0) refuse(option, file, errno);
  ::close(made);
  ::unlink(temporary.c_str());
}

}  // namespace isobar::cli

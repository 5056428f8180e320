#include "base/file/input_text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/terminal.h"

namespace isobar {

InputText::InputText(const std::filesystem::path& path) : name_(path.string()) {
  if (name_ == "-") {
    name_ = "standard input";
    detail("reading {}", name_);
    return;
  }
  file_ = Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file_.is_open()) fail("{}: cannot be read: {}", name_, std::strerror(errno));
  struct stat status{};
  if (::fstat(file_.value(), &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0)
    size_ = static_cast<std::uint64_t>(status.st_size);
  detail("reading {} ({} bytes)", name_, size_);
}

bool InputText::read(std::string& text) {
  constexpr std::size_t kPiece = std::size_t{1} << 18U;
  const std::size_t before = text.size();
  text.resize(before + kPiece);
  const int from = file_.is_open() ? file_.value() : STDIN_FILENO;
  ssize_t got = 0;
  do got = ::read(from, text.data() + before, kPiece);
  while (got < 0 && errno == EINTR);
  text.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
  if (got < 0) fail("{}: cannot be read: {}", name_, std::strerror(errno));
  return got > 0;
}

}  // namespace isobar

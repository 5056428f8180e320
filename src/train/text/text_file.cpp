#include "train/text/text_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/terminal.h"

namespace isobar::train {
namespace {

constexpr std::size_t kPart = 8U << 20U;

/// What is not a plain file, for a message; null for one.
const char* kind_of(mode_t mode) {
  if (S_ISREG(mode)) return nullptr;
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

std::int64_t changed_at(const struct stat& status) {
  return std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
}

}  // namespace

TextFile::TextFile(std::filesystem::path path) : path_(std::move(path)) {
  // Without O_NONBLOCK a pipe that nobody writes to would hold the open itself.
  descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status{};
  if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0)
    fail("{}: cannot be read: {}", path_.string(), std::strerror(errno));
  if (const char* kind = kind_of(status.st_mode)) {
    ::close(std::exchange(descriptor_, -1));
    fail("{}: is {}, but a text is read more than once (write it to a file and name that)",
         path_.string(), kind);
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
  changed_ = changed_at(status);
  detail("reading {} ({} bytes)", path_.string(), size_);
}

TextFile::~TextFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void TextFile::check_unchanged() const {
  struct stat status{};
  if (::fstat(descriptor_, &status) != 0)
    fail("{}: cannot be read: {}", path_.string(), std::strerror(errno));
  if (static_cast<std::uint64_t>(status.st_size) != size_ || changed_at(status) != changed_)
    fail("{}: was written to while it was in use, so that this run's text is gone (start again)",
         path_.string());
}

void TextFile::read(std::uint64_t offset, std::span<std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t got =
        ::pread(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("{}: cannot be read: {}", path_.string(), std::strerror(errno));
    if (got == 0) break;  // it became shorter
    bytes = bytes.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  check_unchanged();
}

void TextFile::for_each_part(const std::function<std::size_t(const TextPart&)>& take,
                             const ReadingProgress& progress) const {
  std::string buffer;
  std::uint64_t offset = 0;  // of the buffer's first byte
  for (;;) {
    const std::size_t kept = buffer.size();
    const std::uint64_t read_to = offset + kept;
    const auto more = static_cast<std::size_t>(std::min<std::uint64_t>(kPart, size_ - read_to));
    buffer.resize(kept + more);
    read(read_to, std::as_writable_bytes(std::span(buffer).subspan(kept)));
    const bool last = read_to + more == size_;
    const std::size_t taken = take({buffer, offset, last});
    if (progress) progress(read_to + more, size_);
    if (last) return;
    offset += taken;
    buffer.erase(0, taken);
  }
}

}  // namespace isobar::train

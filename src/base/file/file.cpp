#include "base/file/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include "base/error.h"
#include "base/file/descriptor.h"
#include "base/file/output_file.h"
#include "base/terminal.h"

namespace isobar {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kMostOfAStream = std::uint64_t{512} << 20U;  // what has no size of its own

[[noreturn]] void too_large(const fs::path& path, std::uint64_t limit) {
  fail(
      "{}: cannot be read: it holds more than {} bytes, and nothing that is read here is that "
      "large",
      path.string(), limit);
}

template <class Container>
Container read_whole(const fs::path& path, std::uint64_t limit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.value() < 0) fail("{}: cannot be read: {}", path.string(), std::strerror(errno));
  Container content;
  struct stat status{};
  if (::fstat(file.value(), &status) == 0 && !S_ISREG(status.st_mode))
    limit = std::min(limit, kMostOfAStream);
  else if (limit == kMostRead)
    limit = std::numeric_limits<std::uint64_t>::max();  // its size is its own end
  if (status.st_size > 0) {
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size > limit) too_large(path, limit);
    content.reserve(size);
  }
  for (;;) {
    // Grown in steps: the size may lie (pipes, /proc) or change under us.
    const std::size_t old = content.size();
    content.resize(std::max(content.capacity(), old + 65536));
    const ssize_t got = ::read(file.value(), content.data() + old, content.size() - old);
    if (got < 0 && errno == EINTR) {
      content.resize(old);
      continue;
    }
    if (got < 0) fail("{}: cannot be read: {}", path.string(), std::strerror(errno));
    content.resize(old + static_cast<std::size_t>(got));
    if (got == 0) {
      detail("read {} ({} bytes)", path.string(), content.size());
      return content;
    }
    if (content.size() > limit) too_large(path, limit);
  }
}

}  // namespace

std::vector<std::byte> read_file(const fs::path& path, std::uint64_t limit) {
  return read_whole<std::vector<std::byte>>(path, limit);
}
std::string read_text(const fs::path& path, std::uint64_t limit) {
  return read_whole<std::string>(path, limit);
}

void write_file_atomically(const fs::path& path, std::span<const std::byte> content) {
  OutputFile file(path);
  file.write(content);
  file.commit();
}

void write_text_atomically(const fs::path& path, std::string_view content) {
  write_file_atomically(path, std::as_bytes(std::span(content)));
}

}  // namespace isobar

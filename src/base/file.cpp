#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/error.h"

namespace isobar {
namespace fs = std::filesystem;
namespace {

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  [[nodiscard]] int value() const { return value_; }
  /// close() reports delayed write errors, so a writer must ask for its answer.
  [[nodiscard]] int close() { return ::close(std::exchange(value_, -1)); }

 private:
  int value_;
};

template <class Container>
Container read_whole(const fs::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.value() < 0) fail("{}: cannot be read: {}", path.string(), std::strerror(errno));
  Container content;
  struct stat status{};
  if (::fstat(file.value(), &status) == 0 && status.st_size > 0) {
    content.reserve(static_cast<std::size_t>(status.st_size));
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
    if (got == 0) return content;
  }
}

void write_all(const Descriptor& file, std::span<const std::byte> content) {
  while (!content.empty()) {
    const ssize_t written = ::write(file.value(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw std::system_error(errno, std::generic_category());
    content = content.subspan(static_cast<std::size_t>(written));
  }
}

}  // namespace

std::vector<std::byte> read_file(const fs::path& path) {
  return read_whole<std::vector<std::byte>>(path);
}
std::string read_text(const fs::path& path) { return read_whole<std::string>(path); }

void write_file_atomically(const fs::path& path, std::span<const std::byte> content) {
  std::string temporary = path.string() + ".XXXXXX";
  Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.value() < 0) fail("{}: cannot be written: {}", path.string(), std::strerror(errno));
  try {
    write_all(file, content);
    const bool done = ::fchmod(file.value(), 0644) == 0 && ::fsync(file.value()) == 0 &&
                      file.close() == 0 && ::rename(temporary.c_str(), path.c_str()) == 0;
    if (!done) throw std::system_error(errno, std::generic_category());
  } catch (const std::system_error& error) {
    ::unlink(temporary.c_str());
    fail("{}: cannot be written: {} (the previous content, if any, is untouched)", path.string(),
         error.code().message());
  }
}

void write_text_atomically(const fs::path& path, std::string_view content) {
  write_file_atomically(path, std::as_bytes(std::span(content)));
}

}  // namespace isobar

#include "device/trouble.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "base/file/descriptor.h"
#include "base/file/file.h"
#include "base/file/temporary_folder.h"
#include "device/settings.h"

namespace isobar::device {
namespace {

constexpr std::size_t kSize = 4096;  // notes beyond it are only on standard error

/// Gone with the process.
const TemporaryFolder& folder() {
  static const TemporaryFolder own("isobar-notes");
  return own;
}

std::string notes(int file) {
  std::array<char, kSize> text{};
  const ssize_t got = ::pread(file, text.data(), text.size(), 0);
  std::string all(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  all.resize(all.find_last_not_of('\0') + 1);
  return all;
}

}  // namespace

void expect_trouble() {
  if (std::getenv(kTroubleFileVariable) != nullptr) return;
  const auto file = folder() / "trouble";
  write_text_atomically(file, std::string(kSize, '\0'));
  ::setenv(kTroubleFileVariable, file.c_str(), 1);
}

std::string noted_trouble() {
  const char* name = std::getenv(kTroubleFileVariable);
  if (name == nullptr) return {};
  const Descriptor file(::open(name, O_RDONLY | O_CLOEXEC));
  return file.is_open() ? notes(file.value()) : std::string();
}

void report_trouble(std::string_view text) {
  const std::string line = fmt::format("{}\n", text);
  std::fprintf(stderr, "isobar: %s", line.c_str());
  const char* name = std::getenv(kTroubleFileVariable);
  if (name == nullptr) return;
  const Descriptor file(::open(name, O_RDWR | O_CLOEXEC));
  if (!file.is_open() || ::flock(file.value(), LOCK_EX) != 0) return;
  const std::size_t used = notes(file.value()).size();
  if (used + line.size() <= kSize)
    (void)!::pwrite(file.value(), line.data(), line.size(), static_cast<off_t>(used));
}

}  // namespace isobar::device

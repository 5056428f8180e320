#include "base/file/private_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <utility>

#include "base/error.h"
#include "base/file/descriptor.h"
#include "base/file/paths.h"
#include "base/terminal.h"

namespace isobar {
namespace fs = std::filesystem;
namespace {

constexpr int kMostLinks = 40;  // as the kernel's own limit (path_resolution(7))
constexpr mode_t kOthersWrite = S_IWGRP | S_IWOTH;

[[noreturn]] void refuse(const fs::path& path, const std::string& reason) {
  fail("{}: not used: {}", path.string(), reason);
}

/// Follows a name from "/" on, and looks at everything that it passes.
class Walk {
 public:
  Walk(fs::path path, bool create) : path_(std::move(path)), create_(create) {
    push(fs::absolute(path_).lexically_normal());
    restart();
    anchor_ = status_.st_uid;
  }

  /// To the end, which must be ours alone.
  void finish() {
    while (!rest_.empty()) {
      check_passed();
      step();
    }
    if (status_.st_uid != ::geteuid())
      refuse(path_,
             fmt::format("it belongs to user {}, and we are user {}", status_.st_uid, ::geteuid()));
    if ((status_.st_mode & kOthersWrite) != 0)
      refuse(path_, fmt::format("others can write it (chmod go-w {})", path_.string()));
  }

 private:
  void push(const fs::path& path) {
    std::deque<std::string> parts;
    for (const fs::path& part : path)
      if (part != "/" && part != "." && !part.empty()) parts.push_back(part.string());
    rest_.insert(rest_.begin(), parts.begin(), parts.end());
  }

  void restart() {
    at_ = Descriptor(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    name_ = "/";
    if (::fstat(at_.value(), &status_) != 0) refuse(path_, std::strerror(errno));
  }

  [[nodiscard]] bool is_trusted(uid_t user) const {
    return user == 0 || user == ::geteuid() || user == anchor_;
  }

  /// The folder we stand in: could a third user exchange what it holds? In a sticky one nobody
  /// moves what others own; a group of its own (Debian gives each user one) is the user.
  void check_passed() const {
    if (!is_trusted(status_.st_uid))
      refuse(path_, fmt::format("{} belongs to user {}", name_.string(), status_.st_uid));
    if ((status_.st_mode & S_ISVTX) != 0) return;
    const bool own_group = status_.st_gid == 0 || status_.st_gid == status_.st_uid;
    if ((status_.st_mode & S_IWOTH) != 0 || ((status_.st_mode & S_IWGRP) != 0 && !own_group))
      refuse(path_, fmt::format("everybody can exchange what is in {}", name_.string()));
  }

  void step() {
    const std::string part = std::exchange(rest_.front(), {});
    rest_.pop_front();
    constexpr int kHow = O_PATH | O_NOFOLLOW | O_CLOEXEC;
    Descriptor next(::openat(at_.value(), part.c_str(), kHow));
    if (!next.is_open() && errno == ENOENT && create_) {
      if (::mkdirat(at_.value(), part.c_str(), 0700) != 0 && errno != EEXIST)
        refuse(path_,
               fmt::format("{} cannot be made: {}", (name_ / part).string(), std::strerror(errno)));
      next = Descriptor(::openat(at_.value(), part.c_str(), kHow));
    }
    if (!next.is_open() || ::fstat(next.value(), &status_) != 0)
      refuse(path_, fmt::format("{}: {}", (name_ / part).string(), std::strerror(errno)));
    if (S_ISLNK(status_.st_mode)) return follow(next, name_ / part);
    name_ /= part;
    if (!S_ISDIR(status_.st_mode)) refuse(path_, fmt::format("{} is not a folder", name_.string()));
    at_ = std::move(next);
  }

  void follow(const Descriptor& link, const fs::path& name) {
    if (!is_trusted(status_.st_uid))
      refuse(path_, fmt::format("{} is a link that user {} made", name.string(), status_.st_uid));
    if (++links_ > kMostLinks) refuse(path_, std::strerror(ELOOP));
    std::array<char, PATH_MAX> target{};
    const ssize_t size = ::readlinkat(link.value(), "", target.data(), target.size());
    if (size < 0) refuse(path_, std::strerror(errno));
    const fs::path to(std::string(target.data(), static_cast<std::size_t>(size)));
    push(to);
    if (to.is_absolute()) return restart();
    if (::fstat(at_.value(), &status_) != 0) refuse(path_, std::strerror(errno));
  }

  fs::path path_;  // as it was asked for
  fs::path name_;  // where we stand
  Descriptor at_;
  struct stat status_{};
  std::deque<std::string> rest_;  // still to walk
  uid_t anchor_ = 0;              // who owns "/": root, or what a user namespace shows for it
  int links_ = 0;
  bool create_;
};

std::optional<fs::path> cache_folder(const std::string& name, bool create) {
  const fs::path cache = cache_directory();
  if (cache.empty()) fail("neither XDG_CACHE_HOME nor a home folder is there for a cache");
  Walk(cache, create).finish();
  const fs::path folder = cache / name;
  Walk(folder, create).finish();
  return folder;
}

}  // namespace

void make_private_folder(const fs::path& folder) { Walk(folder, true).finish(); }
void require_private_folder(const fs::path& folder) { Walk(folder, false).finish(); }

std::vector<std::byte> read_private_file(const fs::path& path, std::uint64_t limit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status{};
  if (!file.is_open() || ::fstat(file.value(), &status) != 0) refuse(path, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) refuse(path, "it is not a regular file");
  if (status.st_uid != ::geteuid())
    refuse(path, fmt::format("it belongs to user {}", status.st_uid));
  if ((status.st_mode & kOthersWrite) != 0) refuse(path, "others can write it");
  if (static_cast<std::uint64_t>(status.st_size) > limit)
    refuse(path, fmt::format("it holds more than {} bytes", limit));
  std::vector<std::byte> content(static_cast<std::size_t>(status.st_size));
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t got = ::read(file.value(), content.data() + done, content.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) refuse(path, got < 0 ? std::strerror(errno) : "it was cut short meanwhile");
    done += static_cast<std::size_t>(got);
  }
  return content;
}

std::optional<fs::path> private_cache(const std::string& name) {
  try {
    return cache_folder(name, true);
  } catch (const UserError& error) {
    say_cache_is_missing(error.what());
    return std::nullopt;
  }
}

std::optional<fs::path> existing_private_cache(const std::string& name) {
  std::error_code ignored;
  const fs::path cache = cache_directory();
  if (cache.empty() || !fs::exists(cache / name, ignored)) return std::nullopt;
  try {
    return cache_folder(name, false);
  } catch (const UserError& error) {
    say_cache_is_missing(error.what());
    return std::nullopt;
  }
}

void say_cache_is_missing(const std::string& reason) {
  static std::atomic<bool> said = false;
  if (said.exchange(true) || verbosity() == Verbosity::kQuiet ||
      std::getenv(kCacheIsMissingVariable) != nullptr)
    return;
  std::fprintf(stderr,
               "isobar: %s; going on without a cache, so kernels are compiled anew each time (set "
               "XDG_CACHE_HOME to a folder of your own)\n",
               reason.c_str());
}

}  // namespace isobar

#include "base/file/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <optional>
#include <random>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/terminal.h"

namespace isobar {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kBuffer = 1U << 18U;
constexpr int kMostLinks = 40;  // as the kernel's own limit (path_resolution(7))
constexpr std::string_view kTemporaryStart = ".isobar-", kTemporaryEnd = ".tmp";

[[noreturn]] void refuse(const fs::path& path, std::string_view reason) {
  fail("{}: cannot be written: {}", path.string(), reason);
}

/// What a failed call says, with the remedy for the two failures that everybody meets.
[[noreturn]] void refuse(const fs::path& path, const fs::path& target, int error) {
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  if (error == ENOENT)
    refuse(path, fmt::format("there is no folder {} (create it first)", folder.string()));
  if (error == EISDIR) refuse(path, "it is a folder (name a file in it)");
  if (error == EACCES || error == EPERM || error == EROFS)
    refuse(path, fmt::format("{} (the folder {} or the file does not let you)",
                             std::strerror(error), folder.string()));
  refuse(path, std::strerror(error));
}

/// The descriptor that a name stands for ("/dev/stdout", "/dev/fd/5"). Opening the name again would
/// start a regular file from its beginning, beside what the descriptor's owner writes to it.
std::optional<int> descriptor_of(const fs::path& path) {
  const std::string& name = path.native();
  if (name == "/dev/stdout") return STDOUT_FILENO;
  if (name == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!name.starts_with(folder)) continue;
    int number = -1;
    const char* const end = name.data() + name.size();
    const auto [rest, error] = std::from_chars(name.data() + folder.size(), end, number);
    if (error == std::errc() && rest == end && number >= 0) return number;
  }
  return std::nullopt;
}

/// Where the name leads. By hand, because the last link's target need not be there.
fs::path follow_links(const fs::path& path) {
  fs::path target = path;
  std::error_code error;
  for (int links = 0; links < kMostLinks; ++links) {
    if (descriptor_of(target) || !fs::is_symlink(fs::symlink_status(target, error))) return target;
    const fs::path next = fs::read_symlink(target, error);
    if (error) refuse(path, target, error.value());
    target = next.is_absolute() ? next : target.parent_path() / next;
  }
  refuse(path, std::strerror(ELOOP));
}

fs::path folder_of(const fs::path& target) {
  return target.has_parent_path() ? target.parent_path() : fs::path(".");
}

fs::path temporary_name(const fs::path& folder) {
  std::random_device random;
  return folder /
         fmt::format("{}{}-{:08x}{}", kTemporaryStart, ::getpid(), random(), kTemporaryEnd);
}

/// A new file in `folder`, without a name where the system can do that. Closed on failure (errno).
Descriptor open_temporary(const fs::path& folder, mode_t mode, fs::path& name) {
  Descriptor file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, mode));
  const bool unknown = errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL;
  if (file.is_open() || !unknown) return file;
  do {
    name = temporary_name(folder);
    file = Descriptor(::open(name.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, mode));
  } while (!file.is_open() && errno == EEXIST);
  if (!file.is_open()) name.clear();
  return file;
}

/// What stands at the target now; nothing where nothing does.
std::optional<struct stat> status_of(const fs::path& path, const fs::path& target) {
  struct stat status{};
  if (::stat(target.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) refuse(path, target, EISDIR);
    if (S_ISBLK(status.st_mode)) refuse(path, "it is a block device, a whole disk (name a file)");
    return status;
  }
  if (errno != ENOENT) refuse(path, target, errno);
  if (!target.has_filename()) refuse(path, target, EISDIR);
  return std::nullopt;
}

/// Gives the new file the old one's owner and mode. False where the system does not allow it.
bool take_over(int file, const struct stat& old) {
  struct stat mine{};
  if (::fstat(file, &mine) != 0) return false;
  const bool same_owner = mine.st_uid == old.st_uid && mine.st_gid == old.st_gid;
  if (!same_owner && ::fchown(file, old.st_uid, old.st_gid) != 0) return false;
  return ::fchmod(file, old.st_mode & 07777U) == 0;
}

/// Gives a file without a name its name (open(2), O_TMPFILE). 0, or the error number.
int give_name(int file, const fs::path& name) {
  const std::string self = fmt::format("/proc/self/fd/{}", file);
  return ::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0 ? 0
                                                                                          : errno;
}

/// So that the new name itself survives a loss of power. File systems that cannot are no error.
void sync_folder(const fs::path& folder) {
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.is_open()) (void)::fsync(directory.value());
}

}  // namespace

int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

OutputFile::OutputFile(fs::path path) : path_(std::move(path)) {
  if (path_.empty()) fail("an output file needs a name; this one is empty");
  target_ = follow_links(path_);
  if (const auto descriptor = descriptor_of(target_)) {
    is_regular_ = false;
    if (*descriptor == STDOUT_FILENO) std::fflush(stdout);  // what was printed before comes before
    file_ = Descriptor(::fcntl(*descriptor, F_DUPFD_CLOEXEC, 3));
    if (!file_.is_open()) refuse(path_, target_, errno);
    return;
  }
  const auto old = status_of(path_, target_);
  is_regular_ = !old || S_ISREG(old->st_mode);
  if (!is_regular_) {
    file_ = Descriptor(::open(target_.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC));
    if (!file_.is_open()) refuse(path_, target_, errno);
    return;
  }
  if (old && ::faccessat(AT_FDCWD, target_.c_str(), W_OK, AT_EACCESS) != 0)
    refuse(path_, target_, errno);
  // The umask applies to a new file; an old one's mode may be stricter than that.
  file_ = open_temporary(folder_of(target_), old ? 0600 : 0666, temporary_);
  if (!file_.is_open()) refuse(path_, target_, errno);
  if (old) in_place_ = old->st_nlink > 1 || !take_over(file_.value(), *old);
}

OutputFile::~OutputFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void OutputFile::give_up(int error) {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  temporary_.clear();
  (void)file_.close();
  refuse(path_,
         fmt::format("{}{}", std::strerror(error),
                     is_regular_ ? " (what it held before, if anything, is untouched)" : ""));
}

void OutputFile::write(std::string_view text) {
  pending_ += text;
  if (pending_.size() >= kBuffer) flush();
}

void OutputFile::write(std::span<const std::byte> bytes) {
  write(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

void OutputFile::flush() {
  if (const int error = write_all(file_.value(), pending_)) give_up(error);
  pending_.clear();
}

void OutputFile::commit() {
  flush();
  if (!is_regular_) {
    if (file_.close() != 0) give_up(errno);
    detail("wrote {}", path_.string());
    return;
  }
  // EINVAL: a file system without sync.
  if (::fsync(file_.value()) != 0 && errno != EINVAL) give_up(errno);
  if (!in_place_) put_in_place();
  if (in_place_) replace_content();
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  temporary_.clear();
  sync_folder(folder_of(target_));
  if (file_.is_open() && file_.close() != 0) give_up(errno);
  detail("wrote {}", path_.string());
}

void OutputFile::put_in_place() {
  if (temporary_.empty()) {
    int error = EEXIST;
    fs::path name;
    while (error == EEXIST)
      error = give_name(file_.value(), name = temporary_name(folder_of(target_)));
    if (error != 0) give_up(error);
    temporary_ = name;
  }
  // Closed before the rename: what close() has to report must not be under the final name.
  Descriptor again(::fcntl(file_.value(), F_DUPFD_CLOEXEC, 3));
  if (file_.close() != 0) give_up(errno);
  if (::rename(temporary_.c_str(), target_.c_str()) == 0) {
    temporary_.clear();
    return;
  }
  if (errno != EBUSY) give_up(errno);
  file_ = std::move(again);  // something is mounted on the name
  in_place_ = true;
}

void OutputFile::replace_content() {
  struct stat fresh{}, old{};
  Descriptor target(::open(target_.c_str(), O_WRONLY | O_CLOEXEC));
  if (!target.is_open() || ::fstat(file_.value(), &fresh) != 0 ||
      ::fstat(target.value(), &old) != 0)
    give_up(errno);
  // Room first: a full disk is found while the old content is still whole.
  if (fresh.st_size > old.st_size) {
    if (const int error = ::posix_fallocate(target.value(), 0, fresh.st_size); error != 0) {
      (void)::ftruncate(target.value(), old.st_size);
      give_up(error);
    }
  }
  std::array<char, 65536> buffer{};
  off_t done = 0;
  while (done < fresh.st_size) {
    const ssize_t got = ::pread(file_.value(), buffer.data(), buffer.size(), done);
    if (got <= 0) refuse(path_, got < 0 ? std::strerror(errno) : "its new content was cut short");
    const std::string_view piece(buffer.data(), static_cast<std::size_t>(got));
    if (const int error = write_all(target.value(), piece); error != 0)
      refuse(path_, fmt::format("{} (it is damaged now)", std::strerror(error)));
    done += got;
  }
  if (::ftruncate(target.value(), fresh.st_size) != 0 || ::fsync(target.value()) != 0 ||
      target.close() != 0)
    refuse(path_, fmt::format("{} (it may be damaged now)", std::strerror(errno)));
}

AppendFile::AppendFile(fs::path path)
    : path_(std::move(path)),
      file_(::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666)) {
  if (!file_.is_open()) refuse(path_, path_, errno);
  detail("appending to {}", path_.string());
}

void AppendFile::append(std::string_view piece) {
  struct stat before{};
  const bool known = ::fstat(file_.value(), &before) == 0 && S_ISREG(before.st_mode);
  const int error = write_all(file_.value(), piece);
  if (error == 0) return;
  if (known) (void)::ftruncate(file_.value(), before.st_size);
  refuse(path_, fmt::format("{} (what it held before is whole)", std::strerror(error)));
}

void AppendFile::sync() {
  if (::fsync(file_.value()) != 0 && errno != EINVAL) refuse(path_, std::strerror(errno));
}

void check_writable(const fs::path& path) {
  if (path.empty()) fail("an output file needs a name; this one is empty");
  const fs::path target = follow_links(path);
  if (const auto descriptor = descriptor_of(target)) {
    if (::fcntl(*descriptor, F_GETFD) < 0) refuse(path, std::strerror(errno));
    return;
  }
  const auto old = status_of(path, target);
  if (old && ::faccessat(AT_FDCWD, target.c_str(), W_OK, AT_EACCESS) != 0)
    refuse(path, target, errno);
  if (old && !S_ISREG(old->st_mode)) return;  // opening a FIFO would be seen at its other end
  fs::path name;
  const Descriptor trial = open_temporary(folder_of(target), 0600, name);
  if (!trial.is_open()) refuse(path, target, errno);
  if (!name.empty()) ::unlink(name.c_str());
}

void check_folder_writable(const fs::path& folder) {
  fs::path there = folder.empty() ? fs::path(".") : fs::absolute(folder);
  std::error_code error;
  while (!fs::exists(there, error) && !error && there.has_relative_path())
    there = there.has_filename() ? there.parent_path() : there.parent_path().parent_path();
  if (error) refuse(folder, error.message());
  if (!fs::is_directory(there, error))
    refuse(folder, fmt::format("{} is a file, not a folder", there.string()));
  fs::path name;
  const Descriptor trial = open_temporary(there, 0600, name);
  if (!trial.is_open())
    refuse(folder, fmt::format("{} (in {})", std::strerror(errno), there.string()));
  if (!name.empty()) ::unlink(name.c_str());
}

void remove_left_over_outputs(const fs::path& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(kTemporaryStart) && name.ends_with(kTemporaryEnd))
      fs::remove(entry.path(), error);
  }
}

}  // namespace isobar

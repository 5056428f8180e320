// The one way out: every file that a command writes goes through here, so that a full disk, a
// folder in the way or a closed pipe is an error that names the file, and never a half file under
// its name.
//
// - A regular file is written beside its place and put there whole (flush, sync, close, rename). A
//   reader sees the old content or the new one. Killed before that, nothing is left behind where
//   the file system knows O_TMPFILE (Linux's do), else a file called .isobar-*.tmp.
// - A symbolic link is followed, also one to a file that is not there yet.
// - Permissions and owner of a file that exists stay. Where they could not (another's file that we
//   may write) and where the file has several names, the content is replaced in place, after room
//   for it has been reserved.
// - What is no regular file (/dev/null, /dev/stdout, pipes, FIFOs) is opened and written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/file/descriptor.h"

namespace isobar {

/// A file written in pieces. It takes its place at commit(); destroyed before, nothing has changed.
class OutputFile {
 public:
  /// Throws UserError where the file could not be written.
  explicit OutputFile(std::filesystem::path path);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  /// Throws UserError "<path>: cannot be written: <reason>".
  void write(std::string_view text);
  void write(std::span<const std::byte> bytes);
  /// The last call. Throws UserError as write() does.
  void commit();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  void flush();
  void put_in_place();
  void replace_content();
  [[noreturn]] void give_up(int error);

  std::filesystem::path path_;       // as the user wrote it
  std::filesystem::path target_;     // links followed
  std::filesystem::path temporary_;  // empty: the file has no name yet
  Descriptor file_;
  std::string pending_;
  bool is_regular_ = true;
  bool in_place_ = false;
};

/// A file that grows by whole pieces, under its name from the start (a log of metrics).
class AppendFile {
 public:
  /// Creates the file if it is not there. Throws UserError.
  explicit AppendFile(std::filesystem::path path);
  /// One piece, whole: if it cannot be written to its end, what was written of it is taken back,
  /// and UserError is thrown.
  void append(std::string_view piece);
  /// Waits until all of it is on the disk. Throws UserError.
  void sync();

 private:
  std::filesystem::path path_;
  Descriptor file_;
};

/// Throws UserError if an OutputFile of this name would fail now: the folder is missing or cannot
/// be written, the name is a folder's. Call it before work whose result goes there. Changes
/// nothing.
void check_writable(const std::filesystem::path& path);
/// The same for a folder that a command fills and, where it is not there, creates with its parents.
void check_folder_writable(const std::filesystem::path& folder);

/// Removes what killed writers left in `folder`. Only for a folder that nobody else writes now.
void remove_left_over_outputs(const std::filesystem::path& folder);

/// Writes all of it, also in several steps. Returns 0, or the system's error number.
[[nodiscard]] int write_all(int descriptor, std::string_view text);

}  // namespace isobar

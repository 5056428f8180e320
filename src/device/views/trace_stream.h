// The bytes of a timeline on their way to a file that is whole JSON after every piece: a piece is
// written over the tail of the last one and brings its own. So a program that is killed leaves a
// timeline up to there; and where a piece does not fit on the disk, the file ends before it, whole,
// and the loss is reported (trouble.h).
//
// A file that exists and holds something is another process's of the same program: this one's name
// gets its number. What is no regular file is written as it comes, its tail when the program ends.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "base/file/descriptor.h"

namespace isobar::device {

class TraceStream {
 public:
  /// Throws UserError if the file cannot be made.
  TraceStream(std::filesystem::path path, std::string_view head, std::string_view tail);
  TraceStream(const TraceStream&) = delete;
  TraceStream& operator=(const TraceStream&) = delete;
  ~TraceStream();

  /// `unfinished` stands between the piece and the tail until the next piece is written over it; in
  /// what is no regular file it is left out. False if it is lost, now or before.
  bool write(std::string_view piece, std::string_view unfinished = {});
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Without the tail.
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  [[nodiscard]] bool claim();
  void cut(int error);

  std::filesystem::path path_;
  std::string_view tail_;
  Descriptor file_;                      // closed: the rest is lost
  std::uint64_t size_ = 0, length_ = 0;  // without and with what the next piece is written over
  bool is_regular_ = true;
};

}  // namespace isobar::device

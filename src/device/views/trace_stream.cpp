#include "device/views/trace_stream.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/file/output_file.h"
#include "base/file/write_signals.h"
#include "device/trouble.h"

namespace isobar::device {
namespace fs = std::filesystem;
namespace {

// The device lives as long as its process, so no destructor ends what is written as it comes.
TraceStream* open_stream = nullptr;

int write_at(int file, std::string_view text, std::uint64_t offset) {
  const WriteSignalsHeld held;
  while (!text.empty()) {
    const ssize_t written = ::pwrite(file, text.data(), text.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return 0;
}

}  // namespace

TraceStream::TraceStream(fs::path path, std::string_view head, std::string_view tail)
    : path_(std::move(path)), tail_(tail) {
  if (!claim()) {
    path_ += fmt::format(".{}", ::getpid());
    if (!claim()) fail("cannot write the trace {}: another process writes it", path_.string());
  }
  if (!is_regular_) {
    open_stream = this;
    std::atexit([] {
      if (open_stream != nullptr) open_stream->write(open_stream->tail_);
    });
  }
  write(head);
}

TraceStream::~TraceStream() {
  if (open_stream != this) return;
  open_stream = nullptr;
  write(tail_);
}

/// False where another process has it.
bool TraceStream::claim() {
  file_ = Descriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | O_NOCTTY | O_CLOEXEC, 0666));
  struct stat status{};
  if (!file_.is_open() || ::fstat(file_.value(), &status) != 0)
    fail("cannot write the trace {}: {}", path_.string(), std::strerror(errno));
  is_regular_ = S_ISREG(status.st_mode);
  if (!is_regular_) return true;
  if (::flock(file_.value(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return false;
  // Looked at only now: between open and lock it may have been written.
  return ::fstat(file_.value(), &status) == 0 && status.st_size == 0;
}

bool TraceStream::write(std::string_view piece, std::string_view unfinished) {
  if (!file_.is_open()) return false;
  int error = 0;
  if (is_regular_) {
    const std::string text = fmt::format("{}{}{}", piece, unfinished, tail_);
    error = write_at(file_.value(), text, size_);
    // A shorter end than the last one leaves bytes of that behind it.
    if (error == 0 && size_ + text.size() < length_ &&
        ::ftruncate(file_.value(), static_cast<off_t>(size_ + text.size())) != 0)
      error = errno;
    length_ = size_ + text.size();
  } else {
    const WriteSignalsHeld held;
    error = write_all(file_.value(), piece);
  }
  if (error != 0) cut(error);
  if (error == 0) size_ += piece.size();
  return error == 0;
}

void TraceStream::cut(int error) {
  const Descriptor file = std::exchange(file_, {});
  const auto lost = [&](std::string_view what) {
    report_trouble(fmt::format("the trace {}: cannot be written: {} ({})", path_.string(),
                               std::strerror(error), what));
  };
  if (!is_regular_) return lost("what follows is left out");
  // The tail stood here after the last piece, so there is room for it.
  if (size_ > 0 && ::ftruncate(file.value(), static_cast<off_t>(size_)) == 0 &&
      write_at(file.value(), tail_, size_) == 0)
    return lost("it is whole up to here; what follows is left out");
  ::unlink(path_.c_str());
  lost("nothing of it is left");
}

}  // namespace isobar::device

#include "explain/trace/byte_source.h"

#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/terminal.h"

namespace isobar::explain {
namespace {

/// zlib's own reader: what does not begin like gzip passes through as it is.
class FileSource : public ByteSource {
 public:
  explicit FileSource(const std::filesystem::path& path) : name_(path.string()) {
    if (name_ == "-") {
      name_ = "standard input";
      file_.reset(gzdopen(dup(STDIN_FILENO), "rb"));
    } else {
      if (std::filesystem::is_directory(path))
        fail("{}: it is a folder, not a trace (name the files in it)", name_);
      file_.reset(gzopen(name_.c_str(), "rb"));
    }
    if (file_ == nullptr)
      fail("{}: cannot be opened: {}", name_, std::strerror(errno != 0 ? errno : ENOMEM));
    gzbuffer(file_.get(), 1U << 18U);
    detail("reading {}", name_);
  }

  std::size_t read(char* to, std::size_t size) override {
    const auto most = static_cast<unsigned>(std::min<std::size_t>(size, 1U << 30U));
    const int got = gzread(file_.get(), to, most);
    int error = Z_OK;
    const char* reason = gzerror(file_.get(), &error);
    // A file cut short answers the bytes it has and this error, which would otherwise be lost.
    if (error == Z_BUF_ERROR)
      fail("{}: the gzip file breaks off (copy it again, or record the trace again)", name_);
    if (got < 0)
      fail("{}: cannot be read: {} (is the file damaged?)", name_,
           error == Z_ERRNO ? std::strerror(errno) : reason);
    return static_cast<std::size_t>(got);
  }

 private:
  struct Close {
    void operator()(gzFile_s* file) const { gzclose(file); }
  };
  std::string name_;
  std::unique_ptr<gzFile_s, Close> file_;
};

class TextSource : public ByteSource {
 public:
  explicit TextSource(std::string_view text) : left_(text) {}
  std::size_t read(char* to, std::size_t size) override {
    const std::size_t count = left_.copy(to, size);
    left_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view left_;
};

}  // namespace

std::unique_ptr<ByteSource> open_source(const std::filesystem::path& path) {
  return std::make_unique<FileSource>(path);
}
std::unique_ptr<ByteSource> text_source(std::string_view text) {
  return std::make_unique<TextSource>(text);
}

}  // namespace isobar::explain

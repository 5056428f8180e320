// A folder for one test, gone at its end, and a disk that is full.
#pragma once

#include <sys/resource.h>

#include <csignal>
#include <string>

#include "base/error.h"
#include "base/file/temporary_folder.h"

namespace isobar::train {

struct TestFolder : TemporaryFolder {
  TestFolder() : TemporaryFolder("isobar-train-test") {}
};

/// While it lives this process cannot write a file past `bytes`: the writes fail as on a full disk
/// (with EFBIG), the kernel's SIGXFSZ being ignored.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

/// What a UserError says; "no error" if none is thrown.
template <class What>
std::string error_of(const What& what) {
  try {
    what();
  } catch (const UserError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace isobar::train

// Runs another program to its end and keeps what it printed. No shell is involved.
#pragma once

#include <string>
#include <vector>

namespace isobar {

struct SubprocessResult {
  int exit_code = 0;   ///< the program's own, or 128 + the signal that ended it
  std::string output;  ///< standard output
  std::string errors;  ///< standard error
};

/// Runs arguments[0] (looked up in PATH when it holds no slash) with standard input at end-of-file.
/// Throws UserError if it cannot be started; a non-zero exit is the caller's to judge.
[[nodiscard]] SubprocessResult run_subprocess(const std::vector<std::string>& arguments);

}  // namespace isobar

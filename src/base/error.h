// The one exception type for what the user can mend: a wrong file, option or value. It is caught
// once, in main, printed as it is, and answered with exit code 2. The text names the thing, the
// place and the remedy: "chips/mine.toml:14: l1.size is 48 KiB, but ... (try 32 or 64 KiB)".
//
// Programmer errors are assertions; faults of guest programs are simt::Fault values.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace isobar {

class UserError : public std::runtime_error {
 public:
  explicit UserError(const std::string& message) : std::runtime_error(message) {}
};

/// Throws a UserError whose text is formatted in the manner of fmt.
template <class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) {
  throw UserError(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace isobar

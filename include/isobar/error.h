// The one exception of this library. Its text names the thing, the place and the remedy.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "isobar/export.h"

namespace isobar::inline v0 {

enum class ErrorKind : std::uint8_t {
  kRequest,   // what the caller can mend: a name, a file, a value, a kernel that does not compile
  kKernel,    // a kernel did not end well; the text has work-item, instruction and source line
  kInternal,  // a defect of Isobar; please report it
};

class ISOBAR_API Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message);
  Error(const Error&) = default;
  Error& operator=(const Error&) = default;
  ~Error() override;
  [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }

 private:
  ErrorKind kind_;
};

}  // namespace isobar::inline v0

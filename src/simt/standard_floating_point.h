// The guest computes with the host's floating point: whatever the calling program has chosen
// (flushing subnormals to zero, another rounding) holds for itself only.
#pragma once

#include <cfenv>

namespace isobar::simt {

class StandardFloatingPoint {
 public:
  StandardFloatingPoint() {
    std::fegetenv(&before_);
    std::fesetenv(FE_DFL_ENV);
  }
  ~StandardFloatingPoint() { std::fesetenv(&before_); }
  StandardFloatingPoint(const StandardFloatingPoint&) = delete;
  StandardFloatingPoint& operator=(const StandardFloatingPoint&) = delete;

 private:
  std::fenv_t before_{};
};

}  // namespace isobar::simt

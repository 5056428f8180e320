// The mathematical functions of OpenCL C with their oracle on the host (long double, 64-bit
// mantissa) and the error each may have, in ULP: OpenCL C 3.0, section 7.4, full profile, and the
// table of cl_khr_fp16 for half.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace isobar::compiler {

using Real = long double;

/// f(x), f(x, y), f(x, y, z), f(x, n).
enum class Shape : std::uint8_t { kOne, kTwo, kThree, kWithInt };

struct MathFunction {
  std::string name;
  Shape shape = Shape::kOne;
  std::function<Real(Real, Real, Real)> oracle;        // an int argument comes as the second
  double float_ulp = 0, double_ulp = 0, half_ulp = 0;  // < 0: this type has no such function
  double low = 0, high = 0;  // where half of the arguments lie; the others are any bit pattern
  bool only_there = false;   // all arguments from [low, high]
};

[[nodiscard]] std::vector<MathFunction> math_functions();

}  // namespace isobar::compiler

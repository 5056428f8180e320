// See math_oracle.h. The host's long double functions are glibc's, good to about one ULP of 64
// bits. What C does not have (sinpi, rootn, powr, ...) is composed of them here.
#include "compiler/builtins/testing/math_oracle.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace isobar::compiler {
namespace {

constexpr Real kPi = std::numbers::pi_v<Real>;
constexpr Real kNaN = std::numeric_limits<Real>::quiet_NaN();
constexpr Real kInfinity = std::numeric_limits<Real>::infinity();

using Function1 = Real (*)(Real);
using Function2 = Real (*)(Real, Real);

std::function<Real(Real, Real, Real)> of(Function1 f) {
  return [f](Real x, Real, Real) { return f(x); };
}
std::function<Real(Real, Real, Real)> of(Function2 f) {
  return [f](Real x, Real y, Real) { return f(x, y); };
}

// sin and cos of pi x, exact at multiples of a half: reduce before multiplying.
Real sin_pi(Real x) {
  if (!std::isfinite(x)) return kNaN;
  const Real r = std::remainder(x, 2.0L);  // exact, |r| <= 1
  if (r == 0 || std::abs(r) == 1) return std::copysign(0.0L, x);
  return std::abs(r) <= 0.5L ? std::sin(kPi * r)
                             : std::copysign(std::sin(kPi * (1 - std::abs(r))), r);
}
Real cos_pi(Real x) {
  if (!std::isfinite(x)) return kNaN;
  const Real r = std::abs(std::remainder(x, 2.0L));
  return std::abs(r - 0.5L) < 0.25L ? std::sin(kPi * (0.5L - r))
         : r < 0.5L                 ? std::cos(kPi * r)
                                    : -std::cos(kPi * (1 - r));
}
// Section 7.5.1: tanpi(n) is copysign(0, n) for even n and copysign(0, -n) for odd n; tanpi(n +
// 1/2) is infinity for even n and -infinity for odd n.
Real tan_pi(Real x) {
  if (!std::isfinite(x)) return kNaN;
  const Real r = std::remainder(x, 2.0L);
  if (r == 0) return std::copysign(0.0L, x);
  if (std::abs(r) == 1) return std::copysign(0.0L, -x);
  if (std::abs(r) == 0.5L) return std::copysign(kInfinity, r);
  return sin_pi(x) / cos_pi(x);
}

bool is_odd(Real n) { return std::fmod(std::abs(n), 2.0L) == 1; }

Real root_n(Real x, Real n) {
  if (n == 0 || (x < 0 && !is_odd(n))) return kNaN;
  const Real magnitude = n == 1 ? std::abs(x) : std::pow(std::abs(x), 1 / n);
  return std::signbit(x) && is_odd(n) ? -magnitude : magnitude;
}
Real pow_r(Real x, Real y) {
  if (x < 0 || std::isnan(x) || std::isnan(y)) return kNaN;
  if (y == 0 && (x == 0 || std::isinf(x))) return kNaN;
  if (x == 1 && std::isinf(y)) return kNaN;
  return std::pow(std::abs(x), y);
}
Real max_mag(Real x, Real y) {
  return std::abs(x) > std::abs(y) ? x : std::abs(y) > std::abs(x) ? y : std::fmax(x, y);
}
Real min_mag(Real x, Real y) {
  return std::abs(x) < std::abs(y) ? x : std::abs(y) < std::abs(x) ? y : std::fmin(x, y);
}
// Long double has no subnormals to lose where the narrower types do, so this is exact.
Real ld_exp(Real x, Real n) {
  return std::ldexp(x, static_cast<int>(std::fmin(std::fmax(n, -5000.0L), 5000.0L)));
}

}  // namespace

std::vector<MathFunction> math_functions() {
  using enum Shape;
  return {
      {"acos", kOne, of(std::acos), 4, 4, 2, -1, 1},
      {"acosh", kOne, of(std::acosh), 4, 4, 2, 1, 100},
      {"acospi", kOne, [](Real x, Real, Real) { return std::acos(x) / kPi; }, 5, 5, 2, -1, 1},
      {"asin", kOne, of(std::asin), 4, 4, 2, -1, 1},
      {"asinh", kOne, of(std::asinh), 4, 4, 2, -100, 100},
      {"asinpi", kOne, [](Real x, Real, Real) { return std::asin(x) / kPi; }, 5, 5, 2, -1, 1},
      {"atan", kOne, of(std::atan), 5, 5, 2, -10, 10},
      {"atanh", kOne, of(std::atanh), 5, 5, 2, -1, 1},
      {"atanpi", kOne, [](Real x, Real, Real) { return std::atan(x) / kPi; }, 5, 5, 2, -10, 10},
      {"atan2", kTwo, of(std::atan2), 6, 6, 2, -10, 10},
      {"atan2pi", kTwo, [](Real y, Real x, Real) { return std::atan2(y, x) / kPi; }, 6, 6, 2, -10,
       10},
      {"cbrt", kOne, of(std::cbrt), 2, 2, 2, -1000, 1000},
      {"cos", kOne, of(std::cos), 4, 4, 2, -100, 100},
      {"cosh", kOne, of(std::cosh), 4, 4, 2, -10, 10},
      {"cospi", kOne, [](Real x, Real, Real) { return cos_pi(x); }, 4, 4, 2, -10, 10},
      {"erf", kOne, of(std::erf), 16, 16, 4, -4, 4},
      {"erfc", kOne, of(std::erfc), 16, 16, 4, -4, 10},
      {"exp", kOne, of(std::exp), 3, 3, 2, -104, 89},
      {"exp2", kOne, of(std::exp2), 3, 3, 2, -150, 128},
      {"exp10", kOne, [](Real x, Real, Real) { return exp10l(x); }, 3, 3, 2, -45, 39},
      {"expm1", kOne, of(std::expm1), 3, 3, 2, -10, 10},
      {"fabs", kOne, of(std::fabs), 0, 0, 0, -10, 10},
      {"floor", kOne, of(std::floor), 0, 0, 0, -100, 100},
      {"ceil", kOne, of(std::ceil), 0, 0, 0, -100, 100},
      {"trunc", kOne, of(std::trunc), 0, 0, 0, -100, 100},
      {"rint", kOne, of(std::rint), 0, 0, 0, -100, 100},
      {"round", kOne, of(std::round), 0, 0, 0, -100, 100},
      {"log", kOne, of(std::log), 3, 3, 2, 0.1, 10},
      {"log2", kOne, of(std::log2), 3, 3, 2, 0.1, 10},
      {"log10", kOne, of(std::log10), 3, 3, 2, 0.1, 10},
      {"log1p", kOne, of(std::log1p), 2, 2, 2, -1, 10},
      {"logb", kOne, of(std::logb), 0, 0, 0, -10, 10},
      {"rsqrt", kOne, [](Real x, Real, Real) { return 1 / std::sqrt(x); }, 2, 2, 1, 0, 100},
      {"sin", kOne, of(std::sin), 4, 4, 2, -100, 100},
      {"sinh", kOne, of(std::sinh), 4, 4, 2, -10, 10},
      {"sinpi", kOne, [](Real x, Real, Real) { return sin_pi(x); }, 4, 4, 2, -10, 10},
      {"sqrt", kOne, of(std::sqrt), 0, 0, 0, 0, 100},
      {"tan", kOne, of(std::tan), 5, 5, 2, -100, 100},
      {"tanh", kOne, of(std::tanh), 5, 5, 2, -5, 5},
      {"tanpi", kOne, [](Real x, Real, Real) { return tan_pi(x); }, 6, 6, 2, -10, 10},
      {"tgamma", kOne, of(std::tgamma), 16, 16, 4, -5, 30},
      {"copysign", kTwo, of(std::copysign), 0, 0, 0, -10, 10},
      {"fdim", kTwo, of(std::fdim), 0, 0, 0, -10, 10},
      {"fmax", kTwo, of(std::fmax), 0, 0, 0, -10, 10},
      {"fmin", kTwo, of(std::fmin), 0, 0, 0, -10, 10},
      {"fmod", kTwo, of(std::fmod), 0, 0, 0, -100, 100},
      {"hypot", kTwo, of(std::hypot), 4, 4, 2, -100, 100},
      {"maxmag", kTwo, of(max_mag), 0, 0, 0, -10, 10},
      {"minmag", kTwo, of(min_mag), 0, 0, 0, -10, 10},
      {"pow", kTwo, of(std::pow), 16, 16, 4, 0, 20},
      {"powr", kTwo, of(pow_r), 16, 16, 4, 0, 20},
      {"remainder", kTwo, of(std::remainder), 0, 0, 0, -100, 100},
      {"fma", kThree, [](Real x, Real y, Real z) { return std::fma(x, y, z); }, 0, 0, 0, -10, 10},
      {"ldexp", kWithInt, of(ld_exp), 0, 0, 0, -10, 10},
      {"pown", kWithInt, of(std::pow), 16, 16, 4, -3, 3},
      {"rootn", kWithInt, of(root_n), 16, 16, 4, 0, 100},
      // Common functions; degrees and radians are two roundings of the exact product.
      {"degrees", kOne, [](Real x, Real, Real) { return x * (180 / kPi); }, 2, 2, 2, -10, 10},
      {"radians", kOne, [](Real x, Real, Real) { return x * (kPi / 180); }, 2, 2, 2, -10, 10},
      {"sign", kOne,
       [](Real x, Real, Real) { return std::isnan(x) ? 0
                                       : x == 0      ? x
                                                     : std::copysign(1.0L, x); },
       0, 0, 0, -10, 10},
      {"step", kTwo, [](Real edge, Real x, Real) { return x < edge ? 0.0L : 1.0L; }, 0, 0, 0, -10,
       10},
      {"mix", kThree, [](Real x, Real y, Real a) { return x + (y - x) * a; }, 2, 2, 2, 0.5, 1,
       true},
      {"clamp", kThree, [](Real x, Real y, Real z) { return std::fmin(std::fmax(x, y), z); }, 0, 0,
       0, 0.5, 1, true},
      // half_: 8192 ULP by the standard. native_ is ours to define: 64 ULP where results are
      // normal, more where rounding the argument of 2^x costs it.
      {"half_exp", kOne, of(std::exp), 8192, -1, -1, -80, 80},
      {"half_exp2", kOne, of(std::exp2), 8192, -1, -1, -120, 120},
      {"half_exp10", kOne, [](Real x, Real, Real) { return exp10l(x); }, 8192, -1, -1, -35, 35},
      {"half_log", kOne, of(std::log), 8192, -1, -1, 0.1, 10},
      {"half_log2", kOne, of(std::log2), 8192, -1, -1, 0.1, 10},
      {"half_log10", kOne, of(std::log10), 8192, -1, -1, 0.1, 10},
      {"half_sin", kOne, of(std::sin), 8192, -1, -1, -100, 100},
      {"half_cos", kOne, of(std::cos), 8192, -1, -1, -100, 100},
      {"half_tan", kOne, of(std::tan), 8192, -1, -1, -100, 100},
      {"half_powr", kTwo, of(pow_r), 8192, -1, -1, 0, 20},
      {"half_recip", kOne, [](Real x, Real, Real) { return 1 / x; }, 8192, -1, -1, -10, 10},
      {"half_divide", kTwo, [](Real x, Real y, Real) { return x / y; }, 8192, -1, -1, -10, 10},
      {"half_sqrt", kOne, of(std::sqrt), 8192, -1, -1, 0, 100},
      {"half_rsqrt", kOne, [](Real x, Real, Real) { return 1 / std::sqrt(x); }, 8192, -1, -1, 0,
       100},
      {"native_exp", kOne, of(std::exp), 64, -1, -1, -87, 88, true},
      {"native_exp2", kOne, of(std::exp2), 64, -1, -1, -126, 127, true},
      {"native_exp10", kOne, [](Real x, Real, Real) { return exp10l(x); }, 128, -1, -1, -37, 38,
       true},
      {"native_log", kOne, of(std::log), 64, -1, -1, 0.1, 10, true},
      {"native_log2", kOne, of(std::log2), 64, -1, -1, 0.1, 10, true},
      {"native_log10", kOne, of(std::log10), 64, -1, -1, 0.1, 10, true},
      {"native_sin", kOne, of(std::sin), 64, -1, -1, -3.14, 3.14, true},
      {"native_cos", kOne, of(std::cos), 64, -1, -1, -1.57, 1.57, true},
      {"native_tan", kOne, of(std::tan), 64, -1, -1, -1.57, 1.57, true},
      {"native_powr", kTwo, of(pow_r), 512, -1, -1, 0.1, 20, true},
      {"native_recip", kOne, [](Real x, Real, Real) { return 1 / x; }, 64, -1, -1, -10, 10, true},
      {"native_divide", kTwo, [](Real x, Real y, Real) { return x / y; }, 64, -1, -1, -10, 10,
       true},
      {"native_sqrt", kOne, of(std::sqrt), 64, -1, -1, 0, 100, true},
      {"native_rsqrt", kOne, [](Real x, Real, Real) { return 1 / std::sqrt(x); }, 64, -1, -1, 0,
       100, true},
  };
}

}  // namespace isobar::compiler

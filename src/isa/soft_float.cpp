// From opcode to meaning, one line per instruction; the arithmetic is in the header.
#include "isa/soft_float.h"

#include <initializer_list>

#include "isa/integer_ops.h"
#include "isa/opcode_sets.h"

namespace isobar::isa {
namespace {

template <class F>
constexpr FloatResult boxed(FloatResult result) {
  return {box<F>(result.value), result.flags};
}
constexpr std::uint64_t word(std::uint64_t value) { return value & 0xffff'ffffU; }
constexpr std::uint64_t signed_word(std::uint64_t value) {
  return static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(value)});
}
/// The bits of a register as fmv.x.* moves them: the box is not looked at.
template <class F>
constexpr std::uint64_t sign_extended(std::uint64_t value) {
  value &= F::kAll;
  return is_negative<F>(value) ? value | ~F::kAll : value;
}

/// Opcodes of one format carry its letter last, or where the manual puts it.
#define ISOBAR_FLOAT_CASES(T, MoveX, MoveF)                             \
  case Opcode::kFadd##T:                                                \
    return boxed<F>(float_add<F>(x, y, mode));                          \
  case Opcode::kFsub##T:                                                \
    return boxed<F>(float_sub<F>(x, y, mode));                          \
  case Opcode::kFmul##T:                                                \
    return boxed<F>(float_mul<F>(x, y, mode));                          \
  case Opcode::kFdiv##T:                                                \
    return boxed<F>(float_div<F>(x, y, mode));                          \
  case Opcode::kFsqrt##T:                                               \
    return boxed<F>(float_sqrt<F>(x, mode));                            \
  case Opcode::kFmadd##T:                                               \
    return boxed<F>(float_fma<F>(x, y, z, mode));                       \
  case Opcode::kFmsub##T:                                               \
    return boxed<F>(float_fma<F>(x, y, z ^ F::kSign, mode));            \
  case Opcode::kFnmsub##T:                                              \
    return boxed<F>(float_fma<F>(x ^ F::kSign, y, z, mode));            \
  case Opcode::kFnmadd##T:                                              \
    return boxed<F>(float_fma<F>(x ^ F::kSign, y, z ^ F::kSign, mode)); \
  case Opcode::kFsgnj##T:                                               \
    return {box<F>((x & ~F::kSign) | (y & F::kSign)), 0};               \
  case Opcode::kFsgnjn##T:                                              \
    return {box<F>((x & ~F::kSign) | (~y & F::kSign)), 0};              \
  case Opcode::kFsgnjx##T:                                              \
    return {box<F>(x ^ (y & F::kSign)), 0};                             \
  case Opcode::kFmin##T:                                                \
    return boxed<F>(float_select<F>(x, y, false));                      \
  case Opcode::kFmax##T:                                                \
    return boxed<F>(float_select<F>(x, y, true));                       \
  case Opcode::kFeq##T:                                                 \
    return float_equal<F>(x, y);                                        \
  case Opcode::kFlt##T:                                                 \
    return float_less<F>(x, y);                                         \
  case Opcode::kFle##T:                                                 \
    return float_less_equal<F>(x, y);                                   \
  case Opcode::kFclass##T:                                              \
    return {float_class<F>(x), 0};                                      \
  case Opcode::MoveX:                                                   \
    return {sign_extended<F>(a), 0};                                    \
  case Opcode::MoveF:                                                   \
    return {box<F>(a & F::kAll), 0};                                    \
  case Opcode::kFcvtW##T:                                               \
    return float_to_integer<F, 32, true>(x, mode);                      \
  case Opcode::kFcvtWu##T:                                              \
    return float_to_integer<F, 32, false>(x, mode);                     \
  case Opcode::kFcvtL##T:                                               \
    return float_to_integer<F, 64, true>(x, mode);                      \
  case Opcode::kFcvtLu##T:                                              \
    return float_to_integer<F, 64, false>(x, mode);                     \
  case Opcode::kFcvt##T##W:                                             \
    return boxed<F>(integer_to_float<F>(signed_word(a), true, mode));   \
  case Opcode::kFcvt##T##Wu:                                            \
    return boxed<F>(integer_to_float<F>(word(a), false, mode));         \
  case Opcode::kFcvt##T##L:                                             \
    return boxed<F>(integer_to_float<F>(a, true, mode));                \
  case Opcode::kFcvt##T##Lu:                                            \
    return boxed<F>(integer_to_float<F>(a, false, mode))

// `F` is the format, x, y and z the unboxed operands; the macro's cases use them by name.
#define ISOBAR_FLOAT_FUNCTION(name, format, letter, move_x, move_f)                            \
  constexpr FloatResult name(Opcode opcode, std::uint64_t a, std::uint64_t b, std::uint64_t c, \
                             Rounding mode, bool& known) {                                     \
    using F = format;                                                                          \
    const std::uint64_t x = unbox<F>(a), y = unbox<F>(b), z = unbox<F>(c);                     \
    switch (opcode) {                                                                          \
      ISOBAR_FLOAT_CASES(letter, move_x, move_f);                                              \
      default:                                                                                 \
        known = false;                                                                         \
        return {};                                                                             \
    }                                                                                          \
  }
ISOBAR_FLOAT_FUNCTION(evaluate_half, Binary16, H, kFmvXH, kFmvHX)
ISOBAR_FLOAT_FUNCTION(evaluate_single, Binary32, S, kFmvXW, kFmvWX)
ISOBAR_FLOAT_FUNCTION(evaluate_double, Binary64, D, kFmvXD, kFmvDX)
#undef ISOBAR_FLOAT_FUNCTION
#undef ISOBAR_FLOAT_CASES

template <class To, class From>
constexpr FloatResult converted(std::uint64_t a, Rounding mode) {
  return boxed<To>(float_convert<To, From>(unbox<From>(a), mode));
}

/// `known` becomes false where the instruction computes nothing on floating-point numbers.
constexpr FloatResult evaluate(Opcode opcode, std::uint64_t a, std::uint64_t b, std::uint64_t c,
                               Rounding mode, bool& known) {
  switch (opcode) {
    case Opcode::kFcvtSD:
      return converted<Binary32, Binary64>(a, mode);
    case Opcode::kFcvtDS:
      return converted<Binary64, Binary32>(a, mode);
    case Opcode::kFcvtSH:
      return converted<Binary32, Binary16>(a, mode);
    case Opcode::kFcvtHS:
      return converted<Binary16, Binary32>(a, mode);
    case Opcode::kFcvtDH:
      return converted<Binary64, Binary16>(a, mode);
    case Opcode::kFcvtHD:
      return converted<Binary16, Binary64>(a, mode);
    default:
      break;
  }
  for (const auto of_format : {evaluate_single, evaluate_double, evaluate_half}) {
    known = true;
    const FloatResult result = of_format(opcode, a, b, c, mode, known);
    if (known) return result;
  }
  return {};
}

constexpr bool knows(Opcode opcode) {
  bool known = true;
  (void)evaluate(opcode, 0, 0, 0, Rounding::kRne, known);
  return known;
}
static_assert(first_opcode_without([](Opcode opcode) {
                return knows(opcode) == computes_float(opcode);
              }) == Opcode::kIllegal,
              "this row of the table computes on floating-point numbers, and nobody says what");

}  // namespace

FloatResult evaluate_float(Opcode opcode, std::uint64_t a, std::uint64_t b, std::uint64_t c,
                           Rounding mode) {
  bool known = true;
  const FloatResult result = evaluate(opcode, a, b, c, mode, known);
  if (!known) unknown_opcode("evaluate_float", opcode);
  return result;
}

}  // namespace isobar::isa

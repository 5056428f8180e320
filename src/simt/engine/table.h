// Which handler performs which instruction, for one vector instruction set and storage width. A row
// of the instruction table that none performs is an error of the build.
#pragma once

// Lane and chunk numbers are small, and a macro's type arguments take no parentheses.
// NOLINTBEGIN(bugprone-implicit-widening-of-multiplication-result,bugprone-macro-parentheses)

#include "isa/opcode_sets.h"
#include "simt/engine/atomics.h"
#include "simt/engine/control.h"
#include "simt/engine/fault_numbers.h"
#include "simt/engine/float.h"
#include "simt/engine/memory.h"

namespace isobar::simt::ISOBAR_ENGINE {

ISOBAR_HANDLER inline void by_lane(const Operation* operation, Warp* warp) {
  if (!exact_float(operation, warp)) return stop_at_fault(operation, warp);
  ISOBAR_NEXT;
}
ISOBAR_HANDLER inline void csr_by_lane(const Operation* operation, Warp* warp) {
  float_csr(operation, warp);
  ISOBAR_NEXT;
}

template <unsigned W, bool M>
struct Table {
  template <class F>
  static constexpr Handler rr = &integer<W, M, F, false>;
  template <class F>
  static constexpr Handler ri = &integer<W, M, F, true>;

  static constexpr Handler integer_handler(isa::Opcode opcode) {
    using enum isa::Opcode;
    switch (opcode) {
      case kLui:
      case kAuipc:
        return &constant<W, M>;
      case kAddi:
        return ri<Add>;
      case kSlti:
        return ri<Slt>;
      case kSltiu:
        return ri<Sltu>;
      case kXori:
        return ri<Xor>;
      case kOri:
        return ri<Or>;
      case kAndi:
        return ri<And>;
      case kSlli:
        return ri<Sll>;
      case kSrli:
        return ri<Srl>;
      case kSrai:
        return ri<Sra>;
      case kAddiw:
        return ri<AddW>;
      case kSlliw:
        return ri<SllW>;
      case kSrliw:
        return ri<SrlW>;
      case kSraiw:
        return ri<SraW>;
      case kAdd:
        return rr<Add>;
      case kSub:
        return rr<Sub>;
      case kSll:
        return rr<Sll>;
      case kSlt:
        return rr<Slt>;
      case kSltu:
        return rr<Sltu>;
      case kXor:
        return rr<Xor>;
      case kSrl:
        return rr<Srl>;
      case kSra:
        return rr<Sra>;
      case kOr:
        return rr<Or>;
      case kAnd:
        return rr<And>;
      case kAddw:
        return rr<AddW>;
      case kSubw:
        return rr<SubW>;
      case kSllw:
        return rr<SllW>;
      case kSrlw:
        return rr<SrlW>;
      case kSraw:
        return rr<SraW>;
      case kMul:
        return rr<Mul>;
      case kMulh:
        return rr<Mulh>;
      case kMulhsu:
        return rr<Mulhsu>;
      case kMulhu:
        return rr<Mulhu>;
      case kDiv:
        return rr<Div>;
      case kDivu:
        return rr<Divu>;
      case kRem:
        return rr<Rem>;
      case kRemu:
        return rr<Remu>;
      case kMulw:
        return rr<MulW>;
      case kDivw:
        return rr<DivW>;
      case kDivuw:
        return rr<DivuW>;
      case kRemw:
        return rr<RemW>;
      case kRemuw:
        return rr<RemuW>;
      default:
        return bit_handler(opcode);
    }
  }

  static constexpr Handler bit_handler(isa::Opcode opcode) {
    using enum isa::Opcode;
    switch (opcode) {
      case kSh1add:
        return rr<ShAdd<1>>;
      case kSh2add:
        return rr<ShAdd<2>>;
      case kSh3add:
        return rr<ShAdd<3>>;
      case kSh1addUw:
        return rr<ShAddUw<1>>;
      case kSh2addUw:
        return rr<ShAddUw<2>>;
      case kSh3addUw:
        return rr<ShAddUw<3>>;
      case kAddUw:
        return rr<ShAddUw<0>>;
      case kSlliUw:
        return ri<SlliUw>;
      case kAndn:
        return rr<Andn>;
      case kOrn:
        return rr<Orn>;
      case kXnor:
        return rr<Xnor>;
      case kMin:
        return rr<Min>;
      case kMinu:
        return rr<Minu>;
      case kMax:
        return rr<Max>;
      case kMaxu:
        return rr<Maxu>;
      case kRol:
        return rr<Rol>;
      case kRor:
        return rr<Ror>;
      case kRolw:
        return rr<RolW>;
      case kRorw:
        return rr<RorW>;
      case kRori:
        return ri<Ror>;
      case kRoriw:
        return ri<RorW>;
      case kClz:
        return ri<Clz>;
      case kCtz:
        return ri<Ctz>;
      case kCpop:
        return ri<Cpop>;
      case kClzw:
        return ri<ClzW>;
      case kCtzw:
        return ri<CtzW>;
      case kCpopw:
        return ri<CpopW>;
      case kSextB:
        return ri<SextB>;
      case kSextH:
        return ri<SextH>;
      case kZextH:
        return ri<ZextH>;
      case kOrcB:
        return ri<OrcB>;
      case kRev8:
        return ri<Rev8>;
      case kBclr:
        return rr<Bclr>;
      case kBext:
        return rr<Bext>;
      case kBinv:
        return rr<Binv>;
      case kBset:
        return rr<Bset>;
      case kBclri:
        return ri<Bclr>;
      case kBexti:
        return ri<Bext>;
      case kBinvi:
        return ri<Binv>;
      case kBseti:
        return ri<Bset>;
      case kCzeroEqz:
        return rr<CzeroEqz>;
      case kCzeroNez:
        return rr<CzeroNez>;
      default:
        return nullptr;
    }
  }

  static constexpr Handler control_handler(const Operation& operation) {
    using enum isa::Opcode;
    switch (operation.opcode) {
      case kBeq:
        return &branch<W, M, Equal>;
      case kBne:
        return &branch<W, M, Unequal>;
      case kBlt:
        return &branch<W, M, Less>;
      case kBge:
        return &branch<W, M, NotLess>;
      case kBltu:
        return &branch<W, M, Below>;
      case kBgeu:
        return &branch<W, M, NotBelow>;
      case kJal:
        return is_call(operation) ? &call<W, M> : &jump_and_link<W, M>;
      case kJalr:
        return &jump_register;
      case kFence:
      case kFenceI:
        return &nothing;
      case kEcall:
        return &fault<kCallNumber>;
      case kEbreak:
        return &fault<kBreakNumber>;
      case kIllegal:
        return &fault<kIllegalNumber>;
      case kIsobarBarrier:
        return &barrier;
      case kIsobarExit:
        return &exit_hart;
      case kIsobarShuffleIdx:
        return &shuffle<W, M, Shuffle::kIndex>;
      case kIsobarShuffleXor:
        return &shuffle<W, M, Shuffle::kXor>;
      case kIsobarShuffleUp:
        return &shuffle<W, M, Shuffle::kUp>;
      case kIsobarShuffleDown:
        return &shuffle<W, M, Shuffle::kDown>;
      case kIsobarVoteAll:
        return &vote<W, M, Vote::kAll>;
      case kIsobarVoteAny:
        return &vote<W, M, Vote::kAny>;
      case kIsobarVoteBallot:
        return &vote<W, M, Vote::kBallot>;
      default:
        return nullptr;
    }
  }

  static constexpr Handler memory_handler(isa::Opcode opcode) {
    using enum isa::Opcode;
    switch (opcode) {
      case kLb:
        return &load_register<W, M, std::int8_t>;
      case kLh:
        return &load_register<W, M, std::int16_t>;
      case kLw:
        return &load_register<W, M, std::int32_t>;
      case kLd:
        return &load_register<W, M, std::int64_t>;
      case kLbu:
        return &load_register<W, M, std::uint8_t>;
      case kLhu:
        return &load_register<W, M, std::uint16_t>;
      case kLwu:
        return &load_register<W, M, std::uint32_t>;
      case kFlw:
        return &load_register<W, M, float>;
      case kFld:
        return &load_register<W, M, double>;
      case kSb:
        return &store_register<W, M, std::uint8_t>;
      case kSh:
        return &store_register<W, M, std::uint16_t>;
      case kSw:
        return &store_register<W, M, std::uint32_t>;
      case kSd:
        return &store_register<W, M, std::uint64_t>;
      case kFsw:
        return &store_register<W, M, float>;
      case kFsd:
        return &store_register<W, M, double>;
      case kFlh:
        return &load_half<W, M>;
      case kFsh:
        return &store_half<W, M>;
#define ISOBAR_AMO(name, kind)                      \
  case kAmo##name##W:                               \
    return &atomic<W, M, Amo::kind, std::uint32_t>; \
  case kAmo##name##D:                               \
    return &atomic<W, M, Amo::kind, std::uint64_t>;
        ISOBAR_AMO(swap, kSwap)
        ISOBAR_AMO(add, kAdd)
        ISOBAR_AMO(xor, kXor)
        ISOBAR_AMO(and, kAnd)
        ISOBAR_AMO(or, kOr)
        ISOBAR_AMO(min, kMin)
        ISOBAR_AMO(max, kMax)
        ISOBAR_AMO(minu, kMinu)
        ISOBAR_AMO(maxu, kMaxu)
#undef ISOBAR_AMO
      case kLrW:
        return &load_reserved<W, M, std::uint32_t>;
      case kLrD:
        return &load_reserved<W, M, std::uint64_t>;
      case kScW:
        return &store_conditional<W, M, std::uint32_t>;
      case kScD:
        return &store_conditional<W, M, std::uint64_t>;
      default:
        return nullptr;
    }
  }

  template <class To>
  static constexpr Handler rounding_conversion(bool from_single, std::uint8_t rounding) {
    switch (rounding) {
      case 0:
      case 7:
        return from_single ? &single_to_integer<W, M, To, Direction::kNearestEven>
                           : &real_to_integer<W, M, To, Direction::kNearestEven>;
      case 1:
        return from_single ? &single_to_integer<W, M, To, Direction::kTowardsZero>
                           : &real_to_integer<W, M, To, Direction::kTowardsZero>;
      case 2:
        return from_single ? &single_to_integer<W, M, To, Direction::kDown>
                           : &real_to_integer<W, M, To, Direction::kDown>;
      case 3:
        return from_single ? &single_to_integer<W, M, To, Direction::kUp>
                           : &real_to_integer<W, M, To, Direction::kUp>;
      default:
        return nullptr;
    }
  }

  /// Conversions to integers have each static mode; the rest is fast to nearest even only.
  static constexpr Handler float_handler(isa::Opcode opcode, std::uint8_t rounding) {
    using enum isa::Opcode;
    switch (opcode) {
      case kFcvtWS:
        return rounding_conversion<ToW>(true, rounding);
      case kFcvtWuS:
        return rounding_conversion<ToWu>(true, rounding);
      case kFcvtLS:
        return rounding_conversion<ToL>(true, rounding);
      case kFcvtLuS:
        return rounding_conversion<ToLu>(true, rounding);
      case kFcvtWD:
        return rounding_conversion<ToW>(false, rounding);
      case kFcvtWuD:
        return rounding_conversion<ToWu>(false, rounding);
      case kFcvtLD:
        return rounding_conversion<ToL>(false, rounding);
      case kFcvtLuD:
        return rounding_conversion<ToLu>(false, rounding);
#define ISOBAR_UNROUNDED(suffix, one, compare) \
  case kFsgnj##suffix:                         \
    return &one<W, M, FSgnj, 2>;               \
  case kFsgnjn##suffix:                        \
    return &one<W, M, FSgnjn, 2>;              \
  case kFsgnjx##suffix:                        \
    return &one<W, M, FSgnjx, 2>;              \
  case kFmin##suffix:                          \
    return &one<W, M, FMin, 2>;                \
  case kFmax##suffix:                          \
    return &one<W, M, FMax, 2>;                \
  case kFeq##suffix:                           \
    return &compare<W, M, FEq>;                \
  case kFlt##suffix:                           \
    return &compare<W, M, FLt>;                \
  case kFle##suffix:                           \
    return &compare<W, M, FLe>;
        ISOBAR_UNROUNDED(S, single, compare_single)
        ISOBAR_UNROUNDED(D, real, compare_real)
#undef ISOBAR_UNROUNDED
      case kFmvXW:
        return &move_single_to_integer<W, M>;
      case kFmvXD:
        return &move_real_to_integer<W, M>;
      case kFmvWX:
        return &to_single<W, M, MoveBits>;
      case kFmvDX:
        return &to_real<W, M, MoveBits>;
      case kFcvtDS:
        return &single_to_real<W, M>;
      case kFcvtDW:
        return &to_real<W, M, FromW>;
      case kFcvtDWu:
        return &to_real<W, M, FromWu>;
      default:
        return rounding == 0 || rounding == 7 ? nearest_handler(opcode) : nullptr;
    }
  }

  static constexpr Handler nearest_handler(isa::Opcode opcode) {
    using enum isa::Opcode;
    switch (opcode) {
#define ISOBAR_ROUNDED(suffix, one) \
  case kFadd##suffix:               \
    return &one<W, M, FAdd, 2>;     \
  case kFsub##suffix:               \
    return &one<W, M, FSub, 2>;     \
  case kFmul##suffix:               \
    return &one<W, M, FMul, 2>;     \
  case kFdiv##suffix:               \
    return &one<W, M, FDiv, 2>;     \
  case kFsqrt##suffix:              \
    return &one<W, M, FSqrt, 1>;    \
  case kFmadd##suffix:              \
    return &one<W, M, FMadd, 3>;    \
  case kFmsub##suffix:              \
    return &one<W, M, FMsub, 3>;    \
  case kFnmsub##suffix:             \
    return &one<W, M, FNmsub, 3>;   \
  case kFnmadd##suffix:             \
    return &one<W, M, FNmadd, 3>;
      ISOBAR_ROUNDED(S, single)
      ISOBAR_ROUNDED(D, real)
#undef ISOBAR_ROUNDED
      case kFcvtSD:
        return &real_to_single<W, M>;
      case kFcvtSW:
        return &to_single<W, M, FromW>;
      case kFcvtSWu:
        return &to_single<W, M, FromWu>;
      case kFcvtSL:
        return &to_single<W, M, FromL>;
      case kFcvtSLu:
        return &to_single<W, M, FromLu>;
      case kFcvtDL:
        return &to_real<W, M, FromL>;
      case kFcvtDLu:
        return &to_real<W, M, FromLu>;
      default:
        return nullptr;
    }
  }

  static constexpr Handler csr_handler(const Operation& operation) {
    // Special registers are read-only: only csrrs and csrrc with x0, or their immediates with 0.
    const bool reads_only = operation.opcode != isa::Opcode::kCsrrw &&
                            operation.opcode != isa::Opcode::kCsrrwi && operation.rs1 == 0;
    if (operation.target == kSpecialCsr)
      return reads_only ? &read_special<W, M> : &fault<kIllegalNumber>;
    if (operation.target == kFloatCsr) return &csr_by_lane;
    return &fault<kIllegalNumber>;
  }

  static constexpr Handler find(const Operation& operation, bool exact) {
    using enum isa::Opcode;
    const isa::Opcode opcode = operation.opcode;
    if (opcode >= kCsrrw && opcode <= kCsrrci) return csr_handler(operation);
    if (Handler found = integer_handler(opcode)) return found;
    if (Handler found = control_handler(operation)) return found;
    if (Handler found = memory_handler(opcode)) return found;
    if (!isa::computes_float(opcode)) return nullptr;
    const Handler found = exact ? nullptr : float_handler(opcode, operation.rounding);
    return found != nullptr ? found : &by_lane;
  }

  /// Whether there is a handler for an instruction, whatever its rounding mode and CSR.
  static constexpr bool performs(isa::Opcode opcode) {
    Operation operation{};
    operation.opcode = opcode;
    for (operation.rounding = 0; operation.rounding < 8; ++operation.rounding)
      if (find(operation, false) == nullptr || find(operation, true) == nullptr) return false;
    return true;
  }
  static_assert(isa::first_opcode_without(performs) == isa::Opcode::kIllegal,
                "no handler performs this row of the instruction table");
  static_assert(performs(isa::Opcode::kIllegal));
};

template <unsigned W>
Handler handler(const Operation& operation, bool divergent, bool exact) {
  return divergent ? Table<W, true>::find(operation, exact)
                   : Table<W, false>::find(operation, exact);
}

inline void enter(const Operation* operation, Warp* warp) { operation->body(operation, warp); }

// ---- traced code -----------------------------------------------------------------------------

ISOBAR_HANDLER inline void traced(const Operation* operation, Warp* warp) {
  trace_operation(operation, warp);
  [[clang::musttail]] return operation->body(operation, warp);
}
ISOBAR_HANDLER inline void traced_check(const Operation* operation, Warp* warp) {
  if (operation->self >= warp->next_join) [[unlikely]] {
    [[clang::musttail]] return block_check(operation, warp);
  }
  [[clang::musttail]] return traced(operation, warp);
}
ISOBAR_HANDLER inline void traced_cross_check(const Operation* operation, Warp* warp) {
  if (warp->ahead || operation->self >= warp->next_join) [[unlikely]]
    return stop_before(operation, warp);
  [[clang::musttail]] return traced(operation, warp);
}
inline void enter_traced(const Operation* operation, Warp* warp) {
  trace_entry(operation, warp);
  operation->body(operation, warp);
}

template <unsigned W>
inline constexpr Executor kExecutor = {
    &handler<W>, &block_check,  &cross_check,        &fault<kFetchNumber>, &enter,
    &traced,     &traced_check, &traced_cross_check, &enter_traced};

}  // namespace isobar::simt::ISOBAR_ENGINE
// NOLINTEND(bugprone-implicit-widening-of-multiplication-result,bugprone-macro-parentheses)

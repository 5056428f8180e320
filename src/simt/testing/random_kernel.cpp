// The control flow of random kernels; what stands in between is random_items.h.
#include "simt/testing/random_kernel.h"

#include "simt/testing/random_items.h"

namespace isobar::simt {
namespace {

constexpr unsigned kMostLoops = 2, kMostDepth = 3;

// The functions, in this order; further ones behind them are of any kind.
constexpr unsigned kThrower = 0, kAround = 1, kMillicode = 2, kRecursive = 3, kFirstLeaf = 4,
                   kLastLeaf = 5, kFunctions = 10;

class Maker : RandomItems {
 public:
  using RandomItems::RandomItems;

  RandomKernel make() {
    exit_ = here();
    epilogue();
    make_functions();
    kernel_.entry = here();
    prologue();
    for (unsigned i = 0; i < options_.items; ++i) {
      kernel_.last_item = here();
      item();
    }
    kernel_.end = here();
    epilogue();
    return std::move(kernel_);
  }

 private:
  [[nodiscard]] bool is_free_of_order() const { return options_.family != KernelFamily::kOrdered; }

  // ---- Items: entered at the top and left at the bottom ----
  void item() {
    const unsigned kind = below(100);
    if (kind < 54) {
      compute();
    } else if (kind < 68) {
      access();
    } else if (kind < 72) {
      spill();
    } else if (kind < 75) {
      reservation();
    } else if (kind < 80) {
      // Where harts that differ are apart, who is there depends on the order.
      const bool all_come = depth_ == 0 && !in_function_;
      if (options_.family == KernelFamily::kOrdered || all_come) across();
    } else if (kind < 83) {
      if (options_.family != KernelFamily::kAlone) special_register();
    } else if (kind < 86) {
      float_register();
    } else if (kind < 91) {
      section();
    } else if (kind < 93) {
      loop();
    } else if (kind < 99) {
      call();
    } else {
      leave();
    }
  }

  void across() {
    if (options_.family != KernelFamily::kAlone) across_lanes();
  }

  /// if, or if and else.
  void section() {
    if (depth_ == kMostDepth) return;
    ++depth_;
    const Instruction branch = random_branch();
    const std::uint64_t branch_pc = emit_forward(branch);
    emit(Opcode::kAddi, 0, 0, 0, 0);  // an item may be empty, and a branch to what follows anyway
    for (unsigned i = 0, n = 1 + below(4); i < n; ++i) item();
    if (chance(50)) {
      // It may link, as a call would that nobody returns from; then lanes do not meet again.
      Instruction jump{.opcode = Opcode::kJal, .rd = destination()};
      if (is_free_of_order() && jump.rd == kOtherLink) jump.rd = 0;
      const std::uint64_t jump_pc = emit_forward(jump);
      land(branch_pc, branch);
      for (unsigned i = 0, n = 1 + below(4); i < n; ++i) item();
      land(jump_pc, jump);
    } else {
      land(branch_pc, branch);
    }
    --depth_;
  }

  /// One to four turns, lane by lane; or many hundred.
  void loop() {
    if (loops_ == kMostLoops || depth_ == kMostDepth) return;
    const bool is_long = is_free_of_order() && loops_ == 0 && long_loops_ < 2;
    const unsigned counter = in_function_ ? kFunctionLoop : kLoop + loops_;
    ++loops_;
    ++depth_;
    emit(Opcode::kLd, counter, chance(30) ? kPool : kLanePool, 0, pool_offset());
    emit(Opcode::kAndi, counter, counter, 0, is_long ? 255 : 3);
    emit(Opcode::kAddi, counter, counter, 0, is_long ? 480 : 1);
    const std::uint64_t top = here();
    if (is_long) {
      ++long_loops_;
      compute();
    } else {
      for (unsigned i = 0, n = 1 + below(2); i < n; ++i) item();
    }
    emit(Opcode::kAddi, counter, counter, 0, -1);
    test({.opcode = Opcode::kBne,
          .rs1 = static_cast<std::uint8_t>(counter),
          .immediate = static_cast<std::int64_t>(top - here())});
    --depth_;
    --loops_;
  }

  /// Some lanes end here.
  void leave() {
    if (exits_ == 3) return;
    ++exits_;
    const Instruction branch = random_branch();
    const std::uint64_t branch_pc = emit_forward(branch);
    emit(Opcode::kJal, 0, 0, 0, static_cast<std::int64_t>(exit_ - here()));
    land(branch_pc, branch);
  }

  // ---- Functions ----
  //
  // Each calls only those before it. One that calls others keeps the way back on the stack, or in a
  // register; then it calls only such as call nobody.

  void make_functions() {
    in_function_ = true;
    depth_ = kMostDepth - 1;
    for (made_ = 0; made_ < kFunctions; ++made_) {
      functions_[made_] = here();
      if (made_ == kThrower) {
        make_thrower();
      } else if (made_ == kAround) {
        make_around();
      } else if (made_ == kMillicode) {
        make_millicode();
      } else if (made_ == kRecursive) {
        make_recursive();
      } else {
        make_function(chance(60), made_ > kLastLeaf && chance(80));
      }
    }
    depth_ = 0;
    in_function_ = false;
  }

  void body() {
    for (unsigned i = 0, n = 1 + below(3); i < n; ++i) compute();
    if (chance(40)) section();
    if (chance(15) && made_ != kRecursive) loop();
  }

  void make_function(bool frame, bool calls) {
    if (frame) emit(Opcode::kAddi, kStack, kStack, 0, -32);
    if (calls && frame) emit(Opcode::kSd, 0, kStack, kLink, 8);
    if (calls && !frame) emit(Opcode::kAddi, kKeptLink, kLink, 0, 0);
    const auto end = [&] {
      if (calls && frame) emit(Opcode::kLd, kLink, kStack, 0, 8);
      if (calls && !frame) emit(Opcode::kAddi, kLink, kKeptLink, 0, 0);
      if (frame) emit(Opcode::kAddi, kStack, kStack, 0, 32);
      go_back();
    };
    const unsigned callees = (frame ? made_ : kLastLeaf + 1) - kMillicode;
    body();
    for (unsigned i = 0, n = below(3); i < n; ++i) {  // the early returns
      const Instruction branch = random_branch();
      const std::uint64_t branch_pc = emit_forward(branch);
      if (chance(50)) compute();
      end();
      land(branch_pc, branch);
      if (calls && chance(60)) call_function(kMillicode + below(callees));
      body();
    }
    if (calls) call_function(kMillicode + below(callees));
    end();
  }

  /// A return, or a jump to another function that does it.
  void go_back() {
    if (made_ > kLastLeaf && chance(30)) {
      const std::uint64_t next = functions_[kFirstLeaf + below(kLastLeaf - kFirstLeaf + 1)];
      if (chance(50)) {
        test({.opcode = Opcode::kJal, .immediate = static_cast<std::int64_t>(next - here())});
      } else {
        constant(kTemporary, next);
        test({.opcode = Opcode::kJalr, .rs1 = kTemporary});
      }
      return;
    }
    // Linking as well, it looks like one of two routines that call each other.
    const bool links = !is_free_of_order() && chance(5);
    const unsigned rd = links ? kOtherLink : 0;
    test({.opcode = Opcode::kJalr, .rd = static_cast<std::uint8_t>(rd), .rs1 = kLink});
  }

  /// As deep as a register says.
  void make_recursive() {
    const std::uint64_t begin = here();
    emit(Opcode::kAddi, kStack, kStack, 0, -32);
    emit(Opcode::kSd, 0, kStack, kLink, 16);
    body();
    const Instruction branch{.opcode = Opcode::kBeq, .rs1 = kDeeper};
    const std::uint64_t branch_pc = emit_forward(branch);
    emit(Opcode::kAddi, kDeeper, kDeeper, 0, -1);
    jump_to(begin, kLink);
    compute();
    land(branch_pc, branch);
    emit(Opcode::kLd, kLink, kStack, 0, 16);
    emit(Opcode::kAddi, kStack, kStack, 0, 32);
    if (chance(50)) body();
    test({.opcode = Opcode::kJalr, .rs1 = kLink});
  }

  /// Called and returned from through x5.
  void make_millicode() {
    keeps_other_link_ = true;
    body();
    keeps_other_link_ = false;
    test({.opcode = Opcode::kJalr, .rs1 = kOtherLink});
  }

  /// Some lanes return; the others go where the kernel's frame says, with the kernel's stack.
  void make_thrower() {
    emit(Opcode::kAddi, kStack, kStack, 0, -32);
    compute();
    const Instruction branch = random_branch();
    const std::uint64_t branch_pc = emit_forward(branch);
    constant(kStack, isa::kPrivateTop - kFrame);
    // It may look like a return. If not, and nothing else was called on the way, nobody can tell
    // that a call was left.
    const unsigned target = is_free_of_order() || chance(50) ? kLink : kTemporary;
    emit(Opcode::kLd, target, kStack, 0, 0);
    test({.opcode = Opcode::kJalr, .rs1 = static_cast<std::uint8_t>(target)});
    land(branch_pc, branch);
    emit(Opcode::kAddi, kStack, kStack, 0, 32);
    test({.opcode = Opcode::kJalr, .rs1 = kLink});
  }

  void make_around() {
    emit(Opcode::kAddi, kStack, kStack, 0, -32);
    emit(Opcode::kSd, 0, kStack, kLink, 0);
    compute();
    call_function(kThrower);
    compute();
    emit(Opcode::kLd, kLink, kStack, 0, 0);
    emit(Opcode::kAddi, kStack, kStack, 0, 32);
    test({.opcode = Opcode::kJalr, .rs1 = kLink});
  }

  // ---- Calls ----

  void jump_to(std::uint64_t address, unsigned link) {
    test({.opcode = Opcode::kJal,
          .rd = static_cast<std::uint8_t>(link),
          .immediate = static_cast<std::int64_t>(address - here())});
  }

  void call_function(unsigned which) {
    if (which == kRecursive) {
      emit(Opcode::kLd, kDeeper, chance(30) ? kPool : kLanePool, 0, pool_offset());
      emit(Opcode::kAndi, kDeeper, kDeeper, 0, 7);
    }
    jump_to(functions_[which], which == kMillicode ? kOtherLink : kLink);
  }

  void call() {
    if (in_function_) return;
    const unsigned kind = below(4);
    if (kind == 0) return call_function(kMillicode + below(kFunctions - kMillicode));
    if (kind == 1) return depth_ == 0 ? call_and_catch() : compute();
    const std::uint64_t first = functions_[kFirstLeaf + below(kFunctions - kFirstLeaf)];
    const std::uint64_t second = functions_[kFirstLeaf + below(kFunctions - kFirstLeaf)];
    constant(kTemporary, first);
    if (kind == 3) {  // some lanes here, others there
      emit(Opcode::kLd, kTemporary, kLanePool, 0, pool_offset());
      emit(Opcode::kAndi, kTemporary, kTemporary, 0, 1);
      constant(kLink, first ^ second);
      emit(Opcode::kMul, kTemporary, kTemporary, kLink, 0);
      constant(kLink, first);
      emit(Opcode::kXor, kTemporary, kTemporary, kLink, 0);
    }
    const std::int64_t distance = static_cast<std::int64_t>(below(4000)) - 2000;
    emit(Opcode::kAddi, kTemporary, kTemporary, 0, distance);
    // An odd target loses its lowest bit. The link may be the register that held the target.
    test({.opcode = Opcode::kJalr,
          .rd = kLink,
          .rs1 = kTemporary,
          .immediate = -distance + static_cast<std::int64_t>(below(2))});
  }

  /// Some lanes jump out of the calls, to where the others come a little later.
  void call_and_catch() {
    const std::uint64_t place = here();
    emit(Opcode::kAuipc, kTemporary, 0, 0, 0);
    const std::uint64_t offset_pc = here();
    Instruction offset{.opcode = Opcode::kAddi, .rd = kTemporary, .rs1 = kTemporary};
    emit(offset);
    emit(Opcode::kSd, 0, kStack, kTemporary, 0);
    call_function(chance(50) ? kThrower : kAround);
    if (chance(50)) compute();
    if (chance(50)) call_function(kFirstLeaf);
    emit(Opcode::kJal, 0, 0, 0, 4);  // paths meet where a block begins
    patch(offset_pc, offset, static_cast<std::int64_t>(here() - place));
  }

  // ---- The frame ----
  void prologue() {
    emit(Opcode::kAddi, kStack, kStack, 0, -kFrame);
    for (std::int64_t at = 0; at < kFrame; at += 8) emit(Opcode::kSd, 0, kStack, 0, at);
    emit(Opcode::kLd, kPool, 10, 0, 0);
    emit(Opcode::kLd, kScratch, 10, 0, 8);
    read_number(kLanePool);
    emit(Opcode::kSlli, kLanePool, kLanePool, 0, 3);
    emit(Opcode::kAdd, kLanePool, kLanePool, kPool, 0);
    if (options_.clears_scratch) clear_scratch();
    for (unsigned r = kFirstFree; r < kFirstFree + kFree; ++r) {
      if (chance(90)) shape_integer(r);
    }
    for (unsigned r = 0; r < 32; ++r) {
      if (chance(90)) shape_float(r);
    }
  }

  void clear_scratch() {
    constexpr std::int64_t kAtOnce = 32;
    emit(Opcode::kAddi, kTemporary, kScratch, 0, 0);
    emit(Opcode::kAddi, kLoop, 0, 0, kScratchBytes / (8 * kAtOnce));
    const std::uint64_t top = here();
    for (std::int64_t i = 0; i < kAtOnce; ++i) emit(Opcode::kSd, 0, kTemporary, 0, 8 * i);
    emit(Opcode::kAddi, kTemporary, kTemporary, 0, 8 * kAtOnce);
    emit(Opcode::kAddi, kLoop, kLoop, 0, -1);
    emit(Opcode::kBne, 0, kLoop, 0, static_cast<std::int64_t>(top - here()));
  }

  void epilogue() {
    constant(kPool, isa::kArgumentBase);
    emit(Opcode::kLd, kPool, kPool, 0, 16);
    read_special(kTemporary, isa::SpecialRegister::kGlobalLinearId);
    emit(Opcode::kAddi, kLanePool, 0, 0, kDumpEntries * 8);
    emit(Opcode::kMul, kTemporary, kTemporary, kLanePool, 0);
    emit(Opcode::kAdd, kPool, kPool, kTemporary, 0);
    std::int64_t at = 0;
    for (unsigned r = 1; r <= kDumpedIntegers; ++r, at += 8) emit(Opcode::kSd, 0, kPool, r, at);
    for (unsigned r = 0; r < 32; ++r, at += 8) emit(Opcode::kFsd, 0, kPool, r, at);
    if (options_.sees_flags) {
      emit(Opcode::kCsrrs, kTemporary, 0, 0, 3);
      emit(Opcode::kSd, 0, kPool, kTemporary, at);
    }
    emit(Opcode::kIsobarExit, 0, 0, 0, 0);
  }

  unsigned depth_ = 0, loops_ = 0, long_loops_ = 0, exits_ = 0;
  bool in_function_ = false;
  unsigned made_ = 0;
  std::array<std::uint64_t, kFunctions> functions_{};
  std::uint64_t exit_ = 0;
};

}  // namespace

RandomKernel make_random_kernel(const RandomKernelOptions& options) {
  return Maker(options).make();
}

}  // namespace isobar::simt

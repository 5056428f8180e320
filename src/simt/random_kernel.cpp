// Registers: x31 points to the middle of the pool, x30 to the same plus 8 times the lane, x29
// and x25 are the scaffold's, x28 and x27 count loops, x26 points to the scratch memory, x1 links,
// x2 is the stack pointer; the rest and all float registers belong to the random instructions.
#include "simt/random_kernel.h"

#include <array>
#include <random>

#include "isa/encode.h"
#include "isa/guest_abi.h"

namespace isobar::simt {
namespace {

using isa::CostClass;
using isa::Format;
using isa::Instruction;
using isa::InstructionInfo;
using isa::Opcode;
using isa::RegisterFile;

constexpr unsigned kLink = 1, kStack = 2, kFirstFree = 3, kFree = 22;
constexpr unsigned kSecondTemporary = 25;
constexpr unsigned kScratch = 26, kLoop = 27, kTemporary = 29, kLanePool = 30, kPool = 31;
constexpr unsigned kMostLoops = 2, kMostDepth = 3;
constexpr std::uint64_t kText = isa::kProgramBase;

class Maker {
 public:
  explicit Maker(const RandomKernelOptions& options) : options_(options), random_(options.seed) {}

  RandomKernel make() {
    for (std::uint64_t& function : functions_) make_function(function);
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
  // ---- Choices ----
  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  bool chance(unsigned percent) { return below(100) < percent; }
  std::uint8_t any_integer() { return static_cast<std::uint8_t>(below(32)); }
  std::uint8_t any_float() { return static_cast<std::uint8_t>(below(32)); }
  std::uint8_t destination() {
    return chance(3) ? std::uint8_t{0} : static_cast<std::uint8_t>(kFirstFree + below(kFree));
  }
  static bool is_free(unsigned number) {
    return number >= kFirstFree && number < kFirstFree + kFree;
  }
  std::int64_t pool_offset() { return static_cast<std::int64_t>(below(512)) * 8 - 2048; }

  // ---- Emission ----
  [[nodiscard]] std::uint64_t here() const { return kText + kernel_.text.size(); }
  void emit(const Instruction& in) {
    const std::uint32_t word = isa::encode(in);
    for (unsigned i = 0; i < 4; ++i)
      kernel_.text.push_back(static_cast<std::byte>(word >> (8 * i) & 0xffU));
  }
  void emit(Opcode opcode, unsigned rd, unsigned rs1, unsigned rs2, std::int64_t immediate) {
    emit({.opcode = opcode,
          .rd = static_cast<std::uint8_t>(rd),
          .rs1 = static_cast<std::uint8_t>(rs1),
          .rs2 = static_cast<std::uint8_t>(rs2),
          .immediate = immediate});
  }
  void test(const Instruction& in) {
    emit(in);
    ++kernel_.count[in.opcode];
  }
  /// Emits a branch or jump whose target is not known yet; gives its pc.
  std::uint64_t emit_forward(const Instruction& in) {
    const std::uint64_t pc = here();
    test(in);
    return pc;
  }
  void land(std::uint64_t pc, Instruction in) {
    in.immediate = static_cast<std::int64_t>(here() - pc);
    const std::uint32_t word = isa::encode(in);
    for (unsigned i = 0; i < 4; ++i)
      kernel_.text[pc - kText + i] = static_cast<std::byte>(word >> (8 * i) & 0xffU);
  }
  void constant(unsigned rd, std::uint64_t value) {  // below 2^31
    const std::uint64_t upper = (value + 0x800) & ~0xfffULL;
    emit(Opcode::kLui, rd, 0, 0, static_cast<std::int64_t>(upper));
    emit(Opcode::kAddi, rd, rd, 0, static_cast<std::int64_t>(value - upper));
  }
  void read_special(unsigned rd, isa::SpecialRegister which) {
    emit(Opcode::kCsrrs, rd, 0, 0, static_cast<std::int64_t>(which));
  }

  // ---- Operands in their shapes ----
  void shape_integer(unsigned number) {
    if (!is_free(number)) return;
    switch (below(4)) {
      case 0:
        emit(Opcode::kLd, number, kPool, 0, pool_offset());
        return;
      case 1:
        emit(Opcode::kLd, number, kLanePool, 0, pool_offset());
        return;
      default:
        break;
    }
    read_special(kTemporary, isa::SpecialRegister::kLane);
    if (chance(25)) {  // any step at all
      emit(Opcode::kLd, number, kPool, 0, pool_offset());
    } else {
      emit(Opcode::kAddi, number, 0, 0, static_cast<std::int64_t>(below(129)) - 64);
      if (chance(20)) emit(Opcode::kSlli, number, number, 0, below(64));
    }
    emit(Opcode::kMul, kTemporary, kTemporary, number, 0);
    emit(Opcode::kLd, number, kPool, 0, pool_offset());
    emit(Opcode::kAdd, number, number, kTemporary, 0);
  }
  void shape_float(unsigned number) {
    constexpr std::array<Opcode, 5> kLoads = {Opcode::kFlw, Opcode::kFlw, Opcode::kFld,
                                              Opcode::kFld, Opcode::kFlh};
    emit(kLoads[below(5)], number, chance(40) ? kPool : kLanePool, 0, pool_offset());
  }
  void operand(RegisterFile file, unsigned number) {
    if (!chance(60)) return;
    if (file == RegisterFile::kInteger) shape_integer(number);
    if (file == RegisterFile::kFloat) shape_float(number);
  }

  // ---- Items: entered at the top and left at the bottom ----
  void item() {
    const unsigned kind = below(100);
    if (kind < 58) {
      compute();
    } else if (kind < 76) {
      access();
    } else if (kind < 79) {
      reservation();
    } else if (kind < 84) {
      across_lanes();
    } else if (kind < 87) {
      special_register();
    } else if (kind < 90) {
      float_register();
    } else if (kind < 95) {
      section();
    } else if (kind < 97) {
      loop();
    } else {
      call();
    }
  }

  std::uint8_t pick(RegisterFile file) {
    return file == RegisterFile::kFloat ? any_float() : any_integer();
  }

  void compute() {
    const auto table = isa::instruction_table();
    const InstructionInfo& row = table[below(static_cast<unsigned>(table.size()))];
    const bool computes = row.cost <= CostClass::kFpSpecial;
    if (!computes && row.format != Format::kFence && row.opcode != Opcode::kFenceI) return;
    Instruction in{.opcode = row.opcode};
    in.rd = row.rd == RegisterFile::kFloat ? any_float() : destination();
    in.rs1 = pick(row.rs1);
    in.rs2 = pick(row.rs2);
    in.rs3 = pick(row.rs3);
    in.rounding = static_cast<std::uint8_t>(chance(60) ? 7 : below(5));
    if (row.format == Format::kI) in.immediate = static_cast<std::int64_t>(below(4096)) - 2048;
    if (row.format == Format::kShift) in.immediate = below(64);
    if (row.format == Format::kU) in.immediate = static_cast<std::int64_t>(random_() & 0xfffff000U);
    operand(row.rs1, in.rs1);
    operand(row.rs2, in.rs2);
    operand(row.rs3, in.rs3);
    if (chance(20)) make_alike(row, in);
    test(in);
  }

  /// Equal operands, or equal but for the sign: where comparisons, minimum and sums are special.
  void make_alike(const InstructionInfo& row, const Instruction& in) {
    constexpr std::array<Opcode, 4> kSigns = {Opcode::kFsgnjD, Opcode::kFsgnjnD, Opcode::kFsgnjS,
                                              Opcode::kFsgnjnS};
    if (row.rs1 != row.rs2) return;
    if (row.rs1 == RegisterFile::kFloat) emit(kSigns[below(4)], in.rs2, in.rs1, in.rs1, 0);
    if (row.rs1 == RegisterFile::kInteger && is_free(in.rs2))
      emit(Opcode::kAddi, in.rs2, in.rs1, 0, 0);
  }

  /// Leaves an address of `bytes` bytes in the temporary; gives an offset to add.
  std::int64_t address(unsigned bytes, bool distinct) {
    const auto signed_bytes = static_cast<std::int64_t>(bytes);
    std::int64_t offset = static_cast<std::int64_t>(below(64)) * signed_bytes;
    const unsigned kind = distinct ? 1 + below(2) : below(4);
    if (kind == 0) {  // one address for all
      emit(Opcode::kAddi, kTemporary, kScratch, 0, offset);
    } else if (kind == 3) {  // anywhere, collisions included
      emit(Opcode::kLd, kTemporary, kLanePool, 0, pool_offset());
      emit(Opcode::kAndi, kTemporary, kTemporary, 0, 2047 & ~(signed_bytes - 1));
      emit(Opcode::kAdd, kTemporary, kTemporary, kScratch, 0);
    } else {  // in steps; downwards as well
      const std::int64_t stride = kind == 1 ? signed_bytes : signed_bytes * (1 + below(3));
      const bool down = kind == 2 && chance(40);
      emit(Opcode::kAddi, kTemporary, 0, 0, down ? -stride : stride);
      read_special(kSecondTemporary, isa::SpecialRegister::kLane);
      emit(Opcode::kMul, kTemporary, kTemporary, kSecondTemporary, 0);
      emit(Opcode::kAdd, kTemporary, kTemporary, kScratch, 0);
      if (down) emit(Opcode::kAddi, kTemporary, kTemporary, 0, 2040);  // room for 64 lanes
    }
    return offset;
  }

  /// A load, a store or an atomic update.
  void access() {
    const auto table = isa::instruction_table();
    const InstructionInfo* row = nullptr;
    while (row == nullptr || row->memory_bytes == 0 || is_reservation(row->opcode))
      row = &table[below(static_cast<unsigned>(table.size()))];
    Instruction in{.opcode = row->opcode, .rs1 = kTemporary};
    in.rd = row->rd == RegisterFile::kFloat ? any_float() : destination();
    in.rs2 = pick(row->rs2);
    operand(row->rs2, in.rs2);
    in.immediate = address(row->memory_bytes, false);
    if (row->format == Format::kAtomic) {
      emit(Opcode::kAddi, kTemporary, kTemporary, 0, in.immediate);
      in.immediate = below(4);
    }
    test(in);
  }

  static bool is_reservation(Opcode opcode) {
    return opcode == Opcode::kLrW || opcode == Opcode::kLrD || opcode == Opcode::kScW ||
           opcode == Opcode::kScD;
  }
  void reservation() {
    const bool wide = chance(50);
    emit(Opcode::kAddi, kTemporary, kTemporary, 0, address(8, true));
    if (chance(85)) {
      test({.opcode = wide ? Opcode::kLrD : Opcode::kLrW,
            .rd = destination(),
            .rs1 = kTemporary,
            .immediate = below(4)});
    }
    if (chance(20)) emit(Opcode::kXori, kTemporary, kTemporary, 0, 8);  // another address
    const std::uint8_t value = any_integer();
    for (unsigned i = 0; i < 2; ++i) {  // the second one has no reservation
      test({.opcode = wide ? Opcode::kScD : Opcode::kScW,
            .rd = destination(),
            .rs1 = kTemporary,
            .rs2 = value,
            .immediate = below(4)});
    }
  }

  void across_lanes() {
    constexpr std::array<Opcode, 7> kOpcodes = {
        Opcode::kIsobarShuffleIdx,  Opcode::kIsobarShuffleXor, Opcode::kIsobarShuffleUp,
        Opcode::kIsobarShuffleDown, Opcode::kIsobarVoteAll,    Opcode::kIsobarVoteAny,
        Opcode::kIsobarVoteBallot};
    Instruction in{.opcode = kOpcodes[below(7)], .rd = destination()};
    in.rs1 = any_integer();
    in.rs2 = static_cast<std::uint8_t>(kFirstFree + below(kFree));
    operand(RegisterFile::kInteger, in.rs1);
    if (chance(80)) {  // a lane's number, or a little more
      emit(Opcode::kLd, in.rs2, chance(40) ? kPool : kLanePool, 0, pool_offset());
      emit(Opcode::kAndi, in.rs2, in.rs2, 0, chance(50) ? 7 : 127);
    }
    test(in);
  }

  void special_register() {
    constexpr std::array<Opcode, 4> kOpcodes = {Opcode::kCsrrs, Opcode::kCsrrc, Opcode::kCsrrsi,
                                                Opcode::kCsrrci};
    constexpr auto kFirst = static_cast<std::int64_t>(isa::SpecialRegister::kGlobalId);
    constexpr auto kLast = static_cast<std::int64_t>(isa::SpecialRegister::kLocalLinearId);
    test({.opcode = kOpcodes[below(4)],
          .rd = destination(),
          .immediate = kFirst + below(static_cast<unsigned>(kLast - kFirst + 1))});
  }

  void float_register() {
    if (!options_.sees_flags) return;
    constexpr std::array<Opcode, 6> kOpcodes = {Opcode::kCsrrw,  Opcode::kCsrrs,  Opcode::kCsrrc,
                                                Opcode::kCsrrwi, Opcode::kCsrrsi, Opcode::kCsrrci};
    Instruction in{.opcode = kOpcodes[below(6)], .rd = destination(), .immediate = 1 + below(3)};
    in.rs1 = any_integer();
    if (in.opcode < Opcode::kCsrrwi) operand(RegisterFile::kInteger, in.rs1);
    test(in);
    // Whatever that left in frm: the instructions behind it need a valid mode.
    emit(Opcode::kCsrrwi, 0, below(5), 0, 2);
  }

  Instruction random_branch() {
    constexpr std::array<Opcode, 6> kBranches = {Opcode::kBeq, Opcode::kBne,  Opcode::kBlt,
                                                 Opcode::kBge, Opcode::kBltu, Opcode::kBgeu};
    Instruction in{.opcode = kBranches[below(6)], .rs1 = any_integer(), .rs2 = any_integer()};
    if (chance(60)) {  // a bit of a value that differs from lane to lane
      emit(Opcode::kLd, kTemporary, kLanePool, 0, pool_offset());
      emit(Opcode::kAndi, kTemporary, kTemporary, 0, 1 << below(4));
      in = {.opcode = chance(50) ? Opcode::kBeq : Opcode::kBne, .rs1 = kTemporary};
    } else {
      operand(RegisterFile::kInteger, in.rs1);
      operand(RegisterFile::kInteger, in.rs2);
    }
    return in;
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
      const Instruction jump{.opcode = Opcode::kJal, .rd = destination()};
      const std::uint64_t jump_pc = emit_forward(jump);
      land(branch_pc, branch);
      for (unsigned i = 0, n = 1 + below(4); i < n; ++i) item();
      land(jump_pc, jump);
    } else {
      land(branch_pc, branch);
    }
    --depth_;
  }

  /// One to four turns, lane by lane.
  void loop() {
    if (loops_ == kMostLoops || depth_ == kMostDepth) return;
    const unsigned counter = kLoop + loops_;
    ++loops_;
    ++depth_;
    emit(Opcode::kLd, counter, chance(30) ? kPool : kLanePool, 0, pool_offset());
    emit(Opcode::kAndi, counter, counter, 0, 3);
    emit(Opcode::kAddi, counter, counter, 0, 1);
    const std::uint64_t top = here();
    for (unsigned i = 0, n = 1 + below(2); i < n; ++i) item();
    emit(Opcode::kAddi, counter, counter, 0, -1);
    test({.opcode = Opcode::kBne,
          .rs1 = static_cast<std::uint8_t>(counter),
          .immediate = static_cast<std::int64_t>(top - here())});
    --depth_;
    --loops_;
  }

  void make_function(std::uint64_t& address) {
    address = here();
    in_function_ = true;
    depth_ = kMostDepth - 1;
    const bool frame = chance(60);
    if (frame) emit(Opcode::kAddi, kStack, kStack, 0, -16);
    for (unsigned i = 0, n = 1 + below(4); i < n; ++i) compute();
    if (chance(50)) section();
    if (frame) emit(Opcode::kAddi, kStack, kStack, 0, 16);
    test({.opcode = Opcode::kJalr, .rs1 = kLink});
    depth_ = 0;
    in_function_ = false;
  }

  void call() {
    if (in_function_) return;
    const std::uint64_t first = functions_[below(kFunctions)];
    const std::uint64_t second = functions_[below(kFunctions)];
    const unsigned kind = below(3);
    if (kind == 0) {
      test({.opcode = Opcode::kJal,
            .rd = kLink,
            .immediate = static_cast<std::int64_t>(first - here())});
      return;
    }
    constant(kTemporary, first);
    if (kind == 2) {  // some lanes here, others there
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

  // ---- The frame ----
  void prologue() {
    emit(Opcode::kLd, kPool, 10, 0, 0);
    emit(Opcode::kLd, kScratch, 10, 0, 8);
    read_special(kLanePool, isa::SpecialRegister::kLane);
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
    read_special(kTemporary, isa::SpecialRegister::kLane);
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

  static constexpr unsigned kFunctions = 3;
  RandomKernelOptions options_;
  std::mt19937_64 random_;
  unsigned depth_ = 0, loops_ = 0;
  bool in_function_ = false;
  std::array<std::uint64_t, kFunctions> functions_{};
  RandomKernel kernel_;
};

}  // namespace

RandomKernel make_random_kernel(const RandomKernelOptions& options) {
  return Maker(options).make();
}

}  // namespace isobar::simt

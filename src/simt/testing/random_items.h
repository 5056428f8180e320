// The straight parts of a random kernel: choices, emission, operands in their shapes, and every
// instruction that goes on to the next one. random_kernel.cpp puts control flow around them.
//
// Registers: x31 points to the middle of the pool, x30 to the same plus 8 times the lane, x29
// and x25 are the scaffold's, x28 and x27 count loops, x26 points to the scratch memory, x22 to x24
// belong to functions, x1 links (x5 sometimes), x2 is the stack pointer; the rest and all float
// registers belong to the random instructions.
#pragma once

#include <array>
#include <random>

#include "isa/encode.h"
#include "isa/guest_abi.h"
#include "simt/testing/random_kernel.h"

namespace isobar::simt {

using isa::CostClass;
using isa::Format;
using isa::Instruction;
using isa::InstructionInfo;
using isa::Opcode;
using isa::RegisterFile;

class RandomItems {
 public:
  explicit RandomItems(const RandomKernelOptions& options)
      : options_(options), random_(options.seed) {}

 protected:
  static constexpr unsigned kLink = 1, kStack = 2, kFirstFree = 3, kOtherLink = 5, kFree = 19;
  static constexpr unsigned kFunctionLoop = 22, kDeeper = 23, kKeptLink = 24;
  static constexpr unsigned kSecondTemporary = 25;
  static constexpr unsigned kScratch = 26, kLoop = 27, kTemporary = 29, kLanePool = 30, kPool = 31;
  static constexpr std::uint64_t kText = isa::kProgramBase;
  static constexpr std::int64_t kFrame = 64, kSlots = 32;  // of the kernel; its slots for anybody

  // ---- Choices ----
  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  bool chance(unsigned percent) { return below(100) < percent; }
  std::uint8_t any_integer() { return static_cast<std::uint8_t>(below(32)); }
  std::uint8_t any_float() { return static_cast<std::uint8_t>(below(32)); }
  std::uint8_t destination() {
    const auto number = static_cast<std::uint8_t>(kFirstFree + below(kFree));
    return chance(3) || !is_free(number) ? std::uint8_t{0} : number;
  }
  [[nodiscard]] bool is_free(unsigned number) const {
    return number >= kFirstFree && number < kFirstFree + kFree &&
           !(keeps_other_link_ && number == kOtherLink);
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
  void land(std::uint64_t pc, const Instruction& in) {
    patch(pc, in, static_cast<std::int64_t>(here() - pc));
  }
  void patch(std::uint64_t pc, Instruction in, std::int64_t immediate) {
    in.immediate = immediate;
    const std::uint32_t word = isa::encode(in);
    for (unsigned i = 0; i < 4; ++i)
      kernel_.text[pc - kText + i] = static_cast<std::byte>(word >> (8 * i) & 0xffU);
  }
  void constant(unsigned rd, std::uint64_t value) {  // below 2^31
    const std::uint64_t upper = (value + 0x800) & ~0xfffULL;
    emit(Opcode::kLui, rd, 0, 0, static_cast<std::int64_t>(upper));
    emit(Opcode::kAddi, rd, rd, 0, static_cast<std::int64_t>(value - upper));
  }
  /// What tells harts apart: the lane, or in kernels for groups of any size the global id.
  void read_number(unsigned rd) {
    using enum isa::SpecialRegister;
    read_special(rd, options_.family == KernelFamily::kAlone ? kGlobalId : kLane);
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
    read_number(kTemporary);
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
    if (options_.family != KernelFamily::kOrdered) {
      read_special(kTemporary, isa::SpecialRegister::kGlobalLinearId);
      emit(Opcode::kAddi, kSecondTemporary, 0, 0, kOwnBytes);
      emit(Opcode::kMul, kTemporary, kTemporary, kSecondTemporary, 0);
      emit(Opcode::kAdd, kTemporary, kTemporary, kScratch, 0);
      // One address each, in steps of its own size where that may be a plain vector copy.
      return signed_bytes * below(kOwnBytes / bytes);
    }
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
      read_number(kSecondTemporary);
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

  /// The same stack slot of all lanes that are here, in all sizes.
  void spill() {
    constexpr std::array<Opcode, 6> kStores = {Opcode::kSd, Opcode::kSw,  Opcode::kSh,
                                               Opcode::kSb, Opcode::kFsd, Opcode::kFsw};
    constexpr std::array<Opcode, 6> kLoads = {Opcode::kLd, Opcode::kLw,  Opcode::kLhu,
                                              Opcode::kLb, Opcode::kFld, Opcode::kFlw};
    const bool stores = chance(50);
    const unsigned which = below(6);
    Instruction in{.opcode = stores ? kStores[which] : kLoads[which], .rs1 = kTemporary};
    const RegisterFile file = which < 4 ? RegisterFile::kInteger : RegisterFile::kFloat;
    (stores ? in.rs2 : in.rd) = stores ? pick(file) : which < 4 ? destination() : any_float();
    in.immediate = 8 * below(kSlots / 8);
    if (stores) operand(file, in.rs2);
    constant(kTemporary, isa::kPrivateTop - kSlots);
    test(in);
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

  RandomKernelOptions options_;
  std::mt19937_64 random_;
  bool keeps_other_link_ = false;  // in a function that returns through x5
  RandomKernel kernel_;
};

}  // namespace isobar::simt

// Registers: x31 points to the end of the log, x30 is a temporary of the scaffold, x29 counts
// loops; x0 to x28 and f0 to f31 belong to the random instructions. Memory: text at kText; at kData
// the pool of operands, at kScratch two pages for loads and stores, at kFinal the final state,
// behind it the log.
#include "isa/testing/random_program.h"

#include <array>
#include <cstring>
#include <random>

#include "elf/elf_writer.h"
#include "isa/compressed.h"
#include "isa/encode.h"

namespace isobar::isa {
namespace {

constexpr std::uint64_t kText = 0x10000, kData = 0x2000'0000;
constexpr std::uint64_t kPoolEntries = 2048;
constexpr std::uint64_t kScratch = kData + kPoolEntries * 8, kFinal = kScratch + 8192;
constexpr std::uint64_t kLog = kFinal + 4096;
constexpr unsigned kLogPointer = 31, kTemporary = 30, kLoopCounter = 29;
constexpr std::uint64_t kLogEntry = 16;

/// The compressed words that fit a purpose, found by trying them all.
struct CompressedWords {
  std::vector<std::uint16_t> plain;  // computations, loads and stores
  std::vector<std::uint16_t> skips;  // jumps and branches over the four bytes behind them
  std::vector<std::uint16_t> calls;  // c.jr and c.jalr
};

bool is_scaffold(unsigned number) { return number >= kLoopCounter; }

CompressedWords find_compressed() {
  CompressedWords words;
  for (std::uint32_t w = 0; w < 0x10000; ++w) {
    if ((w & 3U) == 3U) continue;
    const Instruction in = decode(w);
    if (in.opcode == Opcode::kIllegal) continue;
    const InstructionInfo& row = info(in.opcode);
    const auto word = static_cast<std::uint16_t>(w);
    if (row.rd == RegisterFile::kInteger && is_scaffold(in.rd)) continue;
    if (in.opcode == Opcode::kJalr) {
      if (!is_scaffold(in.rs1)) words.calls.push_back(word);
    } else if (row.cost == CostClass::kBranch) {
      if (in.immediate == 6) words.skips.push_back(word);
    } else if (row.cost != CostClass::kSystem) {
      words.plain.push_back(word);
    }
  }
  return words;
}

class Maker {
 public:
  Maker(std::uint64_t seed, unsigned size) : random_(seed), size_(size) {}

  RandomProgram make() {
    prologue();
    while (tested_ < size_) item();
    epilogue();
    finish();
    return std::move(program_);
  }

 private:
  // ---- Choices ----
  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  bool chance(unsigned percent) { return below(100) < percent; }
  std::uint8_t destination() { return static_cast<std::uint8_t>(below(kLoopCounter)); }
  std::uint8_t base_register() { return static_cast<std::uint8_t>(1 + below(kLoopCounter - 1)); }
  std::uint8_t any_float() { return static_cast<std::uint8_t>(below(32)); }

  // ---- Emission ----
  [[nodiscard]] std::uint64_t here() const { return kText + text_.size(); }
  void emit16(std::uint16_t word) {
    text_.push_back(static_cast<std::byte>(word & 0xffU));
    text_.push_back(static_cast<std::byte>(word >> 8U));
  }
  void emit(const Instruction& in) {
    const std::uint32_t word = encode(in);
    emit16(static_cast<std::uint16_t>(word & 0xffffU));
    emit16(static_cast<std::uint16_t>(word >> 16U));
  }
  void emit(Opcode opcode, unsigned rd, unsigned rs1, unsigned rs2, std::int64_t immediate) {
    emit({.opcode = opcode,
          .rd = static_cast<std::uint8_t>(rd),
          .rs1 = static_cast<std::uint8_t>(rs1),
          .rs2 = static_cast<std::uint8_t>(rs2),
          .immediate = immediate});
  }
  /// rd = address, below 2^31, in two instructions.
  void load_address(unsigned rd, std::uint64_t address) {
    const std::uint64_t upper = (address + 0x800) & ~0xfffULL;
    emit(Opcode::kLui, rd, 0, 0, static_cast<std::int64_t>(upper));
    emit(Opcode::kAddi, rd, rd, 0, static_cast<std::int64_t>(address - upper));
  }
  void count(const Instruction& in) {
    ++program_.count[in.opcode];
    ++tested_;
  }
  void log(RegisterFile file, unsigned number, std::uint64_t tested_pc) {
    program_.logged[here()] = tested_pc;
    emit(file == RegisterFile::kFloat ? Opcode::kFsd : Opcode::kSd, 0, kLogPointer,
         file == RegisterFile::kNone ? 0 : number, 0);
    emit(Opcode::kCsrrs, kTemporary, 0, 0, 3);
    emit(Opcode::kSd, 0, kLogPointer, kTemporary, 8);
    emit(Opcode::kAddi, kLogPointer, kLogPointer, 0, kLogEntry);
    log_entries_ += in_loop_ ? kMostTurns : 1;
  }
  /// Emits, counts and logs one instruction under test.
  void test(const Instruction& in) {
    const std::uint64_t pc = here();
    emit(in);
    count(in);
    const InstructionInfo& row = info(in.opcode);
    log(row.rd, in.rd, pc);
  }

  // ---- Items: groups that are entered at the top and left at the bottom ----
  void item() {
    const unsigned kind = below(100);
    if (kind < 62) {
      any_row();
    } else if (kind < 82) {
      compressed();
    } else if (kind < 87) {
      branch();
    } else if (kind < 90) {
      jump();
    } else if (kind < 94) {
      special_register();
    } else if (kind < 98) {
      reservation();
    } else if (!in_loop_) {
      loop();
    }
  }

  void operand(RegisterFile file, unsigned number) {
    if (file == RegisterFile::kNone || !chance(60)) return;
    if (file == RegisterFile::kInteger && (number == 0 || is_scaffold(number))) return;
    const unsigned entry = below(kPoolEntries);
    const std::uint64_t address = kData + entry * 8ULL;
    const std::uint64_t upper = (address + 0x800) & ~0xfffULL;
    emit(Opcode::kLui, kTemporary, 0, 0, static_cast<std::int64_t>(upper));
    emit(file == RegisterFile::kFloat ? Opcode::kFld : Opcode::kLd, number, kTemporary, 0,
         static_cast<std::int64_t>(address - upper));
  }

  Instruction random_operands(const InstructionInfo& row) {
    Instruction in{.opcode = row.opcode};
    const auto pick = [&](RegisterFile file) {
      return file == RegisterFile::kFloat ? any_float() : destination();
    };
    in.rd = pick(row.rd);
    in.rs1 = pick(row.rs1);
    in.rs2 = pick(row.rs2);
    in.rs3 = pick(row.rs3);
    in.rounding = static_cast<std::uint8_t>(chance(40) ? 7 : below(5));
    switch (row.format) {
      case Format::kI:
        in.immediate = static_cast<std::int64_t>(below(4096)) - 2048;
        break;
      case Format::kShift:
        in.immediate = below(64);
        break;
      case Format::kU:
        in.immediate = static_cast<std::int64_t>(random_() & 0xfffff000U);
        break;
      case Format::kAtomic:
        in.immediate = below(4);
        break;
      default:
        break;
    }
    return in;
  }

  /// Any instruction of the table that goes on behind itself.
  void any_row() {
    const auto table = instruction_table();
    const InstructionInfo& row = table[below(static_cast<unsigned>(table.size()))];
    if (row.extension == "Xisobar" || row.extension == "Zicond" || row.cost == CostClass::kBranch ||
        row.cost == CostClass::kSystem) {
      return;
    }
    Instruction in = random_operands(row);
    operand(row.rs2, in.rs2);
    operand(row.rs3, in.rs3);
    if (row.memory_bytes != 0) {
      in.rs1 = base_register();
      in.immediate = memory_base(in.rs1, row, in.immediate);
    } else {
      operand(row.rs1, in.rs1);
    }
    avoid_qemu_defects(in);
    test(in);
    // A store or an atomic is seen by reading back, too.
    if (row.rs2 != RegisterFile::kNone && row.memory_bytes != 0) read_back();
  }

  /// QEMU 7.2 answers ctzw of a low word that is zero with the trailing zeros of all 64 bits, where
  /// the manual ("Zbb", ctzw) says 32. So ctzw meets other words here; isa_test has that case.
  void avoid_qemu_defects(Instruction& in) {
    if (in.opcode != Opcode::kCtzw) return;
    if (in.rs1 == 0) in.rs1 = 1;
    emit(Opcode::kBseti, in.rs1, in.rs1, 0, 31);
  }

  /// Points a register into the scratch pages; returns the immediate to use.
  std::int64_t memory_base(unsigned rs1, const InstructionInfo& row, std::int64_t immediate) {
    if (row.format == Format::kAtomic) {
      const std::uint64_t offset = below(8192 / row.memory_bytes) * std::uint64_t{row.memory_bytes};
      last_address_ = kScratch + offset;
      load_address(rs1, last_address_);
      return immediate;
    }
    const std::int64_t offset = static_cast<std::int64_t>(below(4096 - 8)) - 2048;
    last_address_ = kScratch + 4096 + static_cast<std::uint64_t>(offset);
    emit(Opcode::kLui, rs1, 0, 0, static_cast<std::int64_t>(kScratch + 4096));
    return offset;
  }
  void read_back() {
    const std::uint64_t pc = here();
    load_address(kTemporary, last_address_ & ~7ULL);
    emit(Opcode::kLd, kTemporary, kTemporary, 0, 0);
    log(RegisterFile::kInteger, kTemporary, pc - 20);
  }

  void compressed() {
    static const CompressedWords words = find_compressed();
    const unsigned kind = below(10);
    if (kind == 0) return compressed_skip(words.skips);
    if (kind == 1) return compressed_call(words.calls);
    const std::uint16_t word = words.plain[below(static_cast<unsigned>(words.plain.size()))];
    const Instruction in = decode(word);
    const InstructionInfo& row = info(in.opcode);
    operand(row.rs2, in.rs2);
    if (row.memory_bytes != 0) {
      load_address(in.rs1, kScratch + below(4096));
    } else {
      operand(row.rs1, in.rs1);
    }
    const std::uint64_t pc = here();
    emit16(word);
    count(in);
    ++program_.compressed;
    log(row.rd, in.rd, pc);
    if (row.cost == CostClass::kStore) {
      emit(Opcode::kLd, kTemporary, in.rs1, 0, in.immediate);
      log(RegisterFile::kInteger, kTemporary, pc);
    }
  }
  void compressed_skip(const std::vector<std::uint16_t>& skips) {
    const std::uint16_t word = skips[below(static_cast<unsigned>(skips.size()))];
    const Instruction in = decode(word);
    if (chance(50) && in.rs1 != 0) emit(Opcode::kAddi, in.rs1, 0, 0, 0);
    const std::uint64_t pc = here();
    emit16(word);
    count(in);
    ++program_.compressed;
    skipped_instruction(pc);
  }
  void compressed_call(const std::vector<std::uint16_t>& calls) {
    const std::uint16_t word = calls[below(static_cast<unsigned>(calls.size()))];
    const Instruction in = decode(word);
    emit(Opcode::kAuipc, in.rs1, 0, 0, 0);
    emit(Opcode::kAddi, in.rs1, in.rs1, 0, 4 + 4 + 2 + 4);
    const std::uint64_t pc = here();
    emit16(word);
    count(in);
    ++program_.compressed;
    skipped_instruction(pc);
    log(RegisterFile::kInteger, in.rd, pc);
  }
  /// Four bytes that a jump may pass over, and a log that tells whether it did.
  void skipped_instruction(std::uint64_t jump_pc) {
    const unsigned rd = base_register();
    emit(Opcode::kAddi, rd, rd, 0, 1 + below(1000));
    log(RegisterFile::kInteger, rd, jump_pc);
  }

  void branch() {
    constexpr std::array<Opcode, 6> kBranches = {Opcode::kBeq, Opcode::kBne,  Opcode::kBlt,
                                                 Opcode::kBge, Opcode::kBltu, Opcode::kBgeu};
    const Instruction in{
        .opcode = kBranches[below(6)], .rs1 = destination(), .rs2 = destination(), .immediate = 8};
    operand(RegisterFile::kInteger, in.rs1);
    operand(RegisterFile::kInteger, in.rs2);
    const std::uint64_t pc = here();
    emit(in);
    count(in);
    skipped_instruction(pc);
  }

  void jump() {
    const std::uint8_t rd = destination();
    if (chance(50)) {
      const std::uint64_t pc = here();
      const Instruction in{.opcode = Opcode::kJal, .rd = rd, .immediate = 8};
      emit(in);
      count(in);
      skipped_instruction(pc);
      return;
    }
    const std::uint8_t base = base_register();
    const std::int64_t distance = static_cast<std::int64_t>(below(2000)) - 1000;
    emit(Opcode::kAuipc, base, 0, 0, 0);
    emit(Opcode::kAddi, base, base, 0, distance);
    const std::uint64_t pc = here();
    // An odd target loses its lowest bit.
    const Instruction in{.opcode = Opcode::kJalr,
                         .rd = rd,
                         .rs1 = base,
                         .immediate = 16 - distance + static_cast<std::int64_t>(below(2))};
    emit(in);
    count(in);
    skipped_instruction(pc);
    log(RegisterFile::kInteger, rd, pc);
  }

  void special_register() {
    constexpr std::array<Opcode, 6> kOpcodes = {Opcode::kCsrrw,  Opcode::kCsrrs,  Opcode::kCsrrc,
                                                Opcode::kCsrrwi, Opcode::kCsrrsi, Opcode::kCsrrci};
    Instruction in{.opcode = kOpcodes[below(6)], .rd = destination(), .immediate = 1 + below(3)};
    in.rs1 = in.opcode >= Opcode::kCsrrwi ? static_cast<std::uint8_t>(below(32)) : destination();
    if (info(in.opcode).rs1 != RegisterFile::kNone) operand(RegisterFile::kInteger, in.rs1);
    test(in);
    // Whatever that left in frm: the instructions behind it need a valid mode.
    emit(Opcode::kCsrrwi, 0, below(5), 0, 2);
  }

  /// LR and SC on one address, on two, and SC without LR.
  void reservation() {
    const bool wide = chance(50);
    const std::uint8_t base = base_register();
    std::uint8_t rd = destination();
    if (rd == base) rd = 0;
    const InstructionInfo& sc = info(wide ? Opcode::kScD : Opcode::kScW);
    (void)memory_base(base, sc, 0);
    if (chance(85)) {
      test({.opcode = wide ? Opcode::kLrD : Opcode::kLrW,
            .rd = rd,
            .rs1 = base,
            .immediate = below(4)});
    }
    if (chance(25)) (void)memory_base(base, sc, 0);
    test({.opcode = sc.opcode,
          .rd = destination(),
          .rs1 = base,
          .rs2 = destination(),
          .immediate = below(4)});
    read_back();
  }

  void loop() {
    const unsigned turns = 2 + below(kMostTurns - 1);
    emit(Opcode::kAddi, kLoopCounter, 0, 0, turns);
    in_loop_ = true;
    const std::uint64_t top = here();
    for (unsigned i = 0; i < 4; ++i) item();
    in_loop_ = false;
    emit(Opcode::kAddi, kLoopCounter, kLoopCounter, 0, -1);
    const Instruction back{.opcode = Opcode::kBne,
                           .rs1 = kLoopCounter,
                           .immediate = static_cast<std::int64_t>(top - here())};
    emit(back);
    count(back);
  }

  // ---- The frame ----
  void prologue() {
    for (unsigned i = 0; i < kPoolEntries; ++i) pool_.push_back(interesting_value(random_));
    load_address(kLogPointer, kLog);
    load_address(kTemporary, kData + 2048);
    for (unsigned i = 0; i < 32; ++i)
      emit(Opcode::kFld, i, kTemporary, 0, static_cast<std::int64_t>(i) * 8);
    for (unsigned i = 1; i < kLoopCounter; ++i)
      emit(Opcode::kLd, i, kTemporary, 0, static_cast<std::int64_t>(i) * 8 - 1024);
    emit(Opcode::kAddi, kLoopCounter, 0, 0, 0);
    emit(Opcode::kCsrrwi, 0, 0, 0, 3);
  }

  void epilogue() {
    constexpr unsigned kA0 = 10, kA1 = 11, kA2 = 12, kA7 = 17;
    load_address(kTemporary, kFinal);
    for (unsigned i = 0; i < 32; ++i)
      emit(Opcode::kSd, 0, kTemporary, i == kTemporary ? 0 : i, static_cast<std::int64_t>(i) * 8);
    for (unsigned i = 0; i < 32; ++i)
      emit(Opcode::kFsd, 0, kTemporary, i, static_cast<std::int64_t>(i) * 8 + 256);
    emit(Opcode::kCsrrs, kA0, 0, 0, 3);
    emit(Opcode::kSd, 0, kTemporary, kA0, 512);
    // while (a1 != log end) a1 += write(1, a1, log end - a1)
    load_address(kA1, kScratch);
    emit(Opcode::kSub, kA2, kLogPointer, kA1, 0);
    emit(Opcode::kAddi, kA0, 0, 0, 1);
    emit(Opcode::kAddi, kA7, 0, 0, 64);
    emit(Opcode::kEcall, 0, 0, 0, 0);
    emit(Opcode::kAdd, kA1, kA1, kA0, 0);
    emit(Opcode::kBlt, 0, kA1, kLogPointer, -20);
    emit(Opcode::kAddi, kA0, 0, 0, 0);
    emit(Opcode::kAddi, kA7, 0, 0, 93);
    emit(Opcode::kEcall, 0, 0, 0, 0);
  }

  void finish() {
    elf::Segment text{.address = kText, .readable = true, .executable = true};
    text.content = text_;
    text.memory_size = text_.size();
    elf::Segment data{.address = kData, .readable = true, .writable = true};
    data.content.resize(pool_.size() * 8);
    std::memcpy(data.content.data(), pool_.data(), data.content.size());
    data.memory_size = kLog - kData + log_entries_ * kLogEntry;
    const std::array<elf::Segment, 2> segments = {text, data};
    program_.file = elf::write_executable(kText, segments);
    program_.log_offset = kLog - kScratch;
  }

  static constexpr unsigned kMostTurns = 4;
  std::mt19937_64 random_;
  unsigned size_;
  unsigned tested_ = 0;
  bool in_loop_ = false;
  std::uint64_t log_entries_ = 1;
  std::uint64_t last_address_ = kScratch;
  std::vector<std::byte> text_;
  std::vector<std::uint64_t> pool_;
  RandomProgram program_;
};

}  // namespace

std::uint64_t interesting_value(std::mt19937_64& random) {
  static constexpr std::array<std::uint16_t, 16> kHalves = {
      0x0000, 0x8000, 0x0001, 0x83ff, 0x0400, 0x3c00, 0xbc00, 0x3bff,
      0x7bff, 0xfbff, 0x7c00, 0xfc00, 0x7e00, 0x7c01, 0xfe01, 0x3555};
  static constexpr std::array<std::uint32_t, 18> kSingles = {
      0x00000000, 0x80000000, 0x00000001, 0x807fffff, 0x00800000, 0x3f800000,
      0xbf800000, 0x3f7fffff, 0x7f7fffff, 0x7f800000, 0xff800000, 0x7fc00000,
      0x7f800001, 0xffc00001, 0x4f000000, 0x5f000000, 0x33800000, 0x477fefff};
  static constexpr std::array<std::uint64_t, 22> kDoubles = {
      0x0000000000000000, 0x8000000000000000, 0x0000000000000001, 0x800fffffffffffff,
      0x0010000000000000, 0x3ff0000000000000, 0xbff0000000000000, 0x3fefffffffffffff,
      0x7fefffffffffffff, 0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000000000,
      0x7ff0000000000001, 0xfff8000000000001, 0x41e0000000000000, 0x43e0000000000000,
      0x36a0000000000000, 0x380fffffffffffff, 0x47efffffe0000000, 0x3e60000000000000,
      0x3f0ffc0000000000, 0x7fffffffffffffff};
  const std::uint64_t r = random();
  const std::uint64_t value = random();
  const auto near = static_cast<std::uint64_t>(static_cast<std::int64_t>(random() % 5) - 2);
  constexpr std::uint64_t kHalfBox = ~0xffffULL, kSingleBox = ~0xffff'ffffULL;
  switch (r % 14) {
    case 0:
      return kHalfBox | kHalves[value % kHalves.size()];
    case 1:
      return kHalfBox | ((kHalves[value % kHalves.size()] + near) & 0xffffU);
    case 2:  // any half: exponents are dense enough to meet each other
      return kHalfBox | (value & 0xffffU);
    case 3:
      return kSingleBox | kSingles[value % kSingles.size()];
    case 4:
      return kSingleBox | ((kSingles[value % kSingles.size()] + near) & 0xffff'ffffU);
    case 5:  // singles of like magnitude, with few set bits: cancellation, exact halves
      return kSingleBox | (0x3f000000U + (value & 0x03f0'000fU)) | (value & 0x8000'0000U);
    case 6:
      return kSingleBox | (value & 0xffff'ffffU);
    case 7:
      return kDoubles[value % kDoubles.size()];
    case 8:
      return kDoubles[value % kDoubles.size()] + near;
    case 9:
      return (0x3fe0000000000000U + (value & 0x007f'0000'0000'000fU)) | (value & (1ULL << 63U));
    case 10:  // badly boxed: the upper half is almost ones
      return (kSingleBox << (r >> 60U)) | (value & 0xffff'ffffU);
    case 11:
      return near;
    case 12:
      return (1ULL << (value % 64)) + near;
    default:
      return value;
  }
}

RandomProgram make_random_program(std::uint64_t seed, unsigned size) {
  return Maker(seed, size).make();
}

}  // namespace isobar::isa

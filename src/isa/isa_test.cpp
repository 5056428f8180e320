// The table against itself, and the values that QEMU 7.2 cannot be asked for.
#include <gtest/gtest.h>

#include <random>

#include "base/file/file.h"
#include "elf/elf_writer.h"
#include "isa/encode.h"
#include "isa/hart/user_program.h"
#include "isa/integer_ops.h"
#include "isa/manual.h"
#include "isa/soft_float.h"

namespace isobar::isa {
namespace {

TEST(InstructionTable, HasNoTwoEncodingsThatOverlap) {
  for (const InstructionInfo& a : instruction_table()) {
    EXPECT_EQ(a.match & ~a.mask, 0U) << a.mnemonic;
    for (const InstructionInfo& b : instruction_table()) {
      if (a.opcode == b.opcode) continue;
      EXPECT_NE((a.match ^ b.match) & a.mask & b.mask, 0U) << a.mnemonic << " and " << b.mnemonic;
    }
  }
}

TEST(InstructionTable, EncodesWhatItDecodes) {
  std::mt19937_64 random(7);
  for (const InstructionInfo& row : instruction_table()) {
    for (int i = 0; i < 200; ++i) {
      const auto word = (static_cast<std::uint32_t>(random()) & ~row.mask) | row.match;
      const Instruction in = decode(word);
      if (in.opcode == Opcode::kIllegal) {
        EXPECT_TRUE(row.has_rounding) << row.mnemonic;  // a reserved rounding mode
        continue;
      }
      EXPECT_EQ(in.opcode, row.opcode);
      const Instruction again = decode(encode(in));
      EXPECT_EQ(disassemble(again, 0x1000), disassemble(in, 0x1000));
    }
  }
}

TEST(Manual, IsTheCommittedOne) {
  EXPECT_EQ(read_text(std::string(ISOBAR_SOURCE_DIR) + "/docs/ISA.md"), manual_page());
}

// By the definition of "Zicond": QEMU 7.2 does not have it.
TEST(Integer, ConditionalZero) {
  EXPECT_EQ(evaluate_integer(Opcode::kCzeroEqz, 5, 0), 0U);
  EXPECT_EQ(evaluate_integer(Opcode::kCzeroEqz, 5, 1ULL << 63U), 5U);
  EXPECT_EQ(evaluate_integer(Opcode::kCzeroNez, 5, 0), 5U);
  EXPECT_EQ(evaluate_integer(Opcode::kCzeroNez, 5, 1ULL << 63U), 0U);
}

// QEMU 7.2 looks at the upper half here (random_program.cpp).
TEST(Integer, TrailingZerosOfAZeroWordAre32) {
  EXPECT_EQ(evaluate_integer(Opcode::kCtzw, 0x7ff8'0000'0000'0000U, 0), 32U);
  EXPECT_EQ(evaluate_integer(Opcode::kCtzw, 0, 0), 32U);
}

TEST(SoftFloat, HalfIsRoundedOnce) {
  // 1 + 2^-11 + 2^-24 lies just above a half: through binary32 it would become a tie, and 1.
  const FloatResult r =
      float_fma<Binary16>(0x3c00, 0x3c00, 0x1001, Rounding::kRne);  // 2^-11 * (1 + 2^-10)
  EXPECT_EQ(r.value, 0x3c01U);
  EXPECT_EQ(r.flags, kInexact);
}

UserProgramResult run_words(const std::vector<std::uint32_t>& words, std::uint64_t base) {
  elf::Segment text{.address = base, .readable = true, .executable = true};
  const auto bytes = std::as_bytes(std::span(words));
  text.content.assign(bytes.begin(), bytes.end());
  text.memory_size = text.content.size();
  const auto file = elf::write_executable(base, std::span(&text, 1));
  UserProgram program(elf::Image::parse(file, "words"), {"words"});
  return program.run([](int, std::string_view) { return true; }, 1000);
}

TEST(UserProgram, ExitsWithTheLowByteWhereverItIsLoaded) {
  for (const std::uint64_t base : {0x10000ULL, 0x40'0000'0000ULL, 0x7fff'ffff'f000'0000ULL}) {
    const auto result = run_words({0x12300513, 0x05d00893, 0x00000073}, base);  // a0 = 0x123; exit
    EXPECT_EQ(result.end, UserProgramResult::End::kExited);
    EXPECT_EQ(result.exit_code, 0x23);
  }
}

TEST(UserProgram, EndsFaultsWithADiagnosis) {
  const struct {
    std::uint32_t word;
    const char* says;
  } cases[] = {{0, "illegal instruction"},       {0xffffffff, "illegal instruction"},
               {0x00000003, "load from 0x0"},    {0x00000023, "store to 0x0"},
               {0x00000067, "fetch from 0x0"},   {0x00000073, "unknown system call 0"},
               {0x0000000b, "needs a warp"},     {0x00100073, "breakpoint"},
               {0x0000006f, "1000 instructions"}};
  for (const auto& c : cases) {
    const auto result = run_words({c.word}, 0x10000);
    EXPECT_NE(result.end, UserProgramResult::End::kExited);
    EXPECT_NE(result.diagnosis.find(c.says), std::string::npos) << result.diagnosis;
  }
}

}  // namespace
}  // namespace isobar::isa

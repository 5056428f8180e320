// Random user-level programs for the differential test: every instruction of the table except
// Zicond and Xisobar (see differential_test.cpp), compressed ones, branches and short loops, on
// operands that provoke corner cases. After each random instruction the program appends its result
// and fcsr to a log in its own memory, so that the first difference points at the instruction; at
// the end it writes the log, scratch memory and every register to standard output.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <vector>

#include "isa/opcodes.h"

namespace isobar::isa {

struct RandomProgram {
  std::vector<std::byte> file;                    // ELF
  std::map<std::uint64_t, std::uint64_t> logged;  // pc of a log's store -> pc of what it logs
  std::uint64_t log_offset = 0;  // of the log in the output; what stands before is the final state
  std::map<Opcode, unsigned>
      count;  // instructions under test, by opcode, as they stand in the text
  unsigned compressed = 0;
};

/// A bit pattern around the corners of every format, integer and floating.
[[nodiscard]] std::uint64_t interesting_value(std::mt19937_64& random);

/// The program of a seed, with about `size` instructions under test.
[[nodiscard]] RandomProgram make_random_program(std::uint64_t seed, unsigned size);

}  // namespace isobar::isa

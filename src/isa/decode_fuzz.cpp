// Any four bytes are an instruction that encodes back to itself, or illegal; all have a text.
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "isa/encode.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace isobar::isa;
  for (std::size_t at = 0; at + 4 <= size; at += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, data + at, sizeof word);
    const Instruction in = decode(word);
    if (disassemble(in, word).empty()) __builtin_trap();
    if (in.opcode != Opcode::kIllegal && decode(encode(in)).opcode != in.opcode) __builtin_trap();
  }
  return 0;
}

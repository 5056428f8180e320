#include "isa/manual.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "isa/instruction.h"

namespace isobar::isa {
namespace {

std::string_view name_of(CostClass cost) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(CostClass::kCount)> kNames = {
      "integer", "multiply", "divide", "fp16",   "fp32",       "fp64", "fp special",
      "load",    "store",    "atomic", "branch", "cross-lane", "sync", "system"};
  return kNames.at(static_cast<std::size_t>(cost));
}

}  // namespace

std::string manual_page() {
  std::string text =
      "# The instruction set\n\n"
      "This page is generated: `isobar_isa_manual` writes it from `src/isa/instructions.def`. Do "
      "not\n"
      "edit it.\n\n"
      "It lists every instruction that the simulated cores execute, by extension. A 32-bit word is "
      "an\n"
      "instruction if `word & mask == match`. Compressed (C) instructions are expanded to these "
      "when\n"
      "they are decoded. *Class* decides which pipe an instruction takes and what it costs\n"
      "([CHIP_FILE.md](CHIP_FILE.md), `[core]`). *FLOPs* are per lane; a fused multiply-add counts "
      "as\n"
      "two. *Bytes* are read from or written to memory, per lane. Xisobar is Isobar's own "
      "extension, in\n"
      "the opcode space custom-0.\n";
  std::string_view extension;
  for (const InstructionInfo& row : instruction_table()) {
    if (row.extension != extension) {
      extension = row.extension;
      text += fmt::format(
          "\n## {}\n\n| instruction | match | mask | class | FLOPs | bytes | meaning |\n"
          "|---|---|---|---|---|---|---|\n",
          extension);
    }
    text +=
        fmt::format("| `{}` | `{:08x}` | `{:08x}` | {} | {} | {} | {} |\n", row.mnemonic, row.match,
                    row.mask, name_of(row.cost), row.flops, row.memory_bytes, row.meaning);
  }
  return text;
}

}  // namespace isobar::isa

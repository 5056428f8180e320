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
      "Written by `isobar_isa_manual` from `src/isa/instructions.def`; do not edit.\n\n"
      "An encoding is the instruction if `word & mask == match`. Compressed (C) instructions are\n"
      "expanded to these before anything else sees them. FLOPs are per lane, a fused multiply-add\n"
      "counts two; bytes are of memory, per lane. Xisobar is Isobar's own, in custom-0.\n";
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

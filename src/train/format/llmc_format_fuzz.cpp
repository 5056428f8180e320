// Any bytes are llm.c's tokens, llm.c's checkpoint, or a UserError each time.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.h"
#include "train/format/llmc_format.h"

namespace {

template <class Action>
void must_answer(Action action) {
  try {
    action();
  } catch (const isobar::UserError& error) {
    if (!std::string_view(error.what()).starts_with("fuzz: ")) __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace isobar;
  const auto bytes = std::as_bytes(std::span(data, size));
  must_answer([&] {
    for (const std::int32_t token : train::parse_llmc_tokens(bytes, "fuzz"))
      if (token < 0 || token > 0xFFFF) __builtin_trap();
  });
  must_answer([&] {
    const train::LlmcCheckpoint checkpoint = train::parse_llmc_checkpoint(bytes, "fuzz");
    for (const model::ParameterInfo& info : model::parameters(checkpoint.shape))
      if (checkpoint.weights.at(info.name).size() != info.elements()) __builtin_trap();
  });
  return 0;
}

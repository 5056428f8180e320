// llm.c's two file formats, read and written: token files (data/*.bin) and GPT-2 checkpoints
// (gpt2_*.bin). Reference: karpathy/llm.c, dev/data/data_common.py and train_gpt2.py (write_model).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "model/gpt_shape.h"
#include "train/text/text_file.h"

namespace isobar::train {

/// A token file: 256 int32 header (magic 20240520, version 1, count), then uint16 tokens. Throws
/// UserError naming the file and what is wrong.
[[nodiscard]] std::vector<std::int32_t> read_llmc_tokens(const std::filesystem::path& path);
/// The same from the bytes of such a file; `where` is what errors call it.
[[nodiscard]] std::vector<std::int32_t> parse_llmc_tokens(std::span<const std::byte> file,
                                                          const std::string& where);
/// Throws UserError if a token does not fit 16 bits.
void write_llmc_tokens(const std::filesystem::path& path, std::span<const std::int32_t> tokens);
/// Whether the file starts as a token file does (which no UTF-8 text can).
[[nodiscard]] bool is_llmc_tokens(const TextFile& file);
/// Where the tokens lie in a token file, in bytes, and how many of 16 bits there are. Throws
/// UserError naming the file and what is wrong.
struct LlmcTokens {
  std::uint64_t offset = 0, count = 0;
};
[[nodiscard]] LlmcTokens llmc_tokens_in(const TextFile& file);

struct LlmcCheckpoint {
  model::GptShape shape;  // bias, tied embeddings, tanh GELU: the only form that llm.c has
  std::map<std::string, std::vector<float>> weights;  // by model::parameters() names and shapes
};
/// Throws UserError naming the file and what is wrong.
/// Versions 3 (float32) and 5 (bfloat16); the vocabulary's padding is dropped.
[[nodiscard]] LlmcCheckpoint read_llmc_checkpoint(const std::filesystem::path& path);
[[nodiscard]] LlmcCheckpoint parse_llmc_checkpoint(std::span<const std::byte> file,
                                                   const std::string& where);
/// Version 3. Throws UserError if the shape is not llm.c's form.
void write_llmc_checkpoint(const std::filesystem::path& path, const LlmcCheckpoint& checkpoint);

}  // namespace isobar::train

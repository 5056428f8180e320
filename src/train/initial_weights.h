// Weights from elsewhere: an llm.c checkpoint, a checkpoint of ours, or any safetensors file with
// GPT-2's names (as Hugging Face stores it: linear weights transposed, names perhaps prefixed).
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/gpt_shape.h"
#include "nn/gpt/gpt.h"

namespace isobar::train {

struct InitialWeights {
  /// The shape the file states, if it does; it replaces the model file's.
  std::optional<model::GptShape> shape;
  std::map<std::string, std::vector<float>> weights;  // by model::parameters() names
};

/// Throws UserError naming the file and the tensor that does not fit. `shape` (the model's, with
/// its vocabulary) is what a file without a shape must fit.
[[nodiscard]] InitialWeights read_initial_weights(const std::filesystem::path& path,
                                                  const model::GptShape& shape);
void write_weights(const InitialWeights& from, nn::Gpt& gpt);

/// llm.c has one form only. Throws UserError naming the first setting that it lacks; call it before
/// training.
void check_llmc_form(const model::GptShape& shape, const std::filesystem::path& file);
void export_llmc(nn::Gpt& gpt, const std::filesystem::path& path);

}  // namespace isobar::train

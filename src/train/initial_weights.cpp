#include "train/initial_weights.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "base/error.h"
#include "train/format/llmc_format.h"
#include "train/format/safetensors.h"
#include "train/run/checkpoint.h"

namespace isobar::train {
namespace {

constexpr std::string_view kHuggingFacePrefix = "transformer.";

std::vector<std::uint64_t> wide(const std::vector<std::uint32_t>& shape) {
  return {shape.begin(), shape.end()};
}

/// Hugging Face's GPT-2 keeps linear weights as (in, out). Square ones do not show it, so the
/// question is put to one that is never square: attention's input, (C, 3 C) there.
bool is_transposed(const std::map<std::string, StoredTensor>& tensors) {
  const auto tensor = tensors.find("h.0.attn.c_attn.weight");
  if (tensor == tensors.end() || tensor->second.shape.size() != 2) return false;
  return tensor->second.shape[1] == 3 * tensor->second.shape[0];
}

bool is_linear(const model::ParameterInfo& info) {
  return info.shape.size() == 2 && info.name.starts_with("h.");
}

std::vector<float> transposed(const std::vector<float>& in, std::size_t rows, std::size_t columns) {
  std::vector<float> out(in.size());
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) out[c * rows + r] = in[r * columns + c];
  return out;
}

InitialWeights from_safetensors(const std::filesystem::path& path, const model::GptShape& shape) {
  SafetensorsFile file = read_safetensors(path);
  // By either sign of our own: a flipped bit may have spoilt the other.
  const auto format = file.metadata.find("format");
  if (file.metadata.contains("checksum") ||
      (format != file.metadata.end() && format->second.starts_with("isobar")))
    check_if_checkpoint(path);
  InitialWeights result;
  if (const auto stated = file.metadata.find("shape"); stated != file.metadata.end())
    result.shape = shape_from_json(stated->second, path.string());
  std::map<std::string, StoredTensor> tensors;
  for (auto& [name, tensor] : file.tensors)
    tensors[name.starts_with(kHuggingFacePrefix) ? name.substr(kHuggingFacePrefix.size()) : name] =
        std::move(tensor);
  const bool turned = is_transposed(tensors);
  for (const model::ParameterInfo& info : model::parameters(result.shape.value_or(shape))) {
    const auto found = tensors.find(info.name);
    if (found == tensors.end())
      fail("{}: has no tensor \"{}\", which the model needs", path.string(), info.name);
    const StoredTensor& tensor = found->second;
    const bool turn = turned && is_linear(info);
    std::vector<std::uint64_t> expected = wide(info.shape);
    if (turn) std::swap(expected.front(), expected.back());
    if (tensor.shape != expected)
      fail("{}: the tensor \"{}\" is ({}), but the model's is ({})", path.string(), info.name,
           fmt::join(tensor.shape, ", "), fmt::join(expected, ", "));
    std::vector<float> values = tensor.floats(path.string() + ": " + info.name);
    result.weights[info.name] = turn ? transposed(values, expected[0], expected[1]) : values;
  }
  return result;
}

/// Found here it is the file's fault; found as a loss that is nan, it would be blamed on the
/// learning rate.
InitialWeights checked(InitialWeights initial, const std::filesystem::path& path) {
  for (const auto& [name, values] : initial.weights) {
    const auto bad = std::ranges::find_if(values, [](float v) { return !std::isfinite(v); });
    if (bad != values.end())
      fail(
          "{}: the tensor \"{}\" holds {} at {}, which is no weight to start from (the file is "
          "damaged: use an earlier one)",
          path.string(), name, *bad, bad - values.begin());
  }
  return initial;
}

}  // namespace

InitialWeights read_initial_weights(const std::filesystem::path& path,
                                    const model::GptShape& shape) {
  if (path.extension() == ".safetensors") return checked(from_safetensors(path, shape), path);
  if (path.extension() != ".bin")
    fail("{}: weights come from an llm.c checkpoint (.bin) or a .safetensors file", path.string());
  LlmcCheckpoint checkpoint = read_llmc_checkpoint(path);
  return checked({checkpoint.shape, std::move(checkpoint.weights)}, path);
}

void write_weights(const InitialWeights& from, nn::Gpt& gpt) {
  for (const model::ParameterInfo& info : gpt.parameters())
    gpt.write(info.name, nn::Kind::kWeight, from.weights.at(info.name));
}

void check_llmc_form(const model::GptShape& shape, const std::filesystem::path& file) {
  const char* lacking = !shape.bias                        ? "bias = true"
                        : !shape.tied_embeddings           ? "tied_embeddings = true"
                        : shape.gelu != model::Gelu::kTanh ? "gelu = \"tanh\""
                                                           : nullptr;
  if (lacking != nullptr)
    fail(
        "{}: llm.c's checkpoints hold GPT-2's form only, and this model has another (its model "
        "file would need {})",
        file.string(), lacking);
}

void export_llmc(nn::Gpt& gpt, const std::filesystem::path& path) {
  check_llmc_form(gpt.shape(), path);
  LlmcCheckpoint checkpoint{gpt.shape(), {}};
  for (const model::ParameterInfo& info : gpt.parameters())
    checkpoint.weights[info.name] = gpt.read(info.name, nn::Kind::kWeight);
  write_llmc_checkpoint(path, checkpoint);
}

}  // namespace isobar::train

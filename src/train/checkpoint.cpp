#include "train/checkpoint.h"

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/error.h"

namespace isobar::train {
namespace {

constexpr char kFormat[] = "isobar-checkpoint-1";

struct Stored {
  const char* prefix;
  nn::Kind kind;
};
constexpr std::array kStored{Stored{"", nn::Kind::kWeight}, Stored{"moment1/", nn::Kind::kMoment1},
                             Stored{"moment2/", nn::Kind::kMoment2}};

/// FNV-1a over names and bytes: finds damage, not malice.
std::uint64_t checksum(const std::map<std::string, StoredTensor>& tensors) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  const auto mix = [&](std::uint8_t byte) { hash = (hash ^ byte) * 0x100000001b3U; };
  for (const auto& [name, tensor] : tensors) {
    for (const char c : name) mix(static_cast<std::uint8_t>(c));
    for (const std::byte b : tensor.bytes) mix(std::to_integer<std::uint8_t>(b));
  }
  return hash;
}

std::vector<std::uint64_t> wide(const std::vector<std::uint32_t>& shape) {
  return {shape.begin(), shape.end()};
}

/// The metadata of one file, with errors that name it.
class Metadata {
 public:
  Metadata(const std::map<std::string, std::string>& entries, std::string where)
      : entries_(entries), where_(std::move(where)) {}

  [[nodiscard]] const std::string& text(const char* key) const {
    const auto entry = entries_.find(key);
    if (entry == entries_.end())
      fail("{}: not a whole checkpoint of Isobar: its metadata has no \"{}\"", where_, key);
    return entry->second;
  }
  template <class T>
  [[nodiscard]] T number(const char* key) const {
    const std::string& value = text(key);
    T result{};
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), result);
    if (error != std::errc() || end != value.data() + value.size())
      fail("{}: its metadata \"{}\" is \"{}\", which is not a number in range", where_, key, value);
    return result;
  }
  [[nodiscard]] std::optional<float> optional_float(const char* key) const {
    if (!entries_.contains(key)) return std::nullopt;
    return number<float>(key);
  }

 private:
  const std::map<std::string, std::string>& entries_;
  std::string where_;
};

/// All tensors of the shape are there, as float32 in their own shapes, and nothing else is.
void check_tensors(const Checkpoint& checkpoint, const std::string& where) {
  // Before anything is sized by what the file claims.
  if (checkpoint.shape.layers > checkpoint.tensors.size())
    fail("{}: claims {} layers but holds {} tensors", where, checkpoint.shape.layers,
         checkpoint.tensors.size());
  const auto infos = model::parameters(checkpoint.shape);
  for (const model::ParameterInfo& info : infos) {
    for (const Stored& stored : kStored) {
      const std::string name = stored.prefix + info.name;
      const auto tensor = checkpoint.tensors.find(name);
      if (tensor == checkpoint.tensors.end()) fail("{}: the tensor \"{}\" is missing", where, name);
      if (tensor->second.dtype != "F32" || tensor->second.shape != wide(info.shape))
        fail("{}: the tensor \"{}\" does not have the shape and type that the model gives it",
             where, name);
    }
  }
  if (checkpoint.tensors.size() != infos.size() * kStored.size())
    fail("{}: holds {} tensors, but its model has {}", where, checkpoint.tensors.size(),
         infos.size() * kStored.size());
}

}  // namespace

void capture(nn::Gpt& gpt, Checkpoint& into) {
  into.shape = gpt.shape();
  into.step = gpt.steps_done();
  into.seed = gpt.seed();
  into.batch = gpt.batch();
  into.tensors.clear();
  for (const model::ParameterInfo& info : gpt.parameters())
    for (const Stored& stored : kStored)
      into.tensors[stored.prefix + info.name] =
          StoredTensor::from_floats(wide(info.shape), gpt.read(info.name, stored.kind));
}

void restore(const Checkpoint& checkpoint, nn::Gpt& gpt) {
  for (const model::ParameterInfo& info : gpt.parameters())
    for (const Stored& stored : kStored)
      gpt.write(info.name, stored.kind,
                checkpoint.tensors.at(stored.prefix + info.name).floats(info.name));
  gpt.set_steps_done(checkpoint.step);
}

void restore_weights(const Checkpoint& checkpoint, nn::Gpt& gpt) {
  for (const model::ParameterInfo& info : gpt.parameters())
    gpt.write(info.name, nn::Kind::kWeight, checkpoint.tensors.at(info.name).floats(info.name));
}

void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  SafetensorsFile file;
  file.tensors = checkpoint.tensors;
  file.metadata = {{"format", kFormat},
                   {"model", checkpoint.model},
                   {"shape", shape_to_json(checkpoint.shape)},
                   {"step", std::to_string(checkpoint.step)},
                   {"data_position", std::to_string(checkpoint.data_position)},
                   {"seed", std::to_string(checkpoint.seed)},
                   {"batch", std::to_string(checkpoint.batch)},
                   {"data_fingerprint", std::to_string(checkpoint.data_fingerprint)},
                   {"tokeniser", checkpoint.tokeniser},
                   {"checksum", std::to_string(checksum(checkpoint.tensors))}};
  if (checkpoint.validation_loss)
    file.metadata["validation_loss"] = fmt::format("{}", *checkpoint.validation_loss);
  if (checkpoint.best_validation_loss)
    file.metadata["best_validation_loss"] = fmt::format("{}", *checkpoint.best_validation_loss);
  write_safetensors(path, file);
}

Checkpoint read_checkpoint(const std::filesystem::path& path) {
  const std::string where = path.string();
  SafetensorsFile file = read_safetensors(path);
  const Metadata metadata(file.metadata, where);
  if (metadata.text("format") != kFormat)
    fail("{}: its format is \"{}\", but this Isobar reads \"{}\"", where, metadata.text("format"),
         kFormat);
  Checkpoint checkpoint;
  checkpoint.model = metadata.text("model");
  checkpoint.shape = shape_from_json(metadata.text("shape"), where);
  checkpoint.step = metadata.number<std::uint64_t>("step");
  checkpoint.data_position = metadata.number<std::uint64_t>("data_position");
  checkpoint.seed = metadata.number<std::uint64_t>("seed");
  checkpoint.batch = metadata.number<std::uint32_t>("batch");
  checkpoint.data_fingerprint = metadata.number<std::uint64_t>("data_fingerprint");
  checkpoint.tokeniser = metadata.text("tokeniser");
  checkpoint.validation_loss = metadata.optional_float("validation_loss");
  checkpoint.best_validation_loss = metadata.optional_float("best_validation_loss");
  checkpoint.tensors = std::move(file.tensors);
  check_tensors(checkpoint, where);
  if (metadata.number<std::uint64_t>("checksum") != checksum(checkpoint.tensors))
    fail("{}: damaged: its tensors are not those that were written (the checksum differs)", where);
  return checkpoint;
}

std::string shape_to_json(const model::GptShape& shape) {
  return nlohmann::ordered_json{{"layers", shape.layers},
                                {"heads", shape.heads},
                                {"width", shape.width},
                                {"context", shape.context},
                                {"vocabulary", shape.vocabulary},
                                {"bias", shape.bias},
                                {"tied_embeddings", shape.tied_embeddings},
                                {"gelu", shape.gelu == model::Gelu::kTanh ? "tanh" : "exact"},
                                {"dropout", double{shape.dropout}},
                                {"layer_norm_epsilon", double{shape.layer_norm_epsilon}}}
      .dump();
}

model::GptShape shape_from_json(const std::string& text, const std::string& where) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  model::GptShape shape;
  try {
    // at() and get() throw for what is missing or of another type. The ranges are those of a model
    // file (model/model_file.cpp): nothing may be sized by a number that no model has.
    const auto size = [&](const char* key, std::uint32_t most) {
      const auto value = json.at(key).get<std::int64_t>();
      if (value < 1 || value > most)
        fail("{}: the model's {} is {} (it must be from 1 to {})", where, key, value, most);
      return static_cast<std::uint32_t>(value);
    };
    shape.layers = size("layers", 1000);
    shape.heads = size("heads", 1024);
    shape.width = size("width", 1U << 16U);
    shape.context = size("context", 1U << 20U);
    shape.vocabulary = size("vocabulary", 1U << 24U);
    shape.bias = json.at("bias").get<bool>();
    shape.tied_embeddings = json.at("tied_embeddings").get<bool>();
    shape.gelu =
        json.at("gelu").get<std::string>() == "tanh" ? model::Gelu::kTanh : model::Gelu::kExact;
    shape.dropout = json.at("dropout").get<float>();
    shape.layer_norm_epsilon = json.at("layer_norm_epsilon").get<float>();
  } catch (const nlohmann::json::exception& error) {
    fail("{}: the model's shape in its metadata is not readable: {}", where, error.what());
  }
  model::check(shape, where);
  return shape;
}

}  // namespace isobar::train

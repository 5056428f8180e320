#include "train/run/checkpoint.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

#include "base/error.h"
#include "base/file/file.h"
#include "base/text/strict_json.h"
#include "train/run/checksum.h"

namespace isobar::train {
namespace {

constexpr char kFormat[] = "isobar-checkpoint-2", kOldFormat[] = "isobar-checkpoint-1";
constexpr char kChecksum[] = "checksum";

struct Stored {
  const char* prefix;
  nn::Kind kind;
};
constexpr std::array kStored{Stored{"", nn::Kind::kWeight}, Stored{"moment1/", nn::Kind::kMoment1},
                             Stored{"moment2/", nn::Kind::kMoment2}};

/// The place of the checksum's digits in a file whose metadata says that it is `value`. Within a
/// text of JSON a quote follows a backslash, so what is found is the member itself.
std::optional<std::size_t> checksum_place(std::string_view file, const std::string& value) {
  const std::string member = fmt::format("\"{}\":\"{}\"", kChecksum, value);
  const std::size_t at = file.find(member);
  if (at == std::string_view::npos) return std::nullopt;
  return at + member.size() - 1 - value.size();
}

/// Of the file with zeros for the digits at `place`.
std::string checksum_but(std::string_view file, std::size_t place) {
  Checksum checksum;
  checksum.add(file.substr(0, place));
  checksum.add(std::string(Checksum::kDigits, '0'));
  checksum.add(file.substr(place + Checksum::kDigits));
  return checksum.hex();
}

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void check_checksum(std::span<const std::byte> bytes, const std::string& stated,
                    const std::string& where) {
  const std::string_view file = text_of(bytes);
  const auto place = checksum_place(file, stated);
  if (stated.size() != Checksum::kDigits || !place || checksum_but(file, *place) != stated)
    fail("{}: damaged: it is not what was written (its checksum differs)", where);
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
                   {"train_loss", fmt::format("{}", checkpoint.train_loss)},
                   {"totals", to_json(checkpoint.totals)},
                   {kChecksum, std::string(Checksum::kDigits, '0')}};
  if (checkpoint.validation_loss)
    file.metadata["validation_loss"] = fmt::format("{}", *checkpoint.validation_loss);
  if (checkpoint.best_validation_loss)
    file.metadata["best_validation_loss"] = fmt::format("{}", *checkpoint.best_validation_loss);
  std::vector<std::byte> bytes = serialise(file);
  const auto place = checksum_place(text_of(bytes), file.metadata[kChecksum]);
  const std::string checksum = checksum_but(text_of(bytes), place.value());
  std::memcpy(bytes.data() + *place, checksum.data(), checksum.size());
  write_file_atomically(path, bytes);
}

Checkpoint read_checkpoint(const std::filesystem::path& path) {
  return parse_checkpoint(read_file(path), path.string());
}

Checkpoint parse_checkpoint(std::span<const std::byte> bytes, const std::string& where) {
  SafetensorsFile file = parse_safetensors(bytes, where);
  const Metadata metadata(file.metadata, where);
  const std::string& format = metadata.text("format");
  if (format == kOldFormat)
    throw OtherVersion(fmt::format(
        "{}: an older Isobar wrote it, without a checksum of its header, so that it cannot be gone "
        "on with (a new run from its weights: isobar train --init {})",
        where, where));
  check_checksum(bytes, metadata.text(kChecksum), where);
  if (format != kFormat)
    throw OtherVersion(fmt::format("{}: its format is \"{}\", but this Isobar reads \"{}\"", where,
                                   format, kFormat));
  Checkpoint checkpoint;
  checkpoint.model = metadata.text("model");
  checkpoint.shape = shape_from_json(metadata.text("shape"), where);
  checkpoint.step = metadata.number<std::uint64_t>("step");
  checkpoint.data_position = metadata.number<std::uint64_t>("data_position");
  checkpoint.seed = metadata.number<std::uint64_t>("seed");
  checkpoint.batch = metadata.number<std::uint32_t>("batch");
  checkpoint.data_fingerprint = metadata.number<std::uint64_t>("data_fingerprint");
  checkpoint.tokeniser = metadata.text("tokeniser");
  checkpoint.train_loss = metadata.number<float>("train_loss");
  checkpoint.totals = totals_from_json(metadata.text("totals"), where);
  checkpoint.validation_loss = metadata.optional_float("validation_loss");
  checkpoint.best_validation_loss = metadata.optional_float("best_validation_loss");
  checkpoint.tensors = std::move(file.tensors);
  check_tensors(checkpoint, where);
  return checkpoint;
}

void check_if_checkpoint(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = read_file(path);
  const SafetensorsFile file = parse_safetensors(bytes, path.string());
  const auto format = file.metadata.find("format"), checksum = file.metadata.find(kChecksum);
  const bool ours = format != file.metadata.end() && format->second == kFormat;
  const bool old = format != file.metadata.end() && format->second == kOldFormat;
  if (!ours && (old || checksum == file.metadata.end())) return;
  check_checksum(bytes, checksum == file.metadata.end() ? "" : checksum->second, path.string());
}

std::optional<std::string> first_not_finite(const Checkpoint& checkpoint) {
  for (const auto& [name, tensor] : checkpoint.tensors) {
    const std::vector<float> values = tensor.floats(name);
    const auto bad = std::ranges::find_if(values, [](float v) { return !std::isfinite(v); });
    if (bad != values.end())
      return fmt::format("\"{}\" holds {} at {}", name, *bad, bad - values.begin());
  }
  return std::nullopt;
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
  const auto json = parse_json_strictly(text, where + ": the model's shape");
  model::GptShape shape;
  try {
    // at() and get() throw for what is missing or of another type. The ranges are those of a model
    // file (model/file/model_file.cpp): nothing may be sized by a number that no model has.
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

#include "train/run/run_config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string_view>

#include "base/error.h"
#include "base/text/json_text.h"
#include "base/text/toml_file.h"
#include "train/text/utf8.h"

namespace isobar::train {
namespace {

/// The shortest text from which the very same float comes back, by way of TOML's double.
std::string real(float value) {
  std::string text = fmt::format("{}", value);
  if (static_cast<float>(std::strtod(text.c_str(), nullptr)) != value)
    text = fmt::format("{}", double{value});
  return text;
}

constexpr std::string_view kHexSuffix = "_hex";

/// A JSON string is a TOML basic string but for the character 0x7f, which JSON leaves as it is.
std::string quoted(const std::string& text) {
  std::string out;
  for (const char c : json_text(nlohmann::json(text)))
    out += c == '\x7f' ? std::string("\\u007F") : std::string(1, c);
  return out;
}

/// A setting that is text. What is not UTF-8 cannot stand in TOML, and a path has to come back as
/// the bytes it is: it becomes KEY_hex, its bytes in hexadecimal.
std::string setting(const std::string& key, const std::string& text) {
  if (first_malformed(text) == text.size()) return fmt::format("{} = {}\n", key, quoted(text));
  std::string hex;
  for (const char c : text) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return fmt::format("{}{} = \"{}\"\n", key, kHexSuffix, hex);
}

std::optional<std::string> from_hex(std::string_view hex) {
  std::string text;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    unsigned value = 0;
    const char* end = hex.data() + std::min(i + 2, hex.size());
    const auto [read_to, error] = std::from_chars(hex.data() + i, end, value, 16);
    if (error != std::errc() || read_to != hex.data() + i + 2) return {};
    text += static_cast<char>(value);
  }
  return text;
}

const char* truth(bool value) { return value ? "true" : "false"; }

constexpr std::array kTextKeys{std::pair{"tokeniser", &RunConfig::tokeniser},
                               std::pair{"device", &RunConfig::device},
                               std::pair{"device_name", &RunConfig::device_name},
                               std::pair{"chip", &RunConfig::chip},
                               std::pair{"fidelity", &RunConfig::fidelity},
                               std::pair{"initial_weights", &RunConfig::initial_weights},
                               std::pair{"data_fingerprint", &RunConfig::data_fingerprint}};

/// A setting that is text, or its bytes in hexadecimal.
void read_setting(TomlTable& run, const std::string& key, std::string& field) {
  run.text(key.c_str(), field);
  const std::string hex_key = key + std::string(kHexSuffix);
  if (!run.has(hex_key.c_str())) return;
  std::string hex;
  run.text(hex_key.c_str(), hex);
  auto bytes = from_hex(hex);
  if (!bytes) run.wrong(hex_key.c_str(), "bytes, two hexadecimal digits each");
  field = *std::move(bytes);
}

void read_run(TomlTable run, RunConfig& config) {
  run.whole("checkpoint_every", config.checkpoint_every, 1,
            std::numeric_limits<std::int32_t>::max());
  std::string data = config.data.string();
  read_setting(run, "data", data);
  config.data = data;
  for (const auto& [key, member] : kTextKeys) read_setting(run, key, config.*member);
  run.finish();
}

/// The text with the lines of the table [run] emptied, so that what is left is a model file whose
/// lines keep their numbers.
std::string without_run(const std::string& text) {
  std::istringstream lines(text);
  std::string out, line;
  bool in_run = false;
  while (std::getline(lines, line)) {
    if (line.starts_with("[")) in_run = line.starts_with("[run]");
    out += (in_run ? "" : line) + "\n";
  }
  return out;
}

}  // namespace

std::string to_toml(const RunConfig& config) {
  const model::GptShape& s = config.model.shape;
  const model::Recipe& r = config.model.recipe;
  std::string text =
      "# A training run of Isobar, every setting as it was resolved. It is a model file, too, but\n"
      "# for [run].\n";
  text += fmt::format("name = {}\ndescription = {}\n", quoted(config.model.name),
                      quoted(config.model.description));
  text += fmt::format(
      "\n[shape]\nlayers = {}\nheads = {}\nwidth = {}\ncontext = {}\nvocabulary = {}\nbias = {}\n"
      "tied_embeddings = {}\ngelu = \"{}\"\ndropout = {}\nlayer_norm_epsilon = {}\n",
      s.layers, s.heads, s.width, s.context, s.vocabulary, truth(s.bias), truth(s.tied_embeddings),
      s.gelu == model::Gelu::kTanh ? "tanh" : "exact", real(s.dropout), real(s.layer_norm_epsilon));
  text += fmt::format(
      "\n[recipe]\nbatch = {}\nsteps = {}\nlearning_rate = {}\nmin_learning_rate = {}\n"
      "warmup_steps = {}\ndecay_steps = {}\nbeta1 = {}\nbeta2 = {}\nepsilon = {}\n"
      "weight_decay = {}\ngradient_clip = {}\nevaluate_every = {}\nevaluate_batches = {}\n"
      "seed = {}\n",
      r.batch, r.steps, real(r.learning_rate), real(r.min_learning_rate), r.warmup_steps,
      r.decay_steps, real(r.beta1), real(r.beta2), real(r.epsilon), real(r.weight_decay),
      real(r.gradient_clip), r.evaluate_every, r.evaluate_batches, r.seed);
  text += "\n[run]\n" + setting("data", config.data.string()) +
          fmt::format("checkpoint_every = {}\n", config.checkpoint_every);
  for (const auto& [key, member] : kTextKeys) text += setting(key, config.*member);
  return text;
}

RunConfig parse_run_config(const std::string& text, const std::filesystem::path& path) {
  const toml::table table = parse_toml(text, path.string());
  TomlTable file(table, path.string(), "a run's config.toml");
  if (!file.has("run"))
    fail("{}:1: it has no table [run] (is this a run's config.toml?)", path.string());
  RunConfig config;
  read_run(file.section("run"), config);
  config.model = model::parse_model(without_run(text), path);
  return config;
}

}  // namespace isobar::train

#include "train/run_config.h"

#include <array>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>

#include "base/error.h"
#include "base/toml.h"

namespace isobar::train {
namespace {

/// The shortest text from which the very same float comes back, by way of TOML's double.
std::string real(float value) {
  std::string text = fmt::format("{}", value);
  if (static_cast<float>(std::strtod(text.c_str(), nullptr)) != value)
    text = fmt::format("{}", double{value});
  return text;
}

/// A JSON string is a TOML basic string but for the character 0x7f, which JSON leaves as it is.
std::string quoted(const std::string& text) {
  std::string out;
  for (const char c :
       nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))
    out += c == '\x7f' ? std::string("\\u007F") : std::string(1, c);
  return out;
}

const char* truth(bool value) { return value ? "true" : "false"; }

constexpr std::array kTextKeys{std::pair{"tokeniser", &RunConfig::tokeniser},
                               std::pair{"device", &RunConfig::device},
                               std::pair{"device_name", &RunConfig::device_name},
                               std::pair{"chip", &RunConfig::chip},
                               std::pair{"fidelity", &RunConfig::fidelity},
                               std::pair{"initial_weights", &RunConfig::initial_weights},
                               std::pair{"data_fingerprint", &RunConfig::data_fingerprint}};

void read_run(const toml::table& run, RunConfig& config, const std::string& file) {
  for (const auto& [key, node] : run) {
    const std::string name(key.str());
    const auto wrong = [&, line = node.source().begin.line](const char* right) {
      fail("{}:{}: run.{} is not right (it must be {})", file, line, name, right);
    };
    if (name == "checkpoint_every") {
      const auto value = node.value_exact<std::int64_t>();
      if (!value || *value < 1 || *value > std::numeric_limits<std::int32_t>::max())
        wrong("a whole number of steps from 1");
      else
        config.checkpoint_every = static_cast<std::uint32_t>(*value);
      continue;
    }
    const auto given = node.value_exact<std::string>();
    if (!given) wrong("text in quotes");
    const std::string text = given.value_or("");
    if (name == "data") {
      config.data = text;
      continue;
    }
    const auto* known =
        std::ranges::find(kTextKeys, name, [](const auto& k) { return std::string_view(k.first); });
    if (known == kTextKeys.end())
      fail("{}:{}: {} is not a key of [run]", file, node.source().begin.line, name);
    config.*(known->second) = text;
  }
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
  text += fmt::format("\n[run]\ndata = {}\ncheckpoint_every = {}\n", quoted(config.data.string()),
                      config.checkpoint_every);
  for (const auto& [key, member] : kTextKeys)
    text += fmt::format("{} = {}\n", key, quoted(config.*member));
  return text;
}

RunConfig parse_run_config(const std::string& text, const std::filesystem::path& path) {
  const toml::table table = parse_toml(text, path.string());
  const toml::node* run = table.get("run");
  if (run == nullptr || !run->is_table())
    fail("{}:1: it has no table [run] (is this a run's config.toml?)", path.string());
  RunConfig config;
  read_run(*run->as_table(), config, path.string());
  config.model = model::parse_model(without_run(text), path);
  return config;
}

}  // namespace isobar::train

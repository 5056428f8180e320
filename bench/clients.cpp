#include "bench/clients.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>
#include <filesystem>

#include "base/error.h"
#include "base/file.h"
#include "base/subprocess.h"
#include "base/temporary_folder.h"
#include "bench/training_steps.h"

namespace isobar::bench {
namespace {

unsigned to_count(const std::string& text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0)
    fail("{}: not a count (give a whole number above zero)", text);
  return value;
}

/// MODEL STEPS: so many optimiser steps; prints the seconds that they took.
int take_training_steps(const std::vector<std::string>& arguments) {
  if (arguments.size() != 2) fail("client training-steps: give a model and a number of steps");
  const model::ModelFile model = model::find_model(arguments[0]);
  const unsigned steps = to_count(arguments[1]);
  TrainingSteps training("isobar", model);
  const double tokens = static_cast<double>(model.recipe.batch) * model.shape.context * steps;
  fmt::print("{}\n", tokens / training.run(steps));
  return 0;
}

struct Client {
  std::string_view name;
  int (*run)(const std::vector<std::string>& arguments);
};
constexpr std::array<Client, 1> kClients{{{"training-steps", take_training_steps}}};

}  // namespace

int run_client(const std::vector<std::string>& name_and_arguments) {
  const std::string& name = name_and_arguments.at(0);
  std::string names;
  for (const Client& client : kClients) {
    if (client.name == name)
      return client.run({name_and_arguments.begin() + 1, name_and_arguments.end()});
    names += (names.empty() ? "" : ", ") + std::string(client.name);
  }
  fail("no benchmark client is called \"{}\" (there are {})", name, names);
}

ClientResult simulate_client(const ClientRun& run) {
  const TemporaryFolder folder("isobar-bench");
  const std::string isobar = std::filesystem::read_symlink("/proc/self/exe").string();
  const std::string json = (folder.path() / "profile.json").string();
  std::vector<std::string> command{isobar,       "run",        "--chip", run.chip,
                                   "--fidelity", run.fidelity, "--json", json};
  if (run.threads > 0) command.insert(command.end(), {"--threads", std::to_string(run.threads)});
  command.insert(command.end(), {"--", isobar, "bench", "--client"});
  command.insert(command.end(), run.client.begin(), run.client.end());
  const auto start = std::chrono::steady_clock::now();
  SubprocessResult result = run_subprocess(command);
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  if (result.exit_code != 0)
    fail("{}: ended with {}:\n{}", fmt::join(command, " "), result.exit_code, result.errors);
  return {time.count(), nlohmann::json::parse(read_text(json)), std::move(result.output)};
}

}  // namespace isobar::bench

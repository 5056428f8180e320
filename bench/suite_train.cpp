// Training speed: whole optimiser steps of models/gpt-nano.toml on tokens drawn at random, on our
// device and on the peers', all host threads each. The data does not matter to the speed.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file/paths.h"
#include "base/subprocess.h"
#include "base/terminal.h"
#include "bench/suites.h"
#include "bench/training_steps.h"
#include "model/file/model_file.h"

namespace isobar::bench {
namespace {

struct PyTorch {
  std::string name;
  double tokens_per_s = 0;
};

/// PyTorch's speed on this machine, where it is installed and this is a build tree.
PyTorch measure_pytorch(const model::ModelFile& model, bool quick) {
  const std::filesystem::path script = share_directory() / "scripts" / "pytorch_tokens_per_s.py";
  if (!std::filesystem::exists(script)) return {};
  const SubprocessResult run = run_subprocess(
      {"/usr/bin/python3", script.string(), model.path.string(), "--seconds", quick ? "2" : "10"});
  const auto json = nlohmann::json::parse(run.output, nullptr, false);
  if (run.exit_code != 0 || !json.is_object() || !json.contains("tokens_per_s")) return {};
  return {fmt::format("PyTorch {}, {} threads", json.value("torch", "?"), json.value("threads", 0)),
          json["tokens_per_s"].get<double>()};
}

}  // namespace

int run_train(const Options& options, Printer& printer) {
  const model::ModelFile model = model::find_model("gpt-nano");
  const auto flops =
      static_cast<double>(model::training_flops_per_token(TrainingSteps::shape_of(model)));
  const unsigned steps = options.quick ? 2 : 10;

  // [1] Ours and the OpenCL peer in turn, after a step of warming up.
  TrainingSteps ours(options.device, model), theirs(options.peer, model);
  (void)ours.run(1);
  (void)theirs.run(1);
  std::vector<double> mine, others, ratios;
  for (unsigned pair = 0; pair < (options.quick ? 2 : options.pairs); ++pair) {
    mine.push_back(ours.run(steps));
    others.push_back(theirs.run(steps));
    ratios.push_back(mine.back() / others.back());
  }
  // [2] Both trained on the same tokens from the same start: they must have got to the same place.
  const bool agree = std::abs(ours.loss() - theirs.loss()) <= 1e-3F * std::abs(theirs.loss());
  if (!agree)
    fmt::print(stderr, "isobar: wrong result: the loss is {}, the peer's {} (allowed: 0.1 %)\n",
               ours.loss(), theirs.loss());

  // [3] Report: model arithmetic is 6N + 12 L H Q T a token (model/gpt_shape.h).
  const double speed = median(mine);
  printer.print(
      {"train", "gpt-nano", speed, "tokens/s", theirs.name(), median(others), median(ratios)});
  printer.print({"train", "gpt-nano model arithmetic", speed * flops / 1e9, "GFLOP/s",
                 theirs.name(), median(others) * flops / 1e9, median(ratios)});
  if (const PyTorch torch = measure_pytorch(model, options.quick); torch.tokens_per_s > 0)
    printer.print({"train", "gpt-nano against PyTorch", speed, "tokens/s", torch.name,
                   torch.tokens_per_s, speed / torch.tokens_per_s});
  else
    note("no figure for PyTorch: it is not installed (python3-torch)");
  return agree ? 0 : 1;
}

}  // namespace isobar::bench

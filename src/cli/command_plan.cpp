// `isobar plan`: step time, memory, MFU, days and cost of training a model on a cluster, for the
// best parallel layouts; and how far such predictions are off on runs that somebody measured.
#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "cli/commands.h"
#include "cluster/fit.h"
#include "cluster/validate.h"

namespace isobar::cli {
namespace {

struct PlanOptions {
  std::string validate, fit, output, coefficients;
  bool json = false;
  bool half = false;
  unsigned rounds = 30;
};

cluster::Coefficients coefficients_of(const PlanOptions& options) {
  return options.coefficients.empty() ? cluster::calibrated_coefficients()
                                      : cluster::read_coefficients(options.coefficients);
}

int run_validate(const PlanOptions& options) {
  const auto runs = cluster::parse_runs(read_text(options.validate), options.validate);
  const auto validated = cluster::validate(runs, coefficients_of(options));
  fmt::print("{}", options.json ? cluster::validation_json(validated)
                                : cluster::validation_text(validated));
  return 0;
}

int run_fit(const PlanOptions& options) {
  std::vector<cluster::RunSetting> settings;
  std::size_t left_out = 0;
  for (const cluster::Run& run : cluster::parse_runs(read_text(options.fit), options.fit)) {
    if (options.half && !cluster::in_fitted_half(run.id)) continue;
    auto setting = cluster::setting_of(run);
    if (const auto* reason = std::get_if<cluster::Unmodelled>(&setting)) {
      if (!options.half) fmt::print(stderr, "isobar: left out {}: {}\n", run.id, reason->reason);
      ++left_out;
    } else {
      settings.push_back(std::get<cluster::RunSetting>(std::move(setting)));
    }
  }
  if (settings.empty()) fail("{}: no row can be modelled, so there is nothing to fit", options.fit);
  cluster::FitOptions fit_options;
  fit_options.rounds = options.rounds;
  auto result = cluster::fit(settings, coefficients_of(options), fit_options,
                             [](unsigned round, double objective) {
                               fmt::print(stderr, "\rround {:>3}: {:.4f}", round + 1, objective);
                             });
  cluster::fit_spread(settings, result.coefficients);
  fmt::print(stderr, "\n{} rows fitted, {} left out: mean |log| {:.3f} -> {:.3f}\n",
             settings.size(), left_out, result.before, result.after);
  const std::string text = cluster::coefficients_file(
      result.coefficients, fmt::format("Fitted on {} rows{}.", settings.size(),
                                       options.half ? ", the half that in_fitted_half picks" : ""));
  if (options.output.empty()) {
    fmt::print("{}", text);
  } else {
    write_text_atomically(options.output, text);
  }
  return 0;
}

}  // namespace

void add_plan(CLI::App& app, Action& chosen) {
  CLI::App* plan = app.add_subcommand(
      "plan", "Predict the step time, memory, days and cost of training on a cluster");
  auto options = std::make_shared<PlanOptions>();
  plan->add_option("--validate", options->validate,
                   "Predict the measured runs of this CSV file and report the errors");
  plan->add_option("--fit", options->fit,
                   "Fit the coefficients to the measured runs of this CSV file");
  plan->add_flag("--half", options->half,
                 "With --fit: only on the half chosen by a hash of the id");
  plan->add_option("--rounds", options->rounds, "With --fit: rounds of the search")
      ->check(CLI::Range(1, 1000));
  plan->add_option("-o,--output", options->output, "With --fit: write the coefficients here");
  plan->add_option("--coefficients", options->coefficients,
                   "Use these coefficients instead of Isobar's own");
  plan->add_flag("--json", options->json, "JSON instead of text");
  plan->callback([options, &chosen] {
    chosen = [options] {
      if (!options->validate.empty()) return run_validate(*options);
      if (!options->fit.empty()) return run_fit(*options);
      fail("plan needs a model, a chip and their number (or --validate or --fit with a file)");
    };
  });
}

}  // namespace isobar::cli

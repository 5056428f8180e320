// `isobar plan`: step time, memory, MFU, days and cost of training a model on a cluster, for the
// best parallel layouts; and how far such predictions are off on runs that somebody measured.
#include <fmt/format.h>

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file/file.h"
#include "base/file/input_text.h"
#include "base/file/output_file.h"
#include "base/rank_shares.h"
#include "base/terminal.h"
#include "base/text/columns.h"
#include "cli/command/commands.h"
#include "cli/option/csv_output.h"
#include "cli/option/idle_options.h"
#include "cli/option/layout_options.h"
#include "cli/option/mfu_option.h"
#include "cli/option/number_check.h"
#include "plan/calibration/conformal.h"
#include "plan/calibration/fit.h"
#include "plan/calibration/held_out.h"
#include "plan/calibration/validate.h"
#include "plan/lifetime.h"
#include "plan/report/plan_ledger.h"
#include "plan/report/plan_report.h"
#include "plan/sweep.h"
#include "report/plan_waterfall.h"

namespace isobar::cli {
namespace {

struct PlanOptions {
  std::string validate, fit, output, coefficients, csv;
  bool json = false, explain = false, half = false, sweep = false, no_ledger = false;
  bool beyond = false;
  unsigned rounds = 30;
  std::vector<std::string> held;
  std::vector<std::string> models, chips;
  std::vector<std::uint32_t> counts, batches;
  plan::PlanRequest request;
  LayoutOptions layout;
  double failures = 0, checkpoint_pause = 0, interval = 0, checkpoint_bandwidth = 0, jitter = -1;
};

plan::Coefficients coefficients_of(const PlanOptions& options) {
  plan::Coefficients coefficients =
      options.coefficients.empty() ? plan::calibrated_coefficients() : plan::Coefficients{};
  if (!options.coefficients.empty() && options.coefficients != "defaults")
    coefficients = plan::read_coefficients(options.coefficients);
  if (options.jitter >= 0) coefficients.straggler = options.jitter / 100;
  return coefficients;
}

/// A line on a terminal that tells how far a long job is.
class Progress {
 public:
  explicit Progress(std::string what) : what_(std::move(what)) {}
  ~Progress() {
    if (shown_) fmt::print(stderr, "\r{:60}\r", "");
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void show(const std::string& how_far) {
    if (!shows_progress()) return;
    shown_ = true;
    fmt::print(stderr, "\r{} {:<30}", what_, how_far);
  }

 private:
  std::string what_;
  bool shown_ = false;
};

/// Row by row: a file of any length takes no more memory than its sums.
int run_validate(const PlanOptions& options) {
  CsvOutput csv(options.csv, options.json);
  InputText input(options.validate);
  plan::RunReader reader([&](std::string& text) { return input.read(text); }, input.name());
  plan::ErrorTally tally;
  if (csv.is_wanted()) csv.write(plan::validated_csv_head());
  {
    Progress progress("predicting");
    const auto take = [&](const plan::ValidatedRun& run) {
      tally.add(run);
      if (options.json) fmt::print("{}", plan::validated_json(run));
      if (csv.is_wanted()) csv.write(plan::validated_csv(run));
      if (tally.rows() % 1024 != 0) return;
      std::string how_far = fmt::format("{} runs", tally.rows());
      if (input.size() > 0) how_far += fmt::format(", {} %", 100 * reader.bytes() / input.size());
      progress.show(how_far);
    };
    plan::validate([&](plan::Run& run) { return reader.next(run); }, coefficients_of(options),
                   options.request.threads, take);
  }
  if (tally.rows() == 0) fail("{}: no runs in it (a line each below the names)", input.name());
  if (csv.is_wanted()) csv.write(plan::summary_csv(tally));
  csv.commit();
  if (options.json) {
    fmt::print("{}", plan::summary_json(tally));
  } else if (!csv.takes_standard_output()) {
    fmt::print("{}", plan::summary_text(tally, table_columns()));
  }
  return 0;
}

/// What of a file of runs can be modelled: those to fit, and others to judge by.
struct RunsToFit {
  std::vector<plan::RunSetting> fitted, judge;
};

RunsToFit runs_to_fit(const PlanOptions& options) {
  RunsToFit runs;
  InputText input(options.fit);
  plan::RunReader reader([&](std::string& text) { return input.read(text); }, input.name());
  for (plan::Run run; reader.next(run);) {
    const bool fitted = !options.half || plan::in_fitted_half(run.id);
    auto setting = plan::setting_of(run);
    if (const auto* reason = std::get_if<plan::Unmodelled>(&setting)) {
      if (fitted) note("left out {}: {}", run.id, reason->reason);
    } else {
      (fitted ? runs.fitted : runs.judge).push_back(std::get<plan::RunSetting>(std::move(setting)));
    }
  }
  if (runs.fitted.empty())
    fail("{}: no row can be modelled, so there is nothing to fit", input.name());
  return runs;
}

/// The intervals of runs unlike those that were fitted, and how often they held the judge's.
void fit_beyond(const RunsToFit& runs, const plan::FitOptions& options,
                plan::Coefficients& coefficients) {
  const auto coverage = plan::calibrate_beyond(
      runs.fitted, runs.judge, options, coefficients,
      [](const std::string& group) { note("interval: fitted without {}", group); });
  for (const plan::HeldOutCoverage& of : coverage)
    if (of.rows > 0)
      note("interval beyond {}: holds {:.0f} % of {} runs, median error {:.1f} %",
           plan::name_of(of.beyond),
           100 * static_cast<double>(of.covered) / static_cast<double>(of.rows), of.rows,
           of.median_percent);
}

int run_fit(const PlanOptions& options) {
  if (!options.output.empty()) check_writable(options.output);
  plan::check_held(options.held);
  const RunsToFit runs = runs_to_fit(options);
  plan::FitOptions fit_options;
  fit_options.rounds = options.rounds;
  fit_options.held = options.held;
  plan::Coefficients coefficients = coefficients_of(options);
  if (!options.beyond) {
    auto result =
        plan::fit(runs.fitted, coefficients, fit_options, [](unsigned round, double objective) {
          note("round {:>3}: {:.4f}", round + 1, objective);
        });
    coefficients = result.coefficients;
    plan::calibrate_spread(runs.fitted, fit_options, coefficients, [](unsigned fold) {
      note("interval: fold {} fitted without it", fold + 1);
    });
    note("{} rows fitted: objective {:.3f} -> {:.3f}", runs.fitted.size(), result.before,
         result.after);
  }
  fit_beyond(runs, fit_options, coefficients);
  coefficients.fitted = {};
  for (const plan::RunSetting& run : runs.fitted)
    plan::count_run(coefficients.fitted, run.shape, run.chip, run.layout);
  const std::string text = plan::coefficients_file(
      coefficients, fmt::format("Fitted on {} rows{}.", runs.fitted.size(),
                                options.half ? ", half of the file by a hash of the id" : ""));
  if (options.output.empty()) {
    fmt::print("{}", text);
  } else {
    write_text_atomically(options.output, text);
  }
  return 0;
}

plan::PlanRequest request_of(const PlanOptions& options) {
  plan::PlanRequest request = options.request;
  options.layout.apply(request);
  if (options.failures > 0) request.faults.failures_per_chip_hour = options.failures;
  if (options.checkpoint_pause > 0) request.faults.checkpoint = Seconds(options.checkpoint_pause);
  if (options.interval > 0) request.faults.interval = Seconds(options.interval);
  request.checkpoint_bandwidth = options.checkpoint_bandwidth * 1e9;
  return request;
}

int run_sweep(const PlanOptions& options) {
  plan::SweepAxes axes{options.models, options.chips, options.counts, options.batches};
  if (axes.models.empty()) fail("--sweep needs at least one --model");
  if (!options.output.empty()) check_writable(options.output);
  if (axes.chips.empty()) axes.chips.emplace_back();
  if (axes.counts.empty()) axes.counts.push_back(0);
  if (axes.batches.empty()) axes.batches.push_back(0);
  const auto requests = plan::sweep_requests(request_of(options), axes);
  const plan::Coefficients coefficients = coefficients_of(options);
  const auto format = options.json ? plan::SweepFormat::kJson : plan::SweepFormat::kCsv;
  if (options.json && !options.csv.empty())
    fail("--sweep writes CSV or, with --json, objects of JSON: not both (leave out one)");
  if (!options.csv.empty() && !options.output.empty())
    fail("--csv and -o both name where --sweep writes its rows (leave out one)");
  const std::string output = options.csv == "-" ? std::string() : options.csv + options.output;
  const bool shows = shows_progress();
  const auto rows = share_among_ranks(requests.size(), [&](std::size_t i) {
    if (shows) fmt::print(stderr, "\rplan {} of {} ", i + 1, requests.size());
    return plan::sweep_row(requests[i], coefficients, format);
  });
  if (shows) fmt::print(stderr, "\n");
  if (rows.empty()) return 0;  // not the first rank
  std::string text = plan::sweep_head(format);
  for (const std::string& row : rows) text += row + "\n";
  if (output.empty()) {
    fmt::print("{}", text);
  } else {
    write_text_atomically(output, text);
  }
  return 0;
}

int run_one(const PlanOptions& options) {
  plan::PlanRequest request = request_of(options);
  if (options.models.size() != 1) fail("plan needs one --model (or several with --sweep)");
  for (const auto& [name, given] :
       {std::pair{"--chip", options.chips.size()}, std::pair{"--chips", options.counts.size()},
        std::pair{"--batch", options.batches.size()}})
    if (given > 1) fail("{} names {} values (only --sweep takes more than one)", name, given);
  if (!options.output.empty()) fail("-o belongs to --fit and --sweep");
  request.model = options.models.front();
  if (!options.chips.empty()) request.chip = options.chips.front();
  if (!options.counts.empty()) request.chips = options.counts.front();
  if (!options.batches.empty()) request.batch = options.batches.front();
  CsvOutput csv(options.csv, options.json);
  const bool shows = shows_progress();
  const plan::Plan plan = plan::make_plan(request, coefficients_of(options), [&](double share) {
    if (shows) fmt::print(stderr, "\rsearching {:3.0f} % ", 100 * share);
  });
  if (shows) fmt::print(stderr, "\r                \r");
  if (csv.is_wanted()) csv.write(plan::plan_csv(plan));
  csv.commit();
  if (csv.takes_standard_output()) return 0;
  if (options.json) {
    fmt::print("{}", plan::plan_json(plan));
    return 0;
  }
  fmt::print("{}", plan::plan_text(plan, options.explain, table_columns()));
  if (!options.no_ledger) {
    const plan::PlanLedger ledger = plan::plan_ledger(plan, plan.layouts.front());
    fmt::print("\n{}",
               fitted(report::plan_waterfall(ledger, report::terminal_options()), table_columns()));
  }
  return 0;
}

/// What each mode would pass over is refused; a plan of one minds all but what needs a mode.
void check_options(const CLI::App& plan, const PlanOptions& options) {
  if (!options.validate.empty()) {
    refuse_idle(plan, "--validate",
                {"--validate", "--coefficients", "--jitter", "--threads", "--json", "--csv"});
  } else if (!options.fit.empty() && options.beyond) {
    refuse_idle(
        plan, "--fit --beyond",
        {"--fit", "--beyond", "--half", "--rounds", "--hold", "--coefficients", "--jitter", "-o"});
  } else if (!options.fit.empty()) {
    refuse_idle(plan, "--fit",
                {"--fit", "--half", "--rounds", "--hold", "--coefficients", "--jitter", "-o"});
  } else if (options.sweep) {
    for (const char* shown : {"--explain", "--runners-up", "--no-ledger"})
      if (plan.count(shown) > 0)
        fail("{} has no effect with --sweep, whose rows are of the best layout (leave it out)",
             shown);
  }
}

void add_run_options(CLI::App& plan, PlanOptions& options) {
  plan::PlanRequest& request = options.request;
  plan.option_defaults()->group("Kernel times");
  CLI::Option* kernels =
      plan.add_option(
              "--kernels", request.kernels,
              "Source of kernel times: a CSV table of kernels, or the word model (tiles and "
              "waves) (default: calibrated fractions of the peak)")
          ->type_name("FILE");
  plan.add_option("--kernel-profile", request.kernel_profile,
                  "File of isobar run --json; it holds the kernels that the table calls profiled")
      ->type_name("FILE")
      ->needs(kernels);
  plan.option_defaults()->group("The whole run: days, failures and cost");
  CLI::Option* tokens = plan.add_option("--tokens", request.tokens,
                                        "Tokens of the whole run; adds days, goodput and cost")
                            ->check(positive_number());
  plan.add_option("--failures", options.failures,
                  fmt::format("Failures per chip-hour (default: Llama 3's, {:.3g})",
                              plan::kLlama3FailuresPerChipHour))
      ->check(positive_number())
      ->needs(tokens);
  CLI::Option* pause =
      plan.add_option(
              "--checkpoint-pause", options.checkpoint_pause,
              fmt::format("Seconds that training stops to write a checkpoint (default: {:g})",
                          plan::Faults().checkpoint.count()))
          ->check(positive_number())
          ->needs(tokens);
  plan.add_option("--checkpoint-bandwidth", options.checkpoint_bandwidth,
                  "Bandwidth of the cluster's storage in GB/s, instead of --checkpoint-pause")
      ->check(positive_number())
      ->needs(tokens)
      ->excludes(pause);
  plan.add_option("--checkpoint-interval", options.interval,
                  "Seconds between checkpoints (default: the best interval)")
      ->check(positive_number())
      ->needs(tokens);
  plan.add_option("--jitter", options.jitter,
                  "Standard deviation of one chip's step time, in percent; each step waits for the "
                  "slowest chip (default: calibrated)")
      ->check(number(0, 100));
  plan.add_option("--price", request.prices.chip_hour, "Price of one chip-hour")
      ->check(positive_number(true))
      ->needs(tokens);
  plan.add_option("--electricity", request.prices.kilowatt_hour, "Price of one kilowatt-hour")
      ->check(positive_number(true))
      ->needs(tokens);
}

}  // namespace

void add_plan(CLI::App& app, Action& chosen) {
  CLI::App* plan = app.add_subcommand(
      "plan", "Predict the step time, memory, days and cost of training on a cluster");
  auto options = std::make_shared<PlanOptions>();
  plan->option_defaults()->group("Model and cluster");
  plan->add_option("--model,-m", options->models,
                   "Model: a name (isobar info lists them), a model file or a config.json")
      ->type_name("MODEL")
      ->delimiter(',');
  plan->add_option("--chip,-c", options->chips,
                   "Chip: a name (isobar info lists them) or a file (default: the cluster's chip)")
      ->type_name("CHIP")
      ->delimiter(',');
  plan->add_option("--chips,-n", options->counts, "Number of chips (default: all of the cluster's)")
      ->delimiter(',')
      ->check(whole_number(1, 10000000));
  plan->add_option("--cluster", options->request.cluster,
                   "Cluster: a name or a file, which describes the network and the chip")
      ->type_name("CLUSTER");
  plan->add_option("--batch", options->batches, "Sequences per step (default: about 4 M tokens)")
      ->delimiter(',')
      ->check(whole_number(1, 100000000));
  plan->add_option("--sequence", options->request.sequence,
                   "Tokens per sequence (default: the model's context)")
      ->check(whole_number(1, 100000000));
  plan->option_defaults()->group("Search");
  plan->add_option("--runners-up", options->request.runners_up, "Number of other layouts to show")
      ->capture_default_str()
      ->check(whole_number(0, 100000));
  plan->add_option("--threads", options->request.threads,
                   "Threads of the search (default: one per core)")
      ->check(whole_number(1, 1024));
  plan->option_defaults()->group("Output");
  plan->add_flag(
      "--explain", options->explain,
      "Also show why each other layout lost, which rules rejected candidates, where the MFU is "
      "lost from one layer to the whole run, what each choice of the best layout gains, and its "
      "collectives");
  plan->add_flag("--no-ledger", options->no_ledger, "Do not print the ledger");
  plan->add_flag(
      "--sweep", options->sweep,
      "Plan every combination of the models, chips, numbers of chips and batches; prints CSV, or "
      "with --json one object per line");
  options->layout.add_to(*plan);
  add_run_options(*plan, *options);
  plan->option_defaults()->group("Measured runs: validation and fit");
  plan->add_option(
          "--validate", options->validate,
          "Predict the measured runs in this CSV file and print the errors (-: standard input)")
      ->type_name("FILE");
  CLI::Option* fit =
      plan->add_option("--fit", options->fit,
                       "Fit the coefficients to the measured runs in this CSV file (-: standard "
                       "input)")
          ->type_name("FILE");
  plan->add_flag("--half", options->half,
                 "Fit to one half of the rows only, chosen by a hash of the id")
      ->needs(fit);
  plan->add_flag(
          "--beyond", options->beyond,
          "Keep the coefficients and the intervals of the classes; measure only the intervals of "
          "runs unlike the fitted ones")
      ->needs(fit);
  plan->add_option("--hold", options->held, "Coefficients that the fit does not change")
      ->type_name("NAME")
      ->needs(fit);
  plan->add_option("--rounds", options->rounds, "Rounds of the fit")
      ->capture_default_str()
      ->needs(fit)
      ->check(whole_number(1, 1000));
  plan->option_defaults()->group("Output");
  plan->add_option("-o,--output", options->output,
                   "Write the result of --fit or --sweep to this file (default: standard output)")
      ->type_name("FILE");
  plan->add_option("--coefficients", options->coefficients,
                   "File of coefficients to use instead of Isobar's; the word defaults: values "
                   "that were not fitted")
      ->type_name("FILE");
  plan->add_flag("--json", options->json, "Print JSON instead of text");
  add_csv_option(*plan, options->csv);
  add_mfu_option(*plan, options->request.attention);
  plan->callback([options, plan, &chosen] {
    chosen = [options, plan] {
      check_options(*plan, *options);
      if (!options->validate.empty()) return run_validate(*options);
      if (!options->fit.empty()) return run_fit(*options);
      return options->sweep ? run_sweep(*options) : run_one(*options);
    };
  });
}

}  // namespace isobar::cli

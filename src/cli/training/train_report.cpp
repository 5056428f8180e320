#include "cli/training/train_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "base/error.h"
#include "base/file/paths.h"
#include "base/json_document.h"
#include "base/subprocess.h"
#include "base/terminal.h"
#include "base/text/columns.h"
#include "base/text/csv.h"
#include "base/text/json_text.h"
#include "cli/table/status_line.h"
#include "ledger/ledger_csv.h"
#include "ledger/training_energy.h"
#include "ledger/training_ledger.h"
#include "report/waterfall.h"
#include "train/run/run_results.h"

namespace isobar::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Speed {
  double tokens_per_s = 0, gflops = 0;
  Json pytorch;  // null, or {"version", "threads", "tokens_per_s", "ratio"}
};

/// PyTorch's speed at the same model on this machine: null where it is not installed, where this is
/// not a build tree, and where it takes more than 20 s.
Json measure_pytorch(const std::filesystem::path& config, double ours) {
  const std::filesystem::path script = share_directory() / "scripts" / "pytorch_tokens_per_s.py";
  if (!std::filesystem::exists(script) || !std::filesystem::exists("/usr/bin/python3")) return {};
  const unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  const SubprocessResult run =
      run_subprocess({"timeout", "20", "/usr/bin/python3", script.string(), config.string(),
                      "--threads", std::to_string(threads), "--seconds", "4"});
  const auto json = nlohmann::json::parse(run.output, nullptr, false);
  if (run.exit_code != 0 || !json.is_object() || !json.contains("tokens_per_s")) return {};
  const double theirs = json["tokens_per_s"].get<double>();
  return {{"version", json.value("torch", "?")},
          {"threads", threads},
          {"tokens_per_s", theirs},
          {"ratio", theirs > 0 ? ours / theirs : 0}};
}

/// Prose that fits the terminal.
template <class... Args>
void print(std::FILE* out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::print(out, "{}",
             fitted(fmt::format(format, std::forward<Args>(args)...), table_columns(out)));
}

const char* const kTorchOfDebian = "/usr/lib/python3/dist-packages/torch";

Speed measure_speed(const FinishedRun& f) {
  Speed speed;
  speed.tokens_per_s = f.result.tokens_per_s();
  speed.gflops = speed.tokens_per_s *
                 static_cast<double>(model::counted_flops(f.config.model.shape, f.attention)) *
                 1e-9;
  if (f.result.totals.tokens > 0)
    speed.pytorch = measure_pytorch(f.run.file("config.toml"), speed.tokens_per_s);
  return speed;
}

void print_speed(const FinishedRun& f, const Speed& speed, std::FILE* out) {
  print(out,
        "\nOn this host: {:.0f} tokens/s, {:.2f} GFLOP/s of model arithmetic "
        "({})\n",
        speed.tokens_per_s, speed.gflops, model::mfu_sentence(f.attention));
  if (!speed.pytorch.is_null())
    print(out, "PyTorch {} on {} threads, not simulated: {:.0f} tokens/s; this is {:.3g} x\n",
          speed.pytorch["version"].get<std::string>(), speed.pytorch["threads"].get<int>(),
          speed.pytorch["tokens_per_s"].get<double>(), speed.pytorch["ratio"].get<double>());
  const train::RunTotals& totals = f.result.totals;
  if (f.meter.has_counters() && totals.device_tokens > 0) {
    const double seconds = static_cast<double>(totals.device.device_picoseconds) * 1e-12;
    print(out, "On the simulated chip: {} for these steps, {:.3g} tokens/s\n", short_time(seconds),
          static_cast<double>(totals.device_tokens) / seconds);
  }
}

/// The ledger of the whole run, all its sessions; nothing where the device does not count. Throws
/// UserError where it cannot hold the run.
std::optional<ledger::TrainingLedger> ledger_of(const FinishedRun& f) {
  const auto& chip = f.meter.chip();
  const train::RunTotals& totals = f.result.totals;
  if (!chip || totals.device_tokens == 0) return std::nullopt;
  const auto rows = totals.device.rows();
  std::uint64_t flops = 0;
  if (__builtin_mul_overflow(totals.device_tokens,
                             model::counted_flops(f.config.model.shape, f.attention), &flops))
    flops = std::numeric_limits<std::uint64_t>::max();  // refused below
  return ledger::ledger_from_training({.kernels = rows,
                                       .chip = *chip,
                                       .model_flops = flops,
                                       .device_picoseconds = totals.device.device_picoseconds,
                                       .flops_convention = model::mfu_sentence(f.attention)});
}

/// The energy of the whole run; nothing where the chip does not describe it or nobody counted.
std::optional<ledger::TrainingEnergy> energy_of(const FinishedRun& f) {
  const auto& chip = f.meter.chip();
  const train::RunTotals& totals = f.result.totals;
  if (!chip || totals.device_tokens == 0) return std::nullopt;
  const auto rows = totals.device.rows();
  if (!ledger::has_energy(rows, *chip)) return std::nullopt;
  return ledger::training_energy(rows, *chip, totals.device.device_picoseconds,
                                 totals.device_tokens);
}

Json to_json(const std::optional<ledger::TrainingEnergy>& energy) {
  if (!energy) return "not described";
  Json parts = Json::object();
  for (std::size_t i = 0; i < energy->joules.size(); ++i)
    parts[std::string(ledger::name(static_cast<ledger::EnergyPart>(i)))] = energy->joules[i];
  return {{"joules", energy->total()},
          {"joules_per_token", energy->joules_per_token()},
          {"watts", energy->watts()},
          {"parts", parts}};
}

void print_energy(const std::optional<ledger::TrainingEnergy>& energy, std::FILE* out) {
  if (!energy) {
    print(out, "Energy: not described (no [energy] in the chip file, or functional fidelity)\n");
    return;
  }
  std::string parts;
  for (std::size_t i = 0; i < energy->joules.size(); ++i)
    parts += fmt::format("{}{} {:.1f}", i == 0 ? "" : ", ",
                         ledger::name(static_cast<ledger::EnergyPart>(i)),
                         100 * energy->joules[i] / energy->total());
  print(out, "Energy: {:.3g} J, {:.3g} mJ/token, {:.3g} W; in percent: {}\n", energy->total(),
        1e3 * energy->joules_per_token(), energy->watts(), parts);
}

const char* ending_name(train::Ending ending) {
  return ending == train::Ending::kFinished ? "finished"
         : ending == train::Ending::kTimeUp ? "time is up"
                                            : "stopped";
}

/// The double that prints as the float does.
double shortest(float value) { return std::strtod(fmt::format("{}", value).c_str(), nullptr); }

Json summary_of(const FinishedRun& f, const Speed& speed,
                const std::optional<ledger::TrainingLedger>& ledger) {
  const auto number = [](std::optional<float> value) {
    return value ? Json(shortest(*value)) : Json();
  };
  Json summary{{"model", f.config.model.name},
               {"ending", ending_name(f.result.ending)},
               {"steps", f.result.last_step},
               {"train_loss", shortest(f.result.train_loss)},
               {"validation_loss", number(f.validation_loss)},
               {"validation_tokens", f.validation_tokens},
               {"best_validation_loss", number(f.result.best_validation_loss)},
               {"tokens", f.result.totals.tokens},
               {"seconds", f.result.totals.seconds},
               {"tokens_per_s", speed.tokens_per_s},
               {"model_gflops", speed.gflops},
               {"pytorch", speed.pytorch},
               {"device", f.config.device_name},
               {"device_seconds", Json()},
               {"device_steps_from", f.result.totals.device_from + 1},
               {"mfu", ledger ? Json(ledger->mfu) : Json()},
               {"hfu", ledger ? Json(ledger->mfu) : Json()},  // nothing is recomputed
               {"mfu_attention", model::name_of(f.attention)},
               {"mfu_convention", model::mfu_sentence(f.attention)},
               {"energy", to_json(energy_of(f))},
               {"run", f.run.path().string()},
               {"checkpoint", f.result.checkpoint.string()}};
  if (const auto time = f.result.totals.device.device_picoseconds; time > 0)
    summary["device_seconds"] = static_cast<double>(time) * 1e-12;
  return summary;
}

/// What is printed as tables: the losses, the ledger and the energy. (Step by step the run is in
/// metrics.jsonl.)
std::string tables_csv(const FinishedRun& f, const std::optional<ledger::TrainingLedger>& ledger) {
  CsvSheet sheet;
  const auto loss = [](std::optional<float> value) {
    return value ? fmt::format("{}", *value) : std::string();
  };
  sheet.add("run", {{"step", std::to_string(f.result.last_step)},
                    {"train_loss", loss(f.result.train_loss)},
                    {"validation_loss", loss(f.validation_loss)},
                    {"mfu", ledger ? csv_number(ledger->mfu) : ""},
                    {"mfu_attention", std::string(model::name_of(f.attention))}});
  if (ledger) ledger::add_to_csv(ledger->ledger, sheet);
  if (const auto energy = energy_of(f))
    for (std::size_t i = 0; i < energy->joules.size(); ++i)
      sheet.add("energy", {{"part", std::string(ledger::name(static_cast<ledger::EnergyPart>(i)))},
                           {"joules", csv_number(energy->joules[i])}});
  return sheet.text();
}

void print_paths(const FinishedRun& f, bool with_ledger, std::FILE* out) {
  const std::string run = f.run.path().string();
  fmt::print(out, "\nEverything is in {}\n", run);
  const auto line = [&](const char* name, const char* what) {
    fmt::print(out, "  {:<14} {}\n", name, what);
  };
  line("metrics.jsonl", "each step: losses, tokens/s, device time");
  line("config.toml", "the settings as resolved");
  if (!f.sample.empty()) line("sample.txt", "the text above");
  if (with_ledger) line("ledger.json", "the ledger above");
  line("summary.json", "these results");
  fmt::print(out, "  {}\n", f.result.checkpoint.lexically_relative(f.run.path()).string());
  fmt::print(out, "\nMore text: isobar sample {}\nTrain on:  isobar train --resume {} --steps {}\n",
             run, run, std::max<std::uint64_t>(2 * f.result.last_step, 1));
}

}  // namespace

double seconds_of_comparison() { return std::filesystem::exists(kTorchOfDebian) ? 8 : 0; }

void report_losses(const FinishedRun& f, std::FILE* out) {
  std::string text = fmt::format("\nStep {} of {}: training loss {:.4f}", f.result.last_step,
                                 f.config.model.recipe.steps, f.result.train_loss);
  if (f.validation_loss)
    text += fmt::format(", validation loss {:.4f} (nats per token, over {} tokens)",
                        *f.validation_loss, f.validation_tokens);
  print(out, "{}\n", text);
}

void report_training(const FinishedRun& f, std::FILE* out, bool json, CsvOutput& csv) {
  train::Results results{.sample = f.sample, .ledger = {}, .summary = {}};
  std::optional<ledger::TrainingLedger> ledger;
  try {
    ledger = ledger_of(f);
  } catch (const UserError& error) {  // everything else of the run is still to be written
    note("no ledger: {}", error.what());
  }
  if (ledger) {
    Json tree = Json::parse(ledger->ledger.to_json());
    tree["energy"] = to_json(energy_of(f));
    results.ledger = json_document(tree, 2) + "\n";
    print(out, "\n{}", report::waterfall(*ledger, report::terminal_options()));
    if (f.result.totals.device_from > 0)
      print(out, "The ledger covers the steps after {}; earlier steps ran on another device.\n",
            f.result.totals.device_from);
  } else if (!f.meter.has_counters()) {
    print(out, "\nNo ledger: {} has no counters; the Isobar device has.\n", f.config.device_name);
  }
  std::fflush(out);

  const Speed speed = measure_speed(f);
  print_speed(f, speed, out);
  if (ledger) print_energy(energy_of(f), out);
  results.summary = stamped(summary_of(f, speed, ledger));
  const Json summary = train::write_results(f.run, std::move(results));
  if (csv.is_wanted()) csv.write(tables_csv(f, ledger));
  csv.commit();
  print_paths(f, ledger.has_value(), out);
  if (json) fmt::print("{}\n", json_text(summary));
}

}  // namespace isobar::cli

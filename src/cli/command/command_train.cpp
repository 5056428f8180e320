// isobar train: trains a GPT on an OpenCL device, by default the simulated chip, and says at the
// end where the chip's peak went. The loop is train/trainer.h; here stand the options, what they
// become when none are given, and the order of things.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file/output_file.h"
#include "base/terminal.h"
#include "base/text/columns.h"
#include "base/text/json_text.h"
#include "cli/command/commands.h"
#include "cli/option/csv_output.h"
#include "cli/option/fidelity_option.h"
#include "cli/option/mfu_option.h"
#include "cli/option/number_check.h"
#include "cli/option/trace_option.h"
#include "cli/process/host_memory.h"
#include "cli/table/status_line.h"
#include "cli/training/opencl_choice.h"
#include "cli/training/sample_progress.h"
#include "cli/training/train_progress.h"
#include "cli/training/train_report.h"
#include "device/settings.h"
#include "train/initial_weights.h"
#include "train/run/metrics.h"
#include "train/run/run_results.h"
#include "train/sampler.h"
#include "train/schedule.h"
#include "train/text/dataset.h"
#include "train/text/utf8.h"
#include "train/trainer.h"

namespace isobar::cli {
namespace fs = std::filesystem;
namespace {

/// Steps of a run without options: about five minutes on two cores.
constexpr std::uint32_t kFirstRunSteps = 700;
/// Tokens of the sample at the end, for models of up to so many parameters; fewer for larger ones,
/// whose tokens take longer, but not below the last number.
constexpr std::uint32_t kSampleTokens = 300, kLeastSampleTokens = 20;
constexpr double kSampleParameters = 1e7;

struct TrainOptions {
  std::string model = "gpt-nano", data, tokeniser, device, chip, fidelity, name, run_dir, resume,
              init, export_llmc, csv;
  std::optional<std::uint32_t> steps, batch, evaluate_every, checkpoint_every, sample_tokens;
  std::optional<float> learning_rate;
  std::optional<std::uint64_t> seed;
  double minutes = 0;
  bool json = false, no_sample = false;
  model::AttentionConvention attention = model::kUsualAttention;
  TraceOptions trace;
};

/// A run as it is about to start: resolved settings, and the checkpoint it goes on from, if any.
struct Plan {
  train::RunConfig config;
  std::optional<train::RunDirectory> run;  // of a resumed run
  std::unique_ptr<train::RunLock> lock;    // on it
  std::optional<train::FoundCheckpoint> from;
  std::optional<train::InitialWeights> initial;
};

/// What was decided by the number of steps stays so when a run is made longer.
void apply_options(const TrainOptions& options, train::RunConfig& config) {
  model::Recipe& recipe = config.model.recipe;
  if (options.evaluate_every) recipe.evaluate_every = *options.evaluate_every;
  if (options.checkpoint_every) config.checkpoint_every = *options.checkpoint_every;
  if (!options.data.empty()) config.data = fs::absolute(options.data);
  if (!options.device.empty()) config.device = options.device;
  if (!options.chip.empty()) config.chip = options.chip;
  if (!options.fidelity.empty()) config.fidelity = options.fidelity;
}

Plan plan_new(const TrainOptions& options) {
  Plan plan;
  train::RunConfig& config = plan.config;
  config.model = model::find_model(options.model);
  model::Recipe& recipe = config.model.recipe;
  // Without a word about text or length this is somebody's first look: keep it short.
  const bool first_look = options.data.empty() && !options.steps && options.minutes == 0;
  if (options.steps || first_look)
    recipe = train::with_steps(recipe, options.steps.value_or(kFirstRunSteps));
  if (options.learning_rate) recipe = train::with_learning_rate(recipe, *options.learning_rate);
  if (options.batch) recipe.batch = *options.batch;
  if (options.seed) recipe.seed = *options.seed;
  recipe.evaluate_every = std::clamp(recipe.steps / 5, 1U, recipe.evaluate_every);
  config.data = options.data.empty() ? train::default_corpus() : fs::path(options.data);
  config.tokeniser = options.tokeniser.empty() ? "char" : options.tokeniser;
  apply_options(options, config);
  config.data = fs::absolute(config.data);
  if (!options.checkpoint_every) config.checkpoint_every = recipe.evaluate_every;
  if (!options.init.empty()) config.initial_weights = fs::absolute(options.init).string();
  return plan;
}

void warn(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) fmt::print(stderr, "isobar: warning: {}\n", warning);
}

std::unique_ptr<train::RunLock> lock_run(const train::RunDirectory& run) {
  auto lock = std::make_unique<train::RunLock>(run.path());
  if (!lock->warning().empty()) warn({lock->warning()});
  if (!lock->killed_holder().empty())
    note("{}: the last session was killed ({})", run.path().string(), lock->killed_holder());
  return lock;
}

/// A run whose steps are all done can only be given its results, if it has not got them.
void check_steps_left(const TrainOptions& options, const Plan& plan, std::uint64_t done) {
  const std::uint32_t steps = plan.config.model.recipe.steps;
  if (done < steps) return;
  const auto damage = train::results_damage(*plan.run, done);
  const bool asks_for_less = options.steps && *options.steps < done;
  // Nothing will be trained that would look at them.
  if (!damage && !asks_for_less) warn(train::metrics_damage(plan.run->file("metrics.jsonl"), done));
  if (!damage || asks_for_less)
    fail("{}: has done {} steps, all that {} asks for (--steps {} trains on)",
         plan.run->path().string(), done,
         options.steps ? fmt::format("--steps {}", *options.steps) : "its config.toml", 2 * done);
  note("{}; the results are written anew", *damage);
}

Plan plan_resumed(const TrainOptions& options) {
  Plan plan;
  plan.run = train::RunDirectory::open(options.resume);
  plan.lock = lock_run(*plan.run);
  plan.run->remove_left_overs();
  train::FoundConfig settings = plan.run->read_config();
  warn(settings.warnings);
  plan.config = std::move(settings.config);
  train::Search search = plan.run->find_latest();
  warn(search.warnings);
  model::Recipe& recipe = plan.config.model.recipe;
  if (search.found) {
    const train::Checkpoint& from = search.found->checkpoint;
    if (!(from.shape == plan.config.model.shape) || from.seed != recipe.seed ||
        from.batch != recipe.batch)
      fail(
          "{}: its shape, seed or batch differ from those of {} (undo the change, or start a new "
          "run "
          "with --init)",
          plan.run->file("config.toml").string(), search.found->path.string());
  }
  if (options.steps) recipe.steps = *options.steps;
  check_steps_left(options, plan, search.found ? search.found->checkpoint.step : 0);
  plan.run->settle(search);
  if (!search.found)
    note("{}: no {}checkpoint: beginning again at step 0", plan.run->path().string(),
         search.unusable.empty() ? "" : "whole ");
  else if (!search.unusable.empty())
    note("going on from {} instead", search.found->path.string());
  plan.from = std::move(search.found);
  apply_options(options, plan.config);
  return plan;
}

/// What config.toml and the checkpoints hold is UTF-8; found out now, not at the first checkpoint.
void check_texts(const train::RunConfig& config) {
  for (const auto& [what, text] :
       {std::pair{"--data", config.data.string()}, std::pair{"--init", config.initial_weights},
        std::pair{"--device", config.device}, std::pair{"--chip", config.chip},
        std::pair{"the model's name", config.model.name}})
    if (train::first_malformed(text) != text.size())
      fail("{}: {} is not UTF-8, so that a run's config.toml cannot hold it (rename it)", what,
           json_text(nlohmann::json(text)));
}

/// The text in tokens; the vocabulary of the plan's model follows from it.
train::LoadedText load_data(Plan& plan, std::FILE* out) {
  std::unique_ptr<train::Tokeniser> existing;
  if (plan.from)
    existing = train::tokeniser_from(plan.from->checkpoint.tokeniser, plan.from->path.string());
  StatusLine status(out);
  train::LoadedText text = train::load_text(
      plan.config.data, plan.config.tokeniser, std::move(existing),
      [&](std::uint64_t done, std::uint64_t all) {
        status.show(fmt::format("reading the text: {} of {}", short_size(done), short_size(all)));
      });
  status.clear();
  plan.config.tokeniser = text.tokeniser->kind();
  return text;
}

/// Decides the shape from the model file, the text and the weights to start from.
void resolve_shape(Plan& plan, std::uint32_t tokens) {
  model::GptShape& shape = plan.config.model.shape;
  if (shape.vocabulary == 0) shape.vocabulary = tokens;
  const std::string& init = plan.config.initial_weights;
  if (!init.empty() && !plan.from) {
    plan.initial = train::read_initial_weights(init, shape);
    if (plan.initial->shape) shape = *plan.initial->shape;
  }
  if (shape.vocabulary < tokens)
    fail(
        "{}: the text has {} different tokens, but the model{} has room for {} (another "
        "--tokeniser, or another vocabulary in the model file)",
        plan.config.data.string(), tokens, plan.initial ? " in " + init : "", shape.vocabulary);
}

/// Where results go: what cannot be written is said before the work.
void check_outputs(const TrainOptions& options) {
  if (!options.export_llmc.empty()) check_writable(options.export_llmc);
  if (!options.trace.file.empty()) check_writable(options.trace.file);
  if (!options.resume.empty()) return;  // its folder is opened
  check_folder_writable(options.run_dir.empty() ? "runs" : options.run_dir);
}

std::string fingerprint_text(const train::Dataset& data) {
  return fmt::format("{:016x}", data.fingerprint());
}

/// What would be a pity to find out at the end, or never.
void check_plan(const Plan& plan, const train::Dataset& data, const std::string& export_llmc) {
  const std::string& known = plan.config.data_fingerprint;
  if ((plan.from && plan.from->checkpoint.data_fingerprint != data.fingerprint()) ||
      (!known.empty() && known != fingerprint_text(data)))
    fail("{}: is not the text that {} was trained on (name the right one with --data FILE)",
         plan.config.data.string(), plan.run->path().string());
  if (!export_llmc.empty()) train::check_llmc_form(plan.config.model.shape, export_llmc);
}

/// Options that only the simulated chip minds.
void check_device(const TrainOptions& options, const nn::DeviceInfo& device) {
  if (device.platform == "Isobar") return;
  for (const auto& [name, given] : {std::pair{"--fidelity", !options.fidelity.empty()},
                                    std::pair{"--trace", !options.trace.file.empty()}})
    if (given)
      fail("{}: only the Isobar device simulates, and this run is on {} (leave it out)", name,
           device.full_name());
}

train::RunDirectory open_run(const TrainOptions& options, Plan& plan) {
  if (plan.run) return *plan.run;
  train::RunDirectory run =
      options.run_dir.empty()
          ? train::RunDirectory::create_fresh(
                "runs", options.name.empty() ? plan.config.model.name : options.name)
          : train::RunDirectory::create(options.run_dir);
  plan.lock = lock_run(run);
  run.remove_left_overs();
  return run;
}

void print_start(const Plan& plan, const train::RunDirectory& run, const train::Dataset& data,
                 std::FILE* out) {
  if (verbosity() == Verbosity::kQuiet) return;
  const model::GptShape& s = plan.config.model.shape;
  const model::Recipe& r = plan.config.model.recipe;
  const std::string text = fmt::format(
      "Training {}: {} layers, {} heads, width {}, {:.2f} M parameters\n"
      "  text    {}: {} {} tokens to train on, {} to validate, {} different\n"
      "  device  {}\n"
      "  steps   {} of {} x {} tokens{}\n"
      "  run     {} (Ctrl-C stops it, and it can go on later)\n\n",
      plan.config.model.name, s.layers, s.heads, s.width,
      static_cast<double>(model::parameter_count(s)) * 1e-6, plan.config.data.string(),
      data.train_tokens(), plan.config.tokeniser, data.validation_tokens(), s.vocabulary,
      plan.config.device_name, r.steps, r.batch, s.context,
      plan.from ? fmt::format(", going on after step {}", plan.from->checkpoint.step) : "",
      run.path().string());
  fmt::print(out, "{}", fitted(text, table_columns(out)));
  std::fflush(out);
}

/// 0: no sample is wanted.
std::uint32_t sample_tokens(const TrainOptions& options, const model::GptShape& shape) {
  if (options.no_sample) return 0;
  if (options.sample_tokens) return *options.sample_tokens;
  const double share = kSampleParameters / static_cast<double>(model::parameter_count(shape));
  return std::max(kLeastSampleTokens,
                  static_cast<std::uint32_t>(kSampleTokens * std::min(1.0, share)));
}

/// Drawn, and shown as it comes.
std::string sample_text(nn::Gpt& gpt, const train::Tokeniser& tokeniser, std::uint32_t tokens,
                        std::uint64_t seed, std::FILE* out) {
  if (tokens == 0) return {};
  const train::SampleSettings settings{.tokens = tokens, .seed = seed};
  fmt::print(out, "\nA sample ({} tokens, temperature {}):\n\n", tokens, settings.temperature);
  std::string text;
  SampleProgress progress(out, gpt, tokens);
  train::sample(gpt, tokeniser, "", settings, [&](std::string_view piece) {
    text += piece;
    progress.show(piece);
    return !interrupted();
  });
  progress.end();
  return text;
}

RunLength length_of(const TrainOptions& options, const train::RunConfig& config, const nn::Gpt& gpt,
                    const train::Trainer& trainer) {
  const model::Recipe& recipe = config.model.recipe;
  return {.first = gpt.steps_done(),
          .steps = recipe.steps,
          .evaluate_every = recipe.evaluate_every,
          .evaluate_batches = recipe.evaluate_batches,
          .final_batches = trainer.final_batches(),
          .checkpoint_every = config.checkpoint_every,
          .sample_tokens = sample_tokens(options, config.model.shape),
          .rows = recipe.batch * config.model.shape.context,
          .limit = options.minutes * 60,
          .afterwards = seconds_of_comparison()};
}

int end_early(const train::RunDirectory& run, const train::TrainingResult& result) {
  fmt::print(
      stderr,
      "\nStopped after step {}; its state is saved in {}\nTo resume: isobar train --resume {}\n",
      result.last_step, result.checkpoint.string(), run.path().string());
  return kExitInterrupted;
}

int train_model(const TrainOptions& options) {
  CsvOutput csv(options.csv, options.json);
  std::FILE* const out = options.json || csv.takes_standard_output() ? stderr : stdout;

  // [1] Settings, text and shape: whatever is wrong with them is said before anything is made.
  check_outputs(options);
  Plan plan = options.resume.empty() ? plan_new(options) : plan_resumed(options);
  train::RunConfig& config = plan.config;
  check_texts(config);
  train::LoadedText text = load_data(plan, out);
  catch_interrupts();  // until here there is nothing to save
  catch_lost_readers();
  resolve_shape(plan, text.tokeniser->vocabulary());
  const train::Dataset data(std::move(text.tokens), config.model.shape.context,
                            config.data.string());
  check_plan(plan, data, options.export_llmc);
  config.data_fingerprint = fingerprint_text(data);

  // [2] The device and the model on it.
  set_trace(options.trace);
  const nn::DeviceInfo device = open_device(config.device, config.chip, config.fidelity);
  check_device(options, device);
  config.device_name = device.full_name();
  const bool simulated = device.platform == "Isobar";
  if (simulated) config.chip = chosen_chip();
  check_host_memory(device, nn::memory_needs(config.model.shape, config.model.recipe.batch));
  nn::ClContext cl(device);
  nn::Gpt gpt(cl, config.model.shape, config.model.recipe.batch, config.model.recipe.seed);
  if (plan.initial) train::write_weights(*plan.initial, gpt);
  if (plan.from) train::restore(plan.from->checkpoint, gpt);

  // [3] The run's folder, and the training.
  train::RunDirectory run = open_run(options, plan);
  run.write_config(config);
  detail(
      "settings as resolved: {} of {} steps, batch {}, seed {}, learning rate {}, validation "
      "every {} steps, checkpoint every {}, {} fidelity",
      config.model.name, config.model.recipe.steps, config.model.recipe.batch,
      config.model.recipe.seed, config.model.recipe.learning_rate,
      config.model.recipe.evaluate_every, config.checkpoint_every, config.fidelity);
  print_start(plan, run, data, out);
  TrainProgress progress(out, simulated, &gpt);
  train::Trainer trainer(cl, gpt, data, run,
                         {.recipe = config.model.recipe,
                          .checkpoint_every = config.checkpoint_every,
                          .seconds = options.minutes * 60,
                          .model = config.model.name,
                          .tokeniser = text.tokeniser->describe(),
                          .device_source = fmt::format("{}, {}", config.device_name,
                                                       simulated ? config.fidelity : "its clock")},
                         progress, plan.from ? &plan.from->checkpoint : nullptr);
  warn(trainer.warnings());
  progress.start(length_of(options, config, gpt, trainer));
  const train::TrainingResult result = trainer.run();
  if (result.ending == train::Ending::kStopped) {
    progress.end();
    return end_early(run, result);
  }

  // [4] What came of it.
  FinishedRun finished{.run = run, .config = config, .result = result, .meter = trainer.meter()};
  const std::uint32_t batches = trainer.final_batches();
  progress.validate_at_the_end();
  finished.attention = options.attention;
  finished.validation_loss = trainer.validate(batches);
  finished.validation_tokens = batches * gpt.batch() * gpt.shape().context;
  progress.end();
  if (!options.export_llmc.empty()) train::export_llmc(gpt, options.export_llmc);
  report_losses(finished, out);
  finished.sample = sample_text(gpt, *text.tokeniser, sample_tokens(options, config.model.shape),
                                config.model.recipe.seed, out);
  if (interrupted()) return end_early(run, result);
  report_training(finished, out, options.json, csv);
  return 0;
}

int run_train(const TrainOptions& options) {
  try {
    return with_opencl_errors([&] { return train_model(options); });
  } catch (const train::NotFinite& error) {
    fmt::print(stderr, "\nisobar: {}\n", error.what());
    return 1;
  }
}

void add_options(CLI::App& command, TrainOptions& o) {
  // What makes a run what it is cannot change when it is resumed.
  CLI::Option* resume = command.add_option(
      "--resume", o.resume, "Resume the run in this folder, bit for bit as if it had not stopped");
  resume->type_name("FOLDER");
  command.add_option("--model", o.model, "Model: a name or a model file")
      ->type_name("MODEL")
      ->capture_default_str()
      ->excludes(resume);
  command
      .add_option("--data", o.data,
                  "Training data: UTF-8 text, or tokens in llm.c's format (.bin) (default: Moby "
                  "Dick)")
      ->type_name("FILE");
  command
      .add_option("--tokeniser", o.tokeniser, "How to split the text into tokens (default: char)")
      ->check(CLI::IsMember({"char", "byte", "gpt2"}))
      ->excludes(resume);
  command
      .add_option("--device", o.device,
                  "OpenCL device to train on: a part of its name (default: Isobar's device)")
      ->type_name("NAME");
  command
      .add_option("--chip", o.chip,
                  fmt::format("Chip that Isobar's device simulates: a name or a file (default: {})",
                              device::kDefaultChip))
      ->type_name("CHIP");
  add_fidelity(command, o.fidelity, "sampled");
  command
      .add_option(
          "--steps", o.steps,
          fmt::format("Optimiser steps (default: the model file's; {} with neither --data nor "
                      "--minutes)",
                      kFirstRunSteps))
      ->check(whole_number(1, 1 << 30));
  command.add_option("--minutes", o.minutes, "Stop after this many minutes at the latest")
      ->check(positive_number());
  command.add_option("--batch", o.batch, "Sequences per step (default: the model file's)")
      ->check(whole_number(1, 1 << 20))
      ->excludes(resume);
  command.add_option("--lr", o.learning_rate, "Peak learning rate (default: the model file's)")
      ->check(number(0, 10))
      ->excludes(resume);
  command
      .add_option("--seed", o.seed,
                  "Seed of weights, batches, dropout and the sample (default: the model file's)")
      ->check(whole_number(0, kLargestSeed))
      ->excludes(resume);
  command
      .add_option("--evaluate-every", o.evaluate_every,
                  "Steps between validations (default: the model file's, or a fifth of the steps "
                  "if that is less)")
      ->check(whole_number(1, 1 << 30));
  command
      .add_option("--checkpoint-every", o.checkpoint_every,
                  "Steps between checkpoints (default: as --evaluate-every)")
      ->check(whole_number(1, 1 << 30));
  CLI::Option* name =
      command
          .add_option("--name", o.name,
                      "Name of the run, whose folder is runs/NAME-<n> (default: the model's name)")
          ->type_name("NAME")
          ->excludes(resume);
  command.add_option("--run-dir", o.run_dir, "Folder of the run (default: runs/NAME-<n>)")
      ->type_name("FOLDER")
      ->excludes(resume)
      ->excludes(name);
  command
      .add_option("--init", o.init,
                  "Start from the weights in this file: llm.c's format (.bin) or safetensors")
      ->type_name("FILE")
      ->excludes(resume);
  command
      .add_option("--export-llmc", o.export_llmc,
                  "At the end, write the weights to this file in llm.c's format")
      ->type_name("FILE");
  CLI::Option* no_sample =
      command.add_flag("--no-sample", o.no_sample, "Do not write a sample text at the end");
  command
      .add_option("--sample-tokens", o.sample_tokens,
                  fmt::format("Tokens of the sample text (default: {} for models of up to {:.0f} M "
                              "parameters, fewer for larger ones, at least {})",
                              kSampleTokens, kSampleParameters * 1e-6, kLeastSampleTokens))
      ->check(whole_number(1, 1 << 30))
      ->excludes(no_sample);
  add_trace(command, o.trace);
  add_csv_option(command, o.csv);
  add_mfu_option(command, o.attention);
  command.add_flag("--json", o.json, "Print JSON instead of text; progress goes to standard error");
}

}  // namespace

void add_train(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<TrainOptions>();
  CLI::App* command = app.add_subcommand("train",
                                         "Train a GPT on the simulated chip (or any OpenCL device) "
                                         "and show where the chip's peak goes");
  add_options(*command, *options);
  command->callback([options, &chosen] { chosen = [options] { return run_train(*options); }; });
}

}  // namespace isobar::cli

// isobar sample: text from a trained run, printed as it comes.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "base/error.h"
#include "cli/command/commands.h"
#include "cli/option/number_check.h"
#include "cli/process/host_memory.h"
#include "cli/training/opencl_choice.h"
#include "cli/training/sample_progress.h"
#include "cli/training/train_progress.h"
#include "train/run/checkpoint.h"
#include "train/run/run_directory.h"
#include "train/sampler.h"

namespace isobar::cli {
namespace {

struct SampleOptions {
  std::string run, prompt, device, chip;
  train::SampleSettings settings;
};

/// RUN is a run's folder (its last checkpoint, and its device unless another is named) or a file.
train::FoundCheckpoint load(SampleOptions& options) {
  if (options.run.ends_with(".safetensors"))
    return {train::read_checkpoint(options.run), options.run, {}};
  const train::RunDirectory run = train::RunDirectory::open(options.run);
  if (options.device.empty()) {
    const train::FoundConfig settings = run.read_config();
    for (const std::string& warning : settings.warnings)
      fmt::print(stderr, "isobar: warning: {}\n", warning);
    const train::RunConfig& config = settings.config;
    options.device = config.device;
    if (options.chip.empty()) options.chip = config.chip;
  }
  return run.load_latest();
}

/// Before the device is opened, which takes longer.
void check_prompt(const train::Tokeniser& tokeniser, const std::string& prompt) {
  try {
    (void)tokeniser.encode(prompt);
  } catch (const UserError& error) {
    fail("--prompt: {}", error.what());
  }
}

int sample_run(SampleOptions options) {
  const train::FoundCheckpoint found = load(options);
  for (const std::string& warning : found.warnings)
    fmt::print(stderr, "isobar: warning: {}\n", warning);
  const auto tokeniser = train::tokeniser_from(found.checkpoint.tokeniser, found.path.string());
  if (tokeniser->vocabulary() > found.checkpoint.shape.vocabulary)
    fail("{}: its tokeniser has {} tokens, but its model has room for {}", found.path.string(),
         tokeniser->vocabulary(), found.checkpoint.shape.vocabulary);
  check_prompt(*tokeniser, options.prompt);

  const nn::DeviceInfo device = open_device(options.device, options.chip, "functional");
  check_host_memory(device, nn::memory_needs(found.checkpoint.shape, 1));
  nn::ClContext cl(device);
  nn::Gpt gpt(cl, found.checkpoint.shape, 1, found.checkpoint.seed);
  train::restore_weights(found.checkpoint, gpt);
  catch_interrupts();
  fmt::print("{}", options.prompt);
  std::fflush(stdout);
  SampleProgress progress(stdout, gpt, options.settings.tokens);
  train::sample(gpt, *tokeniser, options.prompt, options.settings, [&](std::string_view piece) {
    progress.show(piece);
    return !interrupted() && std::ferror(stdout) == 0;
  });
  progress.end();
  return interrupted() ? kExitInterrupted : 0;
}

}  // namespace

void add_sample(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<SampleOptions>();
  CLI::App* command = app.add_subcommand("sample", "Write text with a trained model");
  command->add_option("run", options->run, "Folder of the run, or one of its checkpoint files")
      ->required();
  command->add_option("--prompt", options->prompt, "Beginning of the text");
  command->add_option("--tokens", options->settings.tokens, "Number of tokens to write")
      ->capture_default_str()
      ->check(whole_number(1, 1 << 30));
  command
      ->add_option("--temperature", options->settings.temperature,
                   "Sampling temperature; 0: always the most likely token")
      ->capture_default_str()
      ->check(number(0, 100));
  command
      ->add_option("--top-k", options->settings.top_k,
                   "Choose among the N most likely tokens; 0: among all")
      ->capture_default_str()
      ->check(whole_number(0, 1 << 30));
  command->add_option("--seed", options->settings.seed, "Seed of the random choices")
      ->capture_default_str()
      ->check(whole_number(0, kLargestSeed));
  command
      ->add_option("--device", options->device,
                   "OpenCL device to use: a part of its name (default: the run's device)")
      ->type_name("NAME");
  command
      ->add_option(
          "--chip", options->chip,
          "Chip that Isobar's device simulates: a name or a file (default: the run's chip)")
      ->type_name("CHIP");
  command->callback([options, &chosen] {
    chosen = [options] { return with_opencl_errors([&] { return sample_run(*options); }); };
  });
}

}  // namespace isobar::cli

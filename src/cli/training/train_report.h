// The end of a training run: validation loss, a sample of text, the ledger of where the chip's peak
// went, the speed on this host beside PyTorch's, and the files that hold all of it.
#pragma once

#include <cstdio>
#include <optional>
#include <string>

#include "cli/option/csv_output.h"
#include "model/mfu_convention.h"
#include "train/run/run_config.h"
#include "train/run/run_directory.h"
#include "train/trainer.h"

namespace isobar::cli {

struct FinishedRun {
  const train::RunDirectory& run;
  const train::RunConfig& config;
  const train::TrainingResult& result;
  const train::DeviceMeter& meter;
  std::optional<float> validation_loss;
  std::uint32_t validation_tokens = 0;                            // it was taken over
  std::string sample;                                             // empty: none was wanted
  model::AttentionConvention attention = model::kUsualAttention;  // of the MFU
};

/// What it takes to compare this machine's speed with PyTorch's, where that is installed.
[[nodiscard]] double seconds_of_comparison();

/// The losses at the end: what there is to say before the sample is drawn.
void report_losses(const FinishedRun& finished, std::FILE* out);

/// Prints the rest of the report on `out` (the sample was printed as it came), writes sample.txt,
/// ledger.json and summary.json, and with `json` prints the summary as one line on standard output.
void report_training(const FinishedRun& finished, std::FILE* out, bool json, CsvOutput& csv);

}  // namespace isobar::cli

// A checkpoint: everything a run needs to go on bit for bit, and everything sampling needs without
// the run's text. One safetensors file: the weights under the names of model::parameters(), AdamW's
// moments under "moment1/" and "moment2/" and the same names, the rest as metadata. The random
// state is the seed and the number of steps, since all random numbers are counter-based.
//
// One checksum covers the whole file, header and padding included: metadata "checksum" is that of
// the file with sixteen zeros in its place. Files of format 1 (before December 2026) had one over
// the tensors alone and are refused: a flipped bit in their header would change a run in silence.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "model/gpt_shape.h"
#include "nn/gpt/gpt.h"
#include "train/format/safetensors.h"
#include "train/run/run_totals.h"

namespace isobar::train {

struct Checkpoint {
  std::string model;  // its name
  model::GptShape shape;
  std::uint64_t step = 0;           // optimiser steps done
  std::uint64_t data_position = 0;  // the next batch
  std::uint64_t seed = 0;
  std::uint32_t batch = 0;                    // sequences per step
  std::uint64_t data_fingerprint = 0;         // Dataset::fingerprint
  std::string tokeniser;                      // Tokeniser::describe
  float train_loss = 0;                       // of this step
  std::optional<float> validation_loss;       // at this step, if it was evaluated
  std::optional<float> best_validation_loss;  // so far
  RunTotals totals;                           // of all steps so far
  std::map<std::string, StoredTensor> tensors;
};

/// Reads weights and moments, and the steps done and the seed, from the device into `into`.
void capture(nn::Gpt& gpt, Checkpoint& into);
/// Writes them back, into a Gpt of the checkpoint's shape and seed.
void restore(const Checkpoint& checkpoint, nn::Gpt& gpt);
/// Only the weights: what sampling needs.
void restore_weights(const Checkpoint& checkpoint, nn::Gpt& gpt);

/// Atomic: a full disk leaves what was there as it was, and throws UserError.
void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);
/// Throws UserError naming the file and what is wrong: cut short, damaged, no checkpoint of ours,
/// tensors missing or of another shape; OtherVersion (a UserError) for another format.
[[nodiscard]] Checkpoint read_checkpoint(const std::filesystem::path& path);
[[nodiscard]] Checkpoint parse_checkpoint(std::span<const std::byte> file,
                                          const std::string& where);
/// Where weights come from any safetensors file: throws UserError if it is a checkpoint of Isobar
/// (by its metadata) and damaged. One of format 1 is let through, its header being of no use here.
void check_if_checkpoint(const std::filesystem::path& path);
/// "the tensor ... holds nan", or nothing if all values are finite.
[[nodiscard]] std::optional<std::string> first_not_finite(const Checkpoint& checkpoint);

/// A model's shape as one line of JSON, and back. Throws UserError naming `where`.
[[nodiscard]] std::string shape_to_json(const model::GptShape& shape);
[[nodiscard]] model::GptShape shape_from_json(const std::string& text, const std::string& where);

}  // namespace isobar::train

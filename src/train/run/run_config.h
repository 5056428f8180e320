// config.toml of a run: every setting as it was resolved, enough to start the same run again and to
// go on with it. [shape] and [recipe] are those of a model file; [run] holds the rest.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "model/file/model_file.h"

namespace isobar::train {

struct RunConfig {
  model::ModelFile model;                // vocabulary resolved, options applied
  std::filesystem::path data;            // absolute
  std::string tokeniser = "char";        // "char", "byte" or "gpt2"
  std::string device;                    // as --device names it; empty: the Isobar device
  std::string device_name;               // the one it was, for the reader
  std::string chip;                      // of the Isobar device; empty elsewhere
  std::string fidelity = "sampled";      // of the Isobar device: where its time comes from
  std::string initial_weights;           // the file they came from; empty: random
  std::string data_fingerprint;          // Dataset::fingerprint in hexadecimal
  std::uint32_t checkpoint_every = 250;  // steps
};

[[nodiscard]] std::string to_toml(const RunConfig& config);
/// Throws UserError "<file>:<line>: <what is wrong> (<what would be right>)".
[[nodiscard]] RunConfig parse_run_config(const std::string& text,
                                         const std::filesystem::path& path);

}  // namespace isobar::train

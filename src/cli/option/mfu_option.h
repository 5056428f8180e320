// `--mfu`: what a model-FLOPs utilisation counts, by the same words in plan, train and explain.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "model/mfu_convention.h"

namespace isobar::cli {

inline void add_mfu_option(CLI::App& command, model::AttentionConvention& convention) {
  command
      .add_option_function<std::string>(
          "--mfu",
          [&convention](const std::string& name) {
            convention = model::attention_convention(name).value_or(convention);
          },
          "What the MFU counts of causal attention: causal-halved (the half that is computed) or "
          "full (all of it, 6 N + 12 L H Q T) (default: causal-halved)")
      ->check(CLI::IsMember({"causal-halved", "full"}));
}

}  // namespace isobar::cli

// The option --fidelity, the same for every command that simulates.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace isobar::cli {

/// `otherwise`: the fidelity without the option, for its help.
inline void add_fidelity(CLI::App& command, std::string& fidelity, const std::string& otherwise) {
  command
      .add_option("--fidelity", fidelity,
                  "Source of simulated time: timed (every cycle of every launch), sampled (some "
                  "launches timed, the others extrapolated) or functional (estimated from counts) "
                  "(default: " +
                      otherwise + ")")
      ->check(CLI::IsMember({"functional", "sampled", "timed"}));
}

}  // namespace isobar::cli

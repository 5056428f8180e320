// Where the peak of a real training step went, from a profiler's trace (docs/EXPLAIN.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "isobar/error.h"
#include "isobar/ledger.h"

namespace isobar::inline v0 {

struct ExplainRequest {
  std::vector<std::string> traces = {};  // of the PyTorch profiler, JSON or gzip, one for each
                                         // rank; or folders of them
  std::string model = {};    // takes the FLOPs from it instead of the trace; needs `tokens` mostly
  std::string chip = {};     // where the trace does not name one of the catalogue
  std::uint64_t chips = 0;   // that share a step's tokens; only with `model` and `tokens`
  std::uint64_t tokens = 0;  // of a step, over all chips; only with `model`
  std::uint64_t sequence = 0;             // tokens of one sequence; only with `model`
  std::string kernel_classes = {};        // a table of kernel names of your own, asked first
  std::optional<std::int64_t> step = {};  // only ProfilerStep#N
};

struct Advice {
  std::string cause;        // of the ledger, "idle/waiting"
  std::string finding;      // what is so, with its share
  std::string remedy;       // what to try
  std::string evidence;     // the figures that it rests on
  double gain_seconds = 0;  // of a step, at most
};

struct Explanation {
  std::string device;          // as the trace names it
  std::string chip;            // of the catalogue; empty: not known
  std::uint64_t ranks = 0;     // traces, or devices in them
  std::uint64_t steps = 0;     // of each rank; at least 1
  double step_seconds = 0;     // mean of one step of one rank
  std::optional<double> mfu;   // 0 to 1; nothing where FLOPs or peak are not known (`notes` say)
  std::string mfu_convention;  // which FLOPs, over which peak
  Ledger ledger;               // ns x SM, over all ranks and steps
  std::vector<Advice> advice;  // the largest gain first
  std::vector<std::string> notes;
  std::string text;  // all of it as `isobar explain` prints it, 100 columns wide
  std::string json;  // as `isobar explain --json`
};

/// Throws for traces that cannot be read and requests that do not fit together.
[[nodiscard]] ISOBAR_API Explanation explain_trace(const ExplainRequest& request);

}  // namespace isobar::inline v0

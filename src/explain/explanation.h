// A training step explained: figures, the ledger, what each class of kernels took, and advice.
// Several ranks (files, or devices in one file) add up; the figures are their means.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "explain/flops/model_flops.h"
#include "explain/kernel_table.h"
#include "explain/timeline.h"
#include "ledger/ledger.h"
#include "model/mfu_convention.h"

namespace isobar::explain {

struct Request {
  std::vector<std::filesystem::path> traces;  // files or folders
  std::string model;                          // name or path; empty: from the trace alone
  std::string chip;                           // name or path; empty: as the trace names its device
  std::uint64_t chips = 0;     // that share a step's tokens; 0: as the trace says, or 1
  std::uint64_t tokens = 0;    // of a step over all chips; 0: from attention's launches
  std::uint64_t sequence = 0;  // of a training sequence; 0: as attention's launches say
  std::filesystem::path kernel_classes;
  std::optional<std::int64_t> step;
  model::AttentionConvention attention = model::kUsualAttention;  // of the MFU
};

struct Rank {
  std::string file;
  std::int64_t rank = -1;  // -1: the trace does not say
  std::int64_t device = 0;
  std::uint64_t steps = 0;
  TimelineFigures figures;
  ModelFlops flops;
};

/// What a class of kernels did, over all ranks.
struct ClassTotals {
  KernelClass klass;
  std::uint64_t launches = 0, busy = 0, small = 0;  // busy in ns, overlaps counted twice
  std::uint64_t charge = 0;                         // ns x SM, as compute
  std::uint64_t exposed = 0, lent = 0;              // ns x SM, as communication
  std::uint64_t flops = 0;
  std::uint64_t useful = 0;  // ns x SM that the FLOPs take at peak, at most `charge`
};

struct NamedKernel {
  std::string name;
  std::uint32_t klass = 0;
  NameTotals totals;
};

struct Advice {
  std::string cause;     // of the ledger
  std::string finding;   // what is so, with its share
  std::string remedy;    // what to try
  std::string evidence;  // the figures it rests on
  double gain_us = 0;    // of a step of one rank, at most
};

struct Peak {
  std::string chip;  // name; empty: unknown
  double flops = 0;  // per second, dense; 0: unknown
  std::string name;  // "bf16 dense, 989.5 TFLOP/s (h800)"
  std::uint32_t sms = 1;
};

struct Explanation {
  std::string backend, device_name;
  std::uint64_t events = 0, bytes = 0, impossible = 0, repeated = 0;
  Peak peak;
  std::vector<Rank> ranks;
  std::vector<ClassTotals> classes;
  std::vector<NamedKernel> kernels;        // by name
  std::unique_ptr<ledger::Ledger> ledger;  // set once read
  std::uint64_t credited = 0;  // FLOPs at peak beyond what their class took: faster than this peak
  std::uint64_t model_flops = 0;   // by the convention
  std::uint64_t masked_flops = 0;  // of them, those that causal kernels left out
  model::AttentionConvention attention = model::kUsualAttention;
  bool flops_known = false;
  std::string flops_method, flops_convention;
  std::optional<double> mfu;
  std::string mfu_convention;
  std::vector<std::string> notes;
  std::vector<Advice> advice;  // the largest gain first

  /// Sums over ranks.
  [[nodiscard]] TimelineFigures totals() const;
};

/// Throws UserError for what cannot be read or does not fit together.
[[nodiscard]] Explanation explain(const Request& request);

}  // namespace isobar::explain

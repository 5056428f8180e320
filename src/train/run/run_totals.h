// What a run has added up over all its sessions: part of each checkpoint, so that the summary and
// the ledger of a resumed run are those of the whole run.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "train/device_meter.h"

namespace isobar::train {

/// A checkpoint that is not damaged, but of another version of Isobar: no reason to go back to an
/// earlier one.
class OtherVersion : public UserError {
 public:
  using UserError::UserError;
};

struct RunTotals {
  std::uint64_t tokens = 0;       // trained on
  double seconds = 0;             // the host's time for them, without evaluations
  Stretch device;                 // what the device counted, of the steps after
  std::uint64_t device_from = 0;  // this one, and
  std::uint64_t device_tokens = 0;
  /// Device, chip and fidelity that `device` is of: others' counts cannot be added to it.
  std::string device_source;
};

[[nodiscard]] std::string to_json(const RunTotals& totals);
/// Throws UserError naming `where`.
[[nodiscard]] RunTotals totals_from_json(const std::string& text, const std::string& where);

}  // namespace isobar::train

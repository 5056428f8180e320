// One warp the slow and obvious way, to hold the interpreter against: a scalar hart of isa/ per
// lane, and at each step, of the harts that are deepest in calls, those with the lowest pc execute
// one instruction, in the order of their lanes. What looks across lanes, what is a call, and what
// an instruction counts as, is written down here once more, from isa/guest_abi.h, call_depth.h and
// counters.h alone. Nobody runs ahead of his turn (LaunchConfig::patience). One work-group of one
// warp; barriers are not modelled.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "isa/hart/hart.h"
#include "simt/counters.h"

namespace isobar::simt {

/// A range of guest memory: its start content, and whether each lane has its own. What lanes share
/// and what each has of its own lie in different pages.
struct ReferenceRange {
  std::uint64_t address = 0;
  std::vector<std::byte> content;
  bool writable = false;
  bool executable = false;
  bool own = false;
};

class ReferenceWarp {
 public:
  ReferenceWarp(const std::vector<ReferenceRange>& ranges, unsigned lanes);

  std::array<std::uint64_t, 0x40> special{};  // by offset from 0xCC0; lane and ids are added here
  std::uint64_t warp_width = 32;

  /// Runs all lanes from `entry` to their exits. Empty, or why it could not.
  [[nodiscard]] std::string run(std::uint64_t entry, std::uint64_t most_steps);

  [[nodiscard]] const Counters& counters() const { return counters_; }
  /// Memory as a lane sees it.
  [[nodiscard]] const isa::SparseMemory& memory(unsigned lane) const;
  [[nodiscard]] unsigned lanes() const { return static_cast<unsigned>(harts_.size()); }

 private:
  /// A call that has not returned: where to, and the stack pointer it was made with.
  struct Call {
    std::uint64_t back = 0, stack = 0;
  };
  void follow(std::vector<Call>& open, const isa::Instruction& in, std::uint64_t pc,
              std::uint64_t stack, std::uint64_t target) const;
  [[nodiscard]] std::string step(std::uint64_t lanes);
  [[nodiscard]] bool across_lanes(const isa::Instruction& in, std::uint64_t lanes);
  [[nodiscard]] bool read_special(isa::Hart& hart, unsigned lane) const;
  void count(const isa::Instruction& in, std::uint64_t lanes);
  void count_access(const isa::InstructionInfo& row, std::uint64_t lanes);

  std::vector<std::unique_ptr<isa::SparseMemory>> memories_;
  isa::SparseMemory shared_;
  std::vector<isa::Hart> harts_;
  std::vector<std::vector<Call>> open_;  // of each lane
  std::uint64_t live_ = 0;
  Counters counters_;
};

}  // namespace isobar::simt

// Where a kernel's issue slots went, down to the instruction and the source line: the timed
// machine's charges, summed over the launches (or parts of launches) that it ran. Slots for lack of
// warps (launch, occupancy, tail) belong to no instruction and are not here.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "device/loaded_program.h"
#include "ledger/cycle_cause.h"
#include "timing/machine.h"

namespace isobar::device {

/// Lane-slots, as the ledger of cycles has them.
struct HotCharges {
  std::uint64_t issues = 0, lanes = 0;  // lanes: active, over all issues
  ledger::CycleCharges charges{};
  HotCharges& operator+=(const HotCharges& other);
  [[nodiscard]] std::uint64_t total() const;
};

struct HotOperation : HotCharges {
  std::uint64_t pc = 0;
  std::string text;  // disassembled
  std::string file;  // empty: no source is known
  std::uint32_t line = 0;
  std::string source;  // that line
  [[nodiscard]] bool is_same(const HotOperation& other) const {
    return pc == other.pc && text == other.text && file == other.file && line == other.line;
  }
};

struct HotLine : HotCharges {
  std::string file;
  std::uint32_t line = 0;
  std::string source;
  std::vector<std::size_t> operations;  // which of the kernel's, hottest first
};

/// Of one kernel. Not safe from many threads.
class HotSpots {
 public:
  void add(const timing::LaunchTimes& times, std::uint32_t lanes, const LoadedProgram& program);
  [[nodiscard]] const std::vector<HotOperation>& operations() const { return operations_; }

 private:
  std::vector<HotOperation> operations_;  // in order of first issue
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> places_;  // program, operation
};

/// Adds one kernel's operations to another process's.
void merge(std::vector<HotOperation>& into, const std::vector<HotOperation>& from);

/// The lines, hottest first; ties in the order of files and lines.
[[nodiscard]] std::vector<HotLine> hot_lines(const std::vector<HotOperation>& operations);

/// The causes with a charge, largest first.
[[nodiscard]] std::vector<ledger::CycleCause> main_causes(const ledger::CycleCharges& charges);

}  // namespace isobar::device

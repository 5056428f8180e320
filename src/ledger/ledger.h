// The ledger: a tree of causes in which every unit of capacity is charged to exactly one cause.
// Capacity and charges are integers of one unit (picoseconds x chips, or cycles x units), so sums
// are exact and not a matter of rounding. A parent's charge is the sum of its children's; what
// nobody charged is `unattributed`, is printed, and is zero in every test.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace isobar::ledger {

struct Cause {
  std::string name;          // "dram", "launch", "useful arithmetic"
  std::string explanation;   // one sentence: the formula and its inputs
  std::uint64_t charge = 0;  // of a leaf; a parent's is the sum below it
  std::vector<Cause> children;
  [[nodiscard]] std::uint64_t total() const;
};

struct Convention {
  std::string source;  // "simulated, first-order model"
  std::string flops;   // "6N + 12 L H Q T per token, no causal halving, no recomputation"
  std::string peak;    // "fp32 dense, 1.02 TFLOP/s (isobar-nano)"
  std::string unit;    // "ps x chip"
};

class Ledger {
 public:
  /// Throws std::invalid_argument above 2^63 - 1, where sums would no longer be exact.
  Ledger(std::uint64_t capacity, Convention convention);
  /// Adds to the leaf at `path`, e.g. {"memory", "dram"}; creates what is missing. Throws
  /// std::logic_error for a path that is empty, ends at a parent or passes through a charged leaf,
  /// and std::overflow_error when the sum of all charges would pass 2^63 - 1.
  void charge(const std::vector<std::string>& path, std::uint64_t amount,
              std::string_view explanation = {});
  [[nodiscard]] std::uint64_t capacity() const;
  [[nodiscard]] const Cause& root() const;
  [[nodiscard]] std::uint64_t charged() const;
  /// capacity - charged; negative when overcharged, which is_exact() also refuses.
  [[nodiscard]] std::int64_t unattributed() const;
  [[nodiscard]] bool is_exact() const { return unattributed() == 0; }
  [[nodiscard]] const Convention& convention() const;
  /// {"capacity", "unit", "source", "flops", "peak", "charged", "unattributed", "causes": [{"name",
  /// "explanation", "charge", "children"}]}; a parent's charge is the sum below it.
  [[nodiscard]] std::string to_json() const;

 private:
  std::uint64_t capacity_;
  std::uint64_t charged_ = 0;
  Convention convention_;
  Cause root_;
};

}  // namespace isobar::ledger

// What a kernel does, by its name: a table in TOML that came with Isobar and that users extend.
//
//   [[class]]      name, group, match = [regular expressions]; the first class that matches counts
//   [[attention]]  launches whose name and grid tell the arithmetic of attention
//   [[operand]]    casts that prepare the operand of a weight gradient, whose grid tells its shape
//
// A user's table is asked before the built-in one. docs/EXPLAIN.md has the keys.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "explain/pattern.h"
#include "explain/trace/trace.h"

namespace isobar::explain {

/// Products do model arithmetic; vector kernels do none that a model's FLOPs count.
enum class KernelGroup : std::uint8_t { kGemm, kAttention, kVector, kCommunication, kCopy };

struct KernelClass {
  std::string name;  // "gemm fp8", "cast and transpose", "all-reduce"
  KernelGroup group = KernelGroup::kVector;
};
[[nodiscard]] inline bool is_product(KernelGroup group) {
  return group == KernelGroup::kGemm || group == KernelGroup::kAttention;
}

/// One launch of attention, as its name and grid say.
struct AttentionLaunch {
  bool backward = false;
  bool causal = true;
  std::uint64_t heads = 0;     // times sequences of the batch
  std::uint64_t sequence = 0;  // of queries; as many keys
  std::uint64_t query_key_width = 0, value_width = 0;

  /// Of the model: causal attention counted once, and the backward pass as twice the forward.
  [[nodiscard]] std::uint64_t flops() const;
  /// Of the half that a causal mask leaves out.
  [[nodiscard]] std::uint64_t masked() const { return causal ? flops() : 0; }
};

/// A matrix that a cast prepares for a weight gradient.
struct Operand {
  std::uint64_t rows = 0;  // the dimension that the product sums over: tokens
  std::uint64_t columns = 0;
};

class KernelTable {
 public:
  /// The built-in table, with `user` (may be empty) asked first. Throws UserError
  /// "<file>:<line>: ...".
  [[nodiscard]] static KernelTable read(const std::filesystem::path& user = {});
  /// From texts, the first asked first; `names` are what errors call them.
  [[nodiscard]] static KernelTable parse(std::span<const std::string> texts,
                                         std::span<const std::string> names);

  [[nodiscard]] const std::vector<KernelClass>& classes() const { return classes_; }
  /// An index into classes(); the class "other" where nothing matches.
  [[nodiscard]] std::uint32_t class_of(std::string_view kernel, DeviceWork work) const;
  /// The class of that name; nothing where the table has none.
  [[nodiscard]] std::optional<std::uint32_t> find_class(std::string_view name) const;
  [[nodiscard]] std::optional<AttentionLaunch> attention(std::string_view kernel,
                                                         const DeviceEvent& launch) const;
  [[nodiscard]] std::optional<Operand> operand(std::string_view kernel,
                                               const DeviceEvent& launch) const;
  /// The class whose products consume the operands.
  [[nodiscard]] std::uint32_t operand_product_class() const { return operand_product_; }

 private:
  struct Match {
    Pattern pattern;
    std::uint32_t klass;
  };
  struct AttentionRule {
    Pattern pattern;
    bool backward;
  };
  struct OperandRule {
    Pattern pattern;
    std::uint32_t rows_per_block, columns_per_block;
  };
  std::uint32_t add_class(const std::string& name, KernelGroup group, const std::string& place);
  void add(const std::string& text, const std::string& name);

  std::vector<KernelClass> classes_;
  std::vector<Match> matches_;
  std::vector<AttentionRule> attentions_;
  std::vector<OperandRule> operands_;
  std::string operand_product_name_;
  std::uint32_t operand_product_ = 0;
  std::uint32_t other_ = 0, copy_ = 0;
};

}  // namespace isobar::explain

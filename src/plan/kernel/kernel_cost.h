// What one kernel costs on one chip. The planner lowers a layer to kernels and asks a KernelCost;
// which of the three answers (a model from the data sheet, a table that was measured or simulated,
// or the model with coefficients fitted to the user's measurements) is the user's choice.
//
// A cost is a pure function of the kernel's shape, so that MemoisedCost may remember it. Collective
// communication is elsewhere (collectives.h).
#pragma once

#include <cstdint>
#include <memory>
#include <variant>

#include "base/units.h"

namespace isobar::plan {

/// What a matrix product multiplies. Sums are kept in 32 bits.
enum class NumberFormat : std::uint8_t { kFp32, kTf32, kBf16, kFp8, kFp4 };
[[nodiscard]] constexpr double bytes_per_element(NumberFormat format) {
  constexpr double kBytes[] = {4, 4, 2, 1, 0.5};
  return kBytes[static_cast<unsigned>(format)];
}

/// C (m x n) = A (m x k) B (k x n), `groups` times in one launch (experts, or heads).
struct MatmulKernel {
  std::uint64_t m = 0, n = 0, k = 0;
  std::uint32_t groups = 1;
  NumberFormat format = NumberFormat::kBf16;
  std::uint8_t output_bytes = 2;  // of an element; 4: a weight gradient kept in 32 bits
  bool accumulates = false;       // the output is read too and added to
  friend auto operator<=>(const MatmulKernel&, const MatmulKernel&) = default;
};

/// softmax(Q K^T) V without storing scores (FlashAttention, Dao et al., 2022). The backward pass
/// recomputes the scores: five products for the forward pass's two.
struct AttentionKernel {
  std::uint64_t sequences = 1;
  std::uint32_t heads = 1, kv_heads = 1;
  std::uint32_t queries = 0, keys = 0;  // per sequence
  std::uint32_t query_key_width = 0, value_width = 0;
  std::uint32_t window = 0;  // 0: none
  bool causal = true;
  bool backward = false;
  NumberFormat format = NumberFormat::kBf16;
  friend auto operator<=>(const AttentionKernel&, const AttentionKernel&) = default;
};

/// A kernel that memory bounds.
struct StreamKernel {
  std::uint64_t bytes_read = 0, bytes_written = 0;
  std::uint32_t launches = 1;  // that share these bytes
  friend auto operator<=>(const StreamKernel&, const StreamKernel&) = default;
};

using Kernel = std::variant<MatmulKernel, AttentionKernel, StreamKernel>;

/// Where a kernel's time goes. The parts sum to total().
struct KernelTime {
  double ideal = 0;   // s: its arithmetic at the data sheet's peak of its precision
  double tile = 0;    // s: more for tiles that stick out over the edges of the matrix
  double wave = 0;    // s: more for cores that have no tile in the last wave
  double pipe = 0;    // s: more because the matrix units wait, or do not hold their peak
  double memory = 0;  // s: more because bytes take longer than arithmetic
  double launch = 0;  // s: more to start it, and to fill and drain the chip
  [[nodiscard]] double total() const { return ideal + tile + wave + pipe + memory + launch; }
  KernelTime& operator+=(const KernelTime& other) {
    ideal += other.ideal;
    tile += other.tile;
    wave += other.wave;
    pipe += other.pipe;
    memory += other.memory;
    launch += other.launch;
    return *this;
  }
  friend KernelTime operator*(KernelTime t, double factor) {
    return {t.ideal * factor, t.tile * factor,   t.wave * factor,
            t.pipe * factor,  t.memory * factor, t.launch * factor};
  }
};

/// Arithmetic that counts as useful: 2 m n k; attention's under the causal mask.
[[nodiscard]] double flops(const Kernel& kernel);
/// Bytes to and from memory when every operand moves once.
[[nodiscard]] double bytes(const Kernel& kernel);

class KernelCost {
 public:
  virtual ~KernelCost() = default;
  [[nodiscard]] virtual KernelTime time(const Kernel& kernel) const = 0;
};

/// Remembers what another answered: about 50 ns where the other takes a microsecond. Not for
/// several threads at once: each has its own.
class MemoisedCost final : public KernelCost {
 public:
  explicit MemoisedCost(std::shared_ptr<const KernelCost> inner);
  ~MemoisedCost() override;
  [[nodiscard]] KernelTime time(const Kernel& kernel) const override;

 private:
  struct Table;
  std::shared_ptr<const KernelCost> inner_;
  std::unique_ptr<Table> table_;
};

}  // namespace isobar::plan

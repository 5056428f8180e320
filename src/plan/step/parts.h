// Where the time of a training step goes, as seconds per cause. Every step time is the sum of its
// parts, so that a ledger made of them is exact.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace isobar::plan {

enum class Part : std::uint8_t {
  kMatmul,         // useful matrix products at the peak of their number format
  kAttention,      // useful attention at the 16-bit peak
  kMatmulLoss,     // more for tiles, waves, clocks and start-up
  kAttentionLoss,  // likewise
  kStream,         // memory-bound kernels: norms, activations, residuals, routing
  kCast,           // quantising and transposing operands of narrow products
  kRecompute,      // forward work done twice
  kImbalance,      // waiting for the busiest expert
  kHost,           // the device waits for launches
  kLent,           // cores that hidden communication takes from computation
  kTensor,         // exposed tensor-parallel communication
  kContext,        // exposed context-parallel communication
  kExpert,         // exposed all-to-all of experts
  kExchange,       // pipeline messages
  kBubble,         // pipeline fill and drain
  kStages,         // stages shorter than the longest
  kData,           // exposed reduction of gradients and gathering of parameters
  kOptimizer,      // the update
  kOverhead,       // fixed cost of a step
  kStraggler,      // waiting for the slowest chip
  kCount
};
inline constexpr std::size_t kPartCount = static_cast<std::size_t>(Part::kCount);

struct PartText {
  std::string_view group;  // of the ledger
  std::string_view name;
  std::string_view meaning;
};
[[nodiscard]] const PartText& text_of(Part part);

class Parts {
 public:
  [[nodiscard]] double& operator[](Part part) { return s_[static_cast<std::size_t>(part)]; }
  [[nodiscard]] double operator[](Part part) const { return s_[static_cast<std::size_t>(part)]; }
  [[nodiscard]] double total() const {
    double sum = 0;
    for (const double s : s_) sum += s;
    return sum;
  }
  Parts& operator+=(const Parts& other) {
    for (std::size_t i = 0; i < kPartCount; ++i) s_[i] += other.s_[i];
    return *this;
  }
  friend Parts operator-(Parts a, const Parts& b) {
    for (std::size_t i = 0; i < kPartCount; ++i) a.s_[i] -= b.s_[i];
    return a;
  }
  friend Parts operator+(Parts a, const Parts& b) { return a += b; }
  friend Parts operator*(Parts parts, double factor) {
    for (double& s : parts.s_) s *= factor;
    return parts;
  }

 private:
  std::array<double, kPartCount> s_{};
};

}  // namespace isobar::plan

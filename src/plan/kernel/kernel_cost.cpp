#include "plan/kernel/kernel_cost.h"

#include <algorithm>
#include <functional>
#include <unordered_map>

namespace isobar::plan {
namespace {

/// Pairs of a query and a key it may see, exactly.
double attended_pairs(const AttentionKernel& a) {
  const double queries = a.queries, keys = a.keys;
  // The last query sees all keys; query i of q sees keys - queries + i.
  const double before = std::max(0.0, keys - queries);
  double pairs = a.causal ? queries * before + queries * (queries + 1) / 2 : queries * keys;
  if (a.window > 0 && a.window < a.keys) {
    const double window = a.window;
    const double growing =
        std::clamp(window - before, 0.0, queries);  // that see less than a window
    pairs = growing * before + growing * (growing + 1) / 2 + (queries - growing) * window;
  }
  return pairs * static_cast<double>(a.sequences) * a.heads;
}

struct CountFlops {
  double operator()(const MatmulKernel& g) const {
    return 2.0 * static_cast<double>(g.m) * static_cast<double>(g.n) * static_cast<double>(g.k) *
           g.groups;
  }
  double operator()(const AttentionKernel& a) const {
    return 2.0 * attended_pairs(a) * (a.query_key_width + a.value_width) * (a.backward ? 2 : 1);
  }
  double operator()(const StreamKernel& /*stream*/) const { return 0; }
};

struct CountBytes {
  double operator()(const MatmulKernel& g) const {
    const auto m = static_cast<double>(g.m), n = static_cast<double>(g.n);
    const double operands = (m + n) * static_cast<double>(g.k) * bytes_per_element(g.format);
    const double output = m * n * g.output_bytes * (g.accumulates ? 2 : 1);
    return g.groups * (operands + output);
  }
  double operator()(const AttentionKernel& a) const {
    const double queries = static_cast<double>(a.queries) * a.heads;
    const double keys = static_cast<double>(a.keys) * a.kv_heads;
    const double one =
        queries * (a.query_key_width + a.value_width) + keys * (a.query_key_width + a.value_width);
    // Backward reads them and the output's gradient, and writes three gradients.
    return static_cast<double>(a.sequences) * one * bytes_per_element(a.format) *
           (a.backward ? 2.5 : 1);
  }
  double operator()(const StreamKernel& s) const {
    return static_cast<double>(s.bytes_read) + static_cast<double>(s.bytes_written);
  }
};

void mix(std::size_t& hash, std::uint64_t value) {
  // The finaliser of SplitMix64 (Steele et al., 2014).
  value += 0x9e3779b97f4a7c15ULL + hash;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebULL;
  hash = value ^ (value >> 31U);
}

struct Hash {
  std::size_t operator()(const MatmulKernel& g) const {
    std::size_t hash = 1;
    for (const std::uint64_t value :
         {g.m, g.n, g.k, std::uint64_t{g.groups}, static_cast<std::uint64_t>(g.format),
          std::uint64_t{g.output_bytes}, std::uint64_t{g.accumulates}})
      mix(hash, value);
    return hash;
  }
  std::size_t operator()(const AttentionKernel& a) const {
    std::size_t hash = 2;
    for (const std::uint64_t value :
         {a.sequences, std::uint64_t{a.heads}, std::uint64_t{a.kv_heads}, std::uint64_t{a.queries},
          std::uint64_t{a.keys}, std::uint64_t{a.query_key_width}, std::uint64_t{a.value_width},
          std::uint64_t{a.window}, std::uint64_t{a.causal}, std::uint64_t{a.backward},
          static_cast<std::uint64_t>(a.format)})
      mix(hash, value);
    return hash;
  }
  std::size_t operator()(const StreamKernel& s) const {
    std::size_t hash = 3;
    for (const std::uint64_t value : {s.bytes_read, s.bytes_written, std::uint64_t{s.launches}})
      mix(hash, value);
    return hash;
  }
  std::size_t operator()(const Kernel& kernel) const { return std::visit(*this, kernel); }
};

}  // namespace

double flops(const Kernel& kernel) { return std::visit(CountFlops{}, kernel); }
double bytes(const Kernel& kernel) { return std::visit(CountBytes{}, kernel); }

struct MemoisedCost::Table {
  std::unordered_map<Kernel, KernelTime, Hash> times;
};

MemoisedCost::MemoisedCost(std::shared_ptr<const KernelCost> inner)
    : inner_(std::move(inner)), table_(std::make_unique<Table>()) {}
MemoisedCost::~MemoisedCost() = default;

KernelTime MemoisedCost::time(const Kernel& kernel) const {
  const auto known = table_->times.find(kernel);
  if (known != table_->times.end()) return known->second;
  return table_->times.emplace(kernel, inner_->time(kernel)).first->second;
}

}  // namespace isobar::plan

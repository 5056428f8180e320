#include "explain/flops/model_flops.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>

namespace isobar::explain {
namespace {

constexpr std::uint64_t kMostFlops = std::uint64_t{1} << 62U;

void add(std::uint64_t& sum, std::uint64_t flops) { sum = std::min(kMostFlops, sum + flops); }

template <class Use>
void for_each_launch(const Trace& trace, std::int64_t device, const Window& window,
                     const Use& use) {
  for (const DeviceEvent& event : trace.device)
    if (trace.streams[event.stream].device == device && event.begin >= window.begin &&
        event.begin < window.end)
      use(event);
}

/// Causal attention halved, and the other half.
struct LaunchFlops {
  std::uint64_t computed = 0, masked = 0;
};

/// Gives each operator's FLOPs to the first product that it launched; an operator that the trace
/// lists several times (a trace repeated) may be used as often.
class RecordedShapes {
 public:
  explicit RecordedShapes(const Trace& trace) {
    for (const Operation& operation : trace.operations) {
      Entry& entry = entries_[operation.id];
      entry.flops = operation.flops;
      entry.masked = operation.masked;
      ++entry.left;
    }
  }
  /// Nothing: the operator is not known. 0: it is counted already.
  std::optional<LaunchFlops> take(const DeviceEvent& event) {
    if (event.operation == 0) return std::nullopt;
    const auto entry = entries_.find(event.operation);
    if (entry == entries_.end()) return std::nullopt;
    if (entry->second.left == 0) return LaunchFlops{};
    --entry->second.left;
    return LaunchFlops{entry->second.flops, entry->second.masked};
  }

 private:
  struct Entry {
    std::uint64_t flops = 0, masked = 0, left = 0;
  };
  std::unordered_map<std::uint64_t, Entry> entries_;
};

/// Pairs the operands of weight gradients. Two casts in a row on one stream are the operands of one
/// product. A cast alone waits for its partner, which is cast alone too, just before the product.
class WeightGradients {
 public:
  explicit WeightGradients(const KernelTable& table) : table_(table) {}

  void see(const Trace& trace, const DeviceEvent& event, std::uint32_t klass) {
    const std::optional<Operand> operand = operand_of(trace, event);
    Stream& stream = streams_[event.stream];
    if (operand) {
      ++operands_;
      if (stream.last && stream.last->rows == operand->rows) {
        pair(*stream.last, *operand);
        stream.last.reset();
      } else {
        let_wait(stream);
        stream.last = operand;
      }
      return;
    }
    if (klass == table_.operand_product_class()) complete(stream);
    let_wait(stream);
  }

  [[nodiscard]] std::uint64_t flops() const { return flops_; }
  [[nodiscard]] std::uint64_t products() const { return products_; }
  /// All but a few operands found a partner.
  [[nodiscard]] bool holds() const { return products_ > 0 && products_ * 2 * 10 >= operands_ * 9; }

 private:
  /// Most names are no operand's: each is read once.
  std::optional<Operand> operand_of(const Trace& trace, const DeviceEvent& event) {
    if (blocks(event) == 0 || other_names_.contains(event.name)) return std::nullopt;
    const auto operand = table_.operand(trace.names[event.name], event);
    if (!operand) other_names_.insert(event.name);
    return operand;
  }
  struct Stream {
    std::optional<Operand> last;   // cast by the launch just before
    std::vector<Operand> waiting;  // alone, oldest first
  };
  static void let_wait(Stream& stream) {
    constexpr std::size_t kMost = 1000;
    if (stream.last && stream.waiting.size() < kMost) stream.waiting.push_back(*stream.last);
    stream.last.reset();
  }
  void complete(Stream& stream) {
    if (!stream.last) return;
    const auto partner = std::ranges::find(stream.waiting, stream.last->rows, &Operand::rows);
    if (partner == stream.waiting.end()) return;
    pair(*partner, *stream.last);
    stream.waiting.erase(partner);
    stream.last.reset();
  }
  void pair(const Operand& a, const Operand& b) {
    ++products_;
    const auto flops = static_cast<unsigned __int128>(a.rows * 2) * a.columns * b.columns;
    add(flops_, flops > kMostFlops ? kMostFlops : static_cast<std::uint64_t>(flops));
  }

  const KernelTable& table_;
  std::map<std::uint32_t, Stream> streams_;
  std::unordered_set<std::uint32_t> other_names_;
  std::uint64_t flops_ = 0, products_ = 0, operands_ = 0;
};

/// Of one group: how much of its time has FLOPs.
struct Coverage {
  std::uint64_t time = 0, known = 0, unknown_launches = 0;
  [[nodiscard]] bool most() const { return time > 0 && known >= time / 2; }
};

std::string of_time(const char* what, const Coverage& coverage) {
  return fmt::format(
      "not counted: {} launches of {} ({:.2f} ms in all), whose shapes are not in the trace",
      coverage.unknown_launches, what, static_cast<double>(coverage.time - coverage.known) / 1e6);
}

struct Counted {
  ModelFlops flops;
  Coverage gemm, attention;
  std::uint64_t recorded = 0;
  std::vector<Coverage> by_class;
};

/// The first two sources, launch by launch.
Counted count_launches(const Trace& trace, std::int64_t device, const Window& window,
                       const KernelTable& table, const std::vector<std::uint32_t>& classes,
                       WeightGradients& gradients) {
  Counted counted;
  counted.flops.by_class.resize(table.classes().size(), 0);
  counted.by_class.resize(table.classes().size());
  RecordedShapes recorded(trace);
  for_each_launch(trace, device, window, [&](const DeviceEvent& event) {
    const std::uint32_t klass = classes[event.name];
    gradients.see(trace, event, klass);
    const KernelGroup group = table.classes()[klass].group;
    if (!is_product(group)) return;
    std::optional<LaunchFlops> flops = recorded.take(event);
    if (flops) ++counted.recorded;
    if (!flops && group == KernelGroup::kAttention)
      if (const auto launch = table.attention(trace.names[event.name], event))
        flops = LaunchFlops{launch->flops(), launch->masked()};
    Coverage& coverage = group == KernelGroup::kGemm ? counted.gemm : counted.attention;
    const auto took = static_cast<std::uint64_t>(event.end - event.begin);
    for (Coverage* each : {&coverage, &counted.by_class[klass]}) {
      each->time += took;
      each->known += flops ? took : 0;
      each->unknown_launches += flops ? 0 : 1;
    }
    if (!flops) return;
    add(counted.flops.by_class[klass], flops->computed);
    add(counted.flops.masked, flops->masked);
  });
  return counted;
}

/// Attention's helpers (the preparation of its backward pass) have no FLOPs of their own.
void describe(Counted& counted, const WeightGradients& gradients, bool from_casts) {
  ModelFlops& flops = counted.flops;
  std::string source;
  const auto mention = [&](const std::string& text) {
    source += (source.empty() ? "" : "; ") + text;
  };
  if (counted.recorded > 0)
    mention(fmt::format("{} launches from recorded shapes", counted.recorded));
  if (from_casts)
    mention(
        fmt::format("linear layers: 3 x the {} weight gradients whose operand casts show "
                    "tokens, inputs and outputs",
                    gradients.products()));
  if (counted.attention.known > 0 && counted.recorded == 0)
    mention("attention: from the names and grids of its kernels");
  flops.method = source.empty() ? "none: the shapes of the products are not in the trace" : source;
  flops.flops_convention =
      from_casts
          ? "forward and backward of the products seen in the trace, recomputation not counted "
            "(MFU)"
          : "products as launched; a recomputed product counts again (HFU where the run "
            "recomputes)";
}

}  // namespace

std::uint64_t ModelFlops::total() const {
  std::uint64_t sum = 0;
  for (const std::uint64_t flops : by_class) add(sum, flops);
  return sum;
}

SeenAttention seen_attention(const Trace& trace, std::int64_t device, const Window& window,
                             const KernelTable& table) {
  SeenAttention seen;
  std::unordered_set<std::uint32_t> other_names;  // each is read once
  for_each_launch(trace, device, window, [&](const DeviceEvent& event) {
    if (blocks(event) == 0 || other_names.contains(event.name)) return;
    const auto launch = table.attention(trace.names[event.name], event);
    if (!launch) {
      other_names.insert(event.name);
      return;
    }
    AttentionPasses& pass = launch->backward ? seen.backward : seen.forward;
    ++pass.launches;
    add(pass.flops, launch->flops());
    add(pass.query_rows, launch->heads * launch->sequence);
    pass.sequence = launch->sequence;
  });
  return seen;
}

ModelFlops traced_flops(const Trace& trace, std::int64_t device, const Window& window,
                        const KernelTable& table, const std::vector<std::uint32_t>& classes) {
  WeightGradients gradients(table);
  Counted counted = count_launches(trace, device, window, table, classes, gradients);
  ModelFlops& flops = counted.flops;
  const std::uint32_t product = table.operand_product_class();
  const bool from_casts = !counted.by_class[product].most() && gradients.holds();
  if (from_casts) {
    flops.by_class[product] = std::min(kMostFlops, 3 * std::min(kMostFlops / 3, gradients.flops()));
    Coverage& casts = counted.by_class[product];
    counted.gemm.known += casts.time - casts.known;
    counted.gemm.unknown_launches -= casts.unknown_launches;
  }
  describe(counted, gradients, from_casts);
  flops.known = counted.gemm.time > 0 ? counted.gemm.most() : counted.attention.most();
  if (flops.known && counted.gemm.unknown_launches > 0)
    flops.notes.push_back(of_time("matrix products", counted.gemm));
  if (flops.known && counted.attention.time > 0 && !counted.attention.most())
    flops.notes.push_back(of_time("attention", counted.attention));
  return std::move(counted.flops);
}

}  // namespace isobar::explain

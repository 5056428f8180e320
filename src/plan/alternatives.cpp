#include "plan/alternatives.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace isobar::plan {
namespace {

/// Collects layouts that differ from one in one choice.
class Changes {
 public:
  Changes(const Setting& setting, const Layout& best) : setting_(setting), best_(best) {}

  void add_all() {
    add_sharding();
    add_overlap();
    add_schedules();
    add_micro_batches();
    add_recomputation();
    add_precisions();
  }
  [[nodiscard]] std::vector<Alternative> take() { return std::move(list_); }

 private:
  void add(std::string change, const Layout& layout) {
    Alternative other{std::move(change), {layout, {}, {}}, {}};
    Candidate& candidate = other.candidate;
    candidate.layout.stack.stock = layout.zero == 3;
    if (const auto rule = broken_rule(candidate.layout, *setting_.shape, *setting_.chip)) {
      other.refused = *rule;
    } else {
      candidate.step = step_time(setting_, candidate.layout);
      candidate.memory = memory_use(model_bytes(*setting_.shape, candidate.layout), *setting_.shape,
                                    candidate.layout);
      if (candidate.memory.total() > kUsableMemory * setting_.chip->capacity)
        other.refused = fmt::format("needs {:.0f} GB of {:.0f}", candidate.memory.total() / 1e9,
                                    setting_.chip->capacity / 1e9);
    }
    list_.push_back(std::move(other));
  }

  void add_sharding() {
    for (std::uint32_t zero = 0; zero <= 3; ++zero) {
      if (zero == best_.zero && best_.shard_group == 0) continue;
      Layout layout = best_;
      layout.zero = zero;
      layout.shard_group = 0;
      add(zero == 0 ? std::string("no ZeRO") : fmt::format("ZeRO-{}", zero), layout);
    }
    const std::uint32_t replicas = best_.data * best_.context;
    const std::uint32_t node = std::max(1U, setting_.network->domain() / best_.tensor);
    if (node > 1 && node < replicas && best_.shard_group != node) {
      Layout layout = best_;
      layout.zero = 3;
      layout.shard_group = node;
      add(fmt::format("HSDP, a copy on {} chips", node * best_.tensor), layout);
    }
    Layout layout = best_;
    layout.offload_optimizer = !best_.offload_optimizer;
    add(best_.offload_optimizer ? "no offload" : "offload of the optimiser", layout);
  }

  void add_overlap() {
    if (best_.tensor > 1) {
      Layout layout = best_;
      layout.stack.overlaps_tensor = !best_.stack.overlaps_tensor;
      add(best_.stack.overlaps_tensor ? "no async tensor parallelism" : "async tensor parallelism",
          layout);
      layout = best_;
      layout.sequence_parallel = !best_.sequence_parallel;
      add(best_.sequence_parallel ? "no sequence parallelism" : "sequence parallelism", layout);
    }
    if (best_.data * best_.context > 1) {
      Layout layout = best_;
      layout.stack.overlaps_data = !best_.stack.overlaps_data;
      add(best_.stack.overlaps_data ? "gradients not overlapped" : "gradients overlapped", layout);
    }
    if (best_.context > 1) {
      Layout layout = best_;
      const bool ring = best_.exchange == ContextExchange::kRing;
      layout.exchange = ring ? ContextExchange::kAllToAll : ContextExchange::kRing;
      add(fmt::format("context by {}", name_of(layout.exchange)), layout);
    }
  }

  void add_schedules() {
    if (best_.pipeline == 1) return;
    for (const Schedule schedule : kSchedules) {
      if (schedule == best_.schedule) continue;
      Layout layout = best_;
      layout.schedule = schedule;
      layout.virtual_stages = schedule == Schedule::kInterleaved ? 2 : 1;
      add(fmt::format("{}{}", name_of(schedule), layout.virtual_stages > 1 ? " x2" : ""), layout);
    }
  }

  void add_micro_batches() {
    for (const std::uint32_t size : {best_.micro_batch / 2, best_.micro_batch * 2}) {
      if (size == 0) continue;
      Layout layout = best_;
      layout.micro_batch = size;
      add(fmt::format("micro-batch {}", size), layout);
    }
  }

  void add_recomputation() {
    for (const Recompute recompute : {Recompute::kNone, Recompute::kSelective, Recompute::kFull}) {
      if (recompute == best_.recompute) continue;
      Layout layout = best_;
      layout.recompute = recompute;
      layout.recompute_share = 1;
      add(fmt::format("recomputation {}", name_of(recompute)), layout);
    }
  }

  void add_precisions() {
    for (const Precision precision : {Precision::kBf16, Precision::kFp8Tensor, Precision::kFp8Block,
                                      Precision::kMxfp8, Precision::kNvfp4}) {
      if (precision == best_.precision) continue;
      Layout layout = best_;
      layout.precision = precision;
      add(std::string(name_of(precision)), layout);
    }
  }

  const Setting& setting_;
  const Layout& best_;
  std::vector<Alternative> list_;
};

}  // namespace

std::vector<Alternative> alternatives(const Setting& setting, const Layout& best) {
  Changes changes(setting, best);
  changes.add_all();
  return changes.take();
}

}  // namespace isobar::plan

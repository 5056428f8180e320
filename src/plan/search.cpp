#include "plan/search.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <tuple>

namespace isobar::plan {
namespace {

struct Recipe {
  Recompute recompute = Recompute::kNone;
  double share = 0;
};
constexpr std::array kRecipes{Recipe{Recompute::kNone, 0},    Recipe{Recompute::kSelective, 0},
                              Recipe{Recompute::kFull, 0.25}, Recipe{Recompute::kFull, 0.5},
                              Recipe{Recompute::kFull, 0.75}, Recipe{Recompute::kFull, 1}};

std::vector<std::uint32_t> divisors(std::uint32_t number, std::uint32_t most) {
  std::vector<std::uint32_t> list;
  for (std::uint32_t d = 1; d <= std::min(number, most); ++d)
    if (number % d == 0) list.push_back(d);
  return list;
}

/// `fixed` alone where it is given.
std::vector<std::uint32_t> choices(std::uint32_t fixed, std::vector<std::uint32_t> all) {
  if (fixed != 0) return {fixed};
  return all;
}

template <class T>
bool allows(const std::optional<T>& kept, const T& choice) {
  return !kept || *kept == choice;
}

using Degrees = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>;
Degrees degrees_of(const Layout& layout) {
  return {layout.tensor, layout.pipeline, layout.expert, layout.context};
}

/// What makes a layout harder to run, the heaviest first.
using Complexity = std::array<std::uint32_t, 16>;
Complexity complexity_of(const Layout& l) {
  const auto kinds = static_cast<std::uint32_t>((l.tensor > 1) + (l.pipeline > 1) +
                                                (l.context > 1) + (l.expert > 1));
  // Each part of the layers that is recomputed in full counts more than selective recomputation.
  const auto again = static_cast<std::uint32_t>(l.recompute == Recompute::kFull
                                                    ? 1 + std::lround(100 * l.recompute_share)
                                                    : l.recompute == Recompute::kSelective);
  return {kinds,
          l.context,
          l.tensor,
          l.pipeline,
          l.expert,
          static_cast<std::uint32_t>(l.schedule),
          l.virtual_stages,
          l.offload_optimizer,
          static_cast<std::uint32_t>(l.precision),
          l.zero,
          l.shard_group,
          again,
          l.micro_batch,
          !l.stack.overlaps_data,
          l.tensor > 1 && !l.sequence_parallel,
          l.tensor > 1 && !l.stack.overlaps_tensor};
}

/// What one thread found.
struct Found {
  SearchResult counts;
  std::map<Degrees, Candidate> best;
  std::size_t family = 0;  // that is being visited; their order is no matter of threads
  std::array<std::size_t, static_cast<std::size_t>(Rule::kCount)> example_of{};

  void keep(const Candidate& candidate) {
    const auto [at, is_new] = best.try_emplace(degrees_of(candidate.layout), candidate);
    if (!is_new && is_before(candidate, at->second)) at->second = candidate;
  }
  void keep_too_large(const Candidate& candidate) {
    auto& kept = counts.fastest_too_large;
    if (!kept || is_before(candidate, *kept)) kept = candidate;
  }
  void merge(const Found& other) {
    counts.candidates += other.counts.candidates;
    counts.too_large += other.counts.too_large;
    counts.timed += other.counts.timed;
    for (std::size_t i = 0; i < counts.broken.size(); ++i) {
      if (other.counts.broken[i] > 0 &&
          (counts.broken[i] == 0 || other.example_of[i] < example_of[i])) {
        counts.examples[i] = other.counts.examples[i];
        example_of[i] = other.example_of[i];
      }
      counts.broken[i] += other.counts.broken[i];
    }
    for (const auto& [degrees, candidate] : other.best) keep(candidate);
    if (other.counts.fastest_too_large) keep_too_large(*other.counts.fastest_too_large);
  }
};

/// All layouts that share the cost of a micro-batch: stages, schedule, sharding and batch remain.
class Family {
 public:
  Family(const SearchSpace& space, Layout start, Found& found)
      : space_(space), layout_(start), found_(found) {}

  void visit() {
    const std::uint32_t replica = layout_.tensor * layout_.context;
    if (space_.chips % replica != 0) return;
    const std::uint32_t most = space_.setting.shape->layers + 2;
    for (const std::uint32_t stages :
         choices(space_.fixed.pipeline, divisors(space_.chips / replica, most))) {
      if (space_.chips % (replica * stages) != 0) continue;
      layout_.pipeline = stages;
      layout_.data = space_.chips / replica / stages;
      visit_schedules();
    }
  }

 private:
  void visit_schedules() {
    const std::uint32_t layers = space_.setting.shape->layers;
    for (const Schedule schedule : kSchedules) {
      if (layout_.pipeline == 1 && schedule != Schedule::kOneForwardOneBackward) break;
      if (space_.plain_stages && (layout_.pipeline == 1 || schedule == Schedule::kInterleaved ||
                                  schedule == Schedule::kDualPipe))
        continue;
      if (layout_.pipeline > 1 && !allows(space_.choices.schedule, schedule)) continue;
      layout_.schedule = schedule;
      const bool chunks = schedule == Schedule::kInterleaved;
      std::vector<std::uint32_t> virtual_stages{1};
      if (chunks) {
        virtual_stages.clear();
        for (std::uint32_t v = 2; v * layout_.pipeline <= layers + 2; ++v)
          if (layers % (v * layout_.pipeline) == 0 || v * layout_.pipeline == layers + 2)
            virtual_stages.push_back(v);
      }
      for (const std::uint32_t v :
           choices(chunks ? space_.fixed.virtual_stages : 0, virtual_stages)) {
        layout_.virtual_stages = v;
        visit_sharding();
      }
    }
  }

  void visit_sharding() {
    const Choices& choices = space_.choices;
    for (std::uint32_t zero = 0; zero <= 3; ++zero) {
      if (!allows(choices.zero, zero)) continue;
      layout_.zero = zero;
      layout_.stack.stock = zero == 3;  // what FSDP frameworks reach is calibrated so
      const MicroBatchTime& micro = micro_time();
      if (!bytes_) bytes_ = model_bytes(*space_.setting.shape, layout_);
      const ModelBytes& bytes = *bytes_;
      pipeline_.reset();
      for (const std::uint32_t shard_group : shard_groups())
        for (const bool offload : {false, true})
          for (const bool overlap : {true, false}) {
            if (!allows(choices.offload, offload) || !allows(choices.overlaps_data, overlap))
              continue;
            layout_.shard_group = shard_group;
            layout_.offload_optimizer = offload;
            layout_.stack.overlaps_data = overlap;
            visit_one(micro, bytes);
          }
    }
  }

  /// Sharded over all replicas, or (HSDP) over every part of them that divides them.
  [[nodiscard]] std::vector<std::uint32_t> shard_groups() const {
    if (space_.choices.shard_group) return {*space_.choices.shard_group};
    std::vector<std::uint32_t> list{0};
    const std::uint32_t replicas = layout_.data * layout_.context;
    if (layout_.zero != 3 || replicas <= 3) return list;
    for (const std::uint32_t size : divisors(replicas, replicas / 2))
      if (size > 1) list.push_back(size);
    return list;
  }

  void visit_one(const MicroBatchTime& micro, const ModelBytes& bytes) {
    ++found_.counts.candidates;
    const Setting& setting = space_.setting;
    const Rule rule = first_broken_rule(layout_, *setting.shape, *setting.chip);
    if (rule != Rule::kNone) {
      const auto index = static_cast<std::size_t>(rule);
      if (found_.counts.broken[index]++ == 0) {
        found_.counts.examples[index] = layout_;
        found_.example_of[index] = found_.family;
      }
      return;
    }
    Candidate candidate{layout_, {}, memory_use(bytes, *setting.shape, layout_)};
    const bool fits = candidate.memory.total() <= kUsableMemory * setting.chip->capacity;
    if (!fits) ++found_.counts.too_large;
    // A chip of twice the memory might hold it: what it would win is worth knowing.
    if (!fits && candidate.memory.total() > 2 * setting.chip->capacity) return;
    if (!pipeline_) pipeline_ = pipeline_of(layout_, micro, setting.shape->layers);
    candidate.step = step_time(setting, layout_, micro, bytes, *pipeline_);
    ++found_.counts.timed;
    fits ? found_.keep(candidate) : found_.keep_too_large(candidate);
  }

  /// Where experts' exchange can hide, the cost of a micro-batch depends on the schedule.
  const MicroBatchTime& micro_time() {
    std::size_t kind = 0;
    if (space_.setting.shape->has_experts()) {
      if (layout_.virtual_stages > 1) kind = 1;
      if (layout_.schedule == Schedule::kDualPipe) kind = 2;
    }
    if (layout_.stack.stock) kind += 3;
    std::optional<MicroBatchTime>& micro = micro_.at(kind);
    if (!micro) micro = micro_batch_time(space_.setting, layout_);
    return *micro;
  }

  const SearchSpace& space_;
  Layout layout_;
  Found& found_;
  std::array<std::optional<MicroBatchTime>, 6> micro_;
  std::optional<ModelBytes> bytes_;
  std::optional<Pipeline> pipeline_;
};

/// Every combination that a Family starts from.
class Families {
 public:
  explicit Families(const SearchSpace& space) : space_(space) {
    const model::TransformerShape& shape = *space.setting.shape;
    start_.global_batch = space.global_batch;
    start_.sequence = space.sequence;
    start_.stack = space.stack;
    const std::uint32_t domain = space.setting.network->domain();
    for (const std::uint32_t tensor :
         choices(space.fixed.tensor, divisors(shape.heads, std::max(8U, std::min(domain, 64U)))))
      for (const std::uint32_t context : choices(space.fixed.context, contexts()))
        for (const std::uint32_t expert : choices(space.fixed.expert, experts())) {
          start_.tensor = tensor;
          start_.context = context;
          start_.expert = expert;
          if (space.chips % (tensor * context) == 0) add_recipes();
        }
  }
  [[nodiscard]] const std::vector<Layout>& list() const { return list_; }

 private:
  [[nodiscard]] std::vector<std::uint32_t> contexts() const {
    std::vector<std::uint32_t> list;
    for (std::uint32_t c = 1; c <= 64 && space_.sequence / c >= 1024; c *= 2)
      if (space_.sequence % c == 0) list.push_back(c);
    if (list.empty()) list.push_back(1);
    return list;
  }
  [[nodiscard]] std::vector<std::uint32_t> experts() const {
    const std::uint32_t count = space_.setting.shape->experts.count;
    return count == 0 ? std::vector<std::uint32_t>{1} : divisors(count, 512);
  }
  void add_recipes() {
    const std::uint32_t most = std::min(64U, std::max(1U, space_.global_batch));
    for (const std::uint32_t micro_batch :
         choices(space_.fixed.micro_batch, divisors(space_.global_batch, most)))
      for (const Precision precision : space_.precisions)
        for (const Recipe recipe : kRecipes) {
          if (!allows(space_.choices.recompute, recipe.recompute)) continue;
          for (const bool sequence_parallel : {true, false})
            for (const bool overlap : {true, false})
              for (const ContextExchange exchange :
                   {ContextExchange::kRing, ContextExchange::kAllToAll}) {
                if (start_.tensor == 1 && (sequence_parallel || overlap)) continue;
                if (start_.context == 1 && exchange != ContextExchange::kRing) continue;
                if (start_.tensor > 1 &&
                    (!allows(space_.choices.sequence_parallel, sequence_parallel) ||
                     !allows(space_.choices.overlaps_tensor, overlap)))
                  continue;
                if (start_.context > 1 && !allows(space_.choices.exchange, exchange)) continue;
                Layout layout = start_;
                layout.micro_batch = micro_batch;
                layout.precision = precision;
                layout.recompute = recipe.recompute;
                layout.recompute_share = recipe.share;
                layout.sequence_parallel = sequence_parallel;
                layout.stack.overlaps_tensor = overlap;
                layout.exchange = exchange;
                list_.push_back(layout);
              }
        }
  }

  const SearchSpace& space_;
  Layout start_;
  std::vector<Layout> list_;
};

}  // namespace

double as_printed(double seconds) {
  if (!(seconds > 0)) return seconds;
  const double unit = std::pow(10, std::floor(std::log10(seconds)) - 3);
  return std::round(seconds / unit) * unit;
}

bool is_before(const Candidate& a, const Candidate& b) {
  const double x = a.step.seconds;
  const double y = b.step.seconds;
  // A thousandth apart they cannot print alike, and the search asks this a million times.
  if (std::abs(x - y) > 1e-3 * std::max(x, y)) return x < y;
  const double printed_x = as_printed(x);
  const double printed_y = as_printed(y);
  if (printed_x != printed_y) return printed_x < printed_y;
  const Complexity of_a = complexity_of(a.layout);
  const Complexity of_b = complexity_of(b.layout);
  if (of_a != of_b) return of_a < of_b;
  if (x != y) return x < y;
  return a.layout.describe() < b.layout.describe();
}

Layout free_layout() {
  Layout layout;
  layout.tensor = layout.pipeline = layout.data = layout.expert = layout.context = 0;
  layout.virtual_stages = layout.micro_batch = 0;
  return layout;
}

SearchResult search(const SearchSpace& space, const std::function<void(double)>& progress) {
  const auto begin = std::chrono::steady_clock::now();
  const Families families(space);
  const std::vector<Layout>& list = families.list();
  Found all;
  std::mutex merging;
  std::atomic<std::size_t> next{0};
  std::exception_ptr failed;  // the first; the others leave off
  const auto work_through = [&] {
    Found mine;
    for (std::size_t i = next++; i < list.size(); i = next++) {
      mine.family = i;
      Family(space, list[i], mine).visit();
      if (progress && i % 64 == 0) {
        const std::scoped_lock lock(merging);
        progress(static_cast<double>(i) / static_cast<double>(list.size()));
      }
    }
    const std::scoped_lock lock(merging);
    all.merge(mine);
  };
  const auto work = [&] {
    try {
      work_through();
    } catch (...) {
      const std::scoped_lock lock(merging);
      if (!failed) failed = std::current_exception();
      next = list.size();
    }
  };
  const unsigned threads =
      space.threads > 0 ? space.threads : std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::jthread> others;
  for (unsigned i = 1; i < threads; ++i) others.emplace_back(work);
  work();
  others.clear();
  if (failed) std::rethrow_exception(failed);
  SearchResult result = std::move(all.counts);
  for (auto& [degrees, candidate] : all.best) result.best.push_back(candidate);
  std::ranges::sort(result.best, is_before);
  if (result.best.size() > space.runners_up + 1) result.best.resize(space.runners_up + 1);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

}  // namespace isobar::plan

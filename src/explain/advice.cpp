#include "explain/advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace isobar::explain {
namespace {

/// Good kernels of a class reach this share of the dense 16-bit peak: long matrix products 80 %
/// (cuBLAS and DeepGEMM on H100-class chips), attention forward 65 % and backward 50 %
/// (FlashAttention-3, 2024, figures 5 and 6, causal, heads of 128).
struct Reach {
  std::string_view klass;
  double share;
};
constexpr std::array<Reach, 2> kReach{{{"attention forward", 0.65}, {"attention backward", 0.50}}};
constexpr double kGemmReach = 0.80;

struct VectorRemedy {
  std::string_view klass;
  const char* remedy;
};
constexpr std::array<VectorRemedy, 6> kVectorRemedies{{
    {"cast and transpose",
     "fuse casts into the kernels that produce their input (norm, activation, the product's "
     "epilogue), keep transposed copies instead of making them again, cast before sending"},
    {"norm", "use one fused kernel for norm, residual and cast"},
    {"elementwise", "fuse chains of elementwise kernels (torch.compile, or a hand-written kernel)"},
    {"permute",
     "fuse routing's permutations into the grouped product's loads and stores, or into "
     "communication; avoid .contiguous()"},
    {"softmax and loss", "fuse the loss with the output layer, in chunks of tokens"},
    {"optimiser", "use a fused multi-tensor optimiser, or shard it over more ranks"},
}};

class Adviser {
 public:
  explicit Adviser(const Explanation& explanation)
      : e_(explanation),
        total_(explanation.totals()),
        per_step_(static_cast<double>(steps(explanation))) {}

  std::vector<Advice> all() {
    vectors();
    products();
    exposed();
    lent();
    handshakes();
    host();
    small();
    stragglers();
    std::ranges::sort(advice_, [](const Advice& a, const Advice& b) {
      return a.gain_us != b.gain_us ? a.gain_us > b.gain_us : a.cause < b.cause;
    });
    return std::move(advice_);
  }

 private:
  static std::uint64_t steps(const Explanation& e) {
    std::uint64_t sum = 0;
    for (const Rank& rank : e.ranks) sum += std::max<std::uint64_t>(1, rank.steps);
    return std::max<std::uint64_t>(1, sum);
  }
  /// Of one step of one rank, in microseconds.
  [[nodiscard]] double us(std::uint64_t ns) const {
    return static_cast<double>(ns) / 1e3 / per_step_;
  }
  [[nodiscard]] double us_of_charge(std::uint64_t charge) const {
    return us(charge) / static_cast<double>(e_.peak.sms);
  }
  [[nodiscard]] double share(double gain) const {
    const double step = us(total_.span);
    return step > 0 ? 100 * gain / step : 0;
  }
  void add(std::string cause, double gain, std::string finding, std::string remedy,
           std::string evidence) {
    if (share(gain) < 1) return;
    advice_.push_back(
        {std::move(cause), std::move(finding), std::move(remedy), std::move(evidence), gain});
  }
  [[nodiscard]] std::string largest_of(std::uint32_t klass) const;

  void vectors();
  void products();
  void exposed();
  void lent();
  void handshakes();
  void host();
  void small();
  void stragglers();

  const Explanation& e_;
  TimelineFigures total_;
  double per_step_;
  std::vector<Advice> advice_;
};

std::string Adviser::largest_of(std::uint32_t klass) const {
  const NamedKernel* largest = nullptr;
  for (const NamedKernel& kernel : e_.kernels)
    if (kernel.klass == klass && (largest == nullptr || kernel.totals.busy > largest->totals.busy))
      largest = &kernel;
  if (largest == nullptr) return "";
  constexpr std::size_t kShown = 60;
  std::string name = largest->name.substr(0, kShown);
  if (largest->name.size() > kShown) name += "...";
  return fmt::format("; the largest, {} launches, {:.0f} us: {}", largest->totals.launches,
                     us(largest->totals.busy), name);
}

/// A vector kernel could vanish into its neighbours: all its time is at stake.
void Adviser::vectors() {
  for (std::uint32_t i = 0; i < e_.classes.size(); ++i) {
    const ClassTotals& c = e_.classes[i];
    if (c.klass.group != KernelGroup::kVector || c.klass.name == "other") continue;
    const auto remedy = std::ranges::find(kVectorRemedies, c.klass.name, &VectorRemedy::klass);
    add("kernels without model FLOPs/" + c.klass.name, us_of_charge(c.charge),
        fmt::format("{} kernels take {:.1f} % of the step", c.klass.name, share(us(c.busy))),
        remedy != kVectorRemedies.end() ? remedy->remedy : "fuse them with their neighbours",
        fmt::format("{} launches, {:.0f} us a step{}", c.launches, us(c.busy), largest_of(i)));
  }
}

void Adviser::products() {
  if (!e_.flops_known || e_.peak.flops <= 0) return;
  for (std::uint32_t i = 0; i < e_.classes.size(); ++i) {
    const ClassTotals& c = e_.classes[i];
    if (!is_product(c.klass.group) || c.busy == 0 || c.flops == 0) continue;
    const auto known = std::ranges::find(kReach, c.klass.name, &Reach::klass);
    const double reach = known != kReach.end() ? known->share : kGemmReach;
    const double wanted = us_of_charge(c.useful) / reach;
    const double rate = static_cast<double>(c.flops) / (static_cast<double>(c.busy) * 1e-9);
    add("kernel inefficiency/" + c.klass.name, us_of_charge(c.charge) - wanted,
        fmt::format("{} runs at {:.0f} % of the 16-bit peak", c.klass.name,
                    100 * rate / e_.peak.flops),
        c.klass.group == KernelGroup::kAttention
            ? "use a newer attention kernel; longer sequences and causal load balance help"
            : "larger micro-batches, shapes that fill whole tiles and waves, a narrower type",
        fmt::format("{:.2f} TFLOP in {:.2f} ms; good kernels reach {:.0f} %{}",
                    static_cast<double>(c.flops) / 1e12, static_cast<double>(c.busy) / 1e6,
                    100 * reach, largest_of(i)));
  }
}

void Adviser::exposed() {
  for (const ClassTotals& c : e_.classes)
    if (c.exposed > 0)
      add("exposed communication/" + c.klass.name, us_of_charge(c.exposed),
          fmt::format("{} is exposed for {:.1f} % of the step", c.klass.name,
                      share(us_of_charge(c.exposed))),
          "start it earlier or finish it later (prefetch, bucket sizes, a second micro-batch to "
          "overlap with), or move fewer bytes (hierarchy, a narrower type)",
          fmt::format("{} launches, {:.0f} us a step, {:.0f} us of them exposed", c.launches,
                      us(c.busy), us_of_charge(c.exposed)));
}

void Adviser::lent() {
  std::uint64_t charge = 0;
  for (const ClassTotals& c : e_.classes) charge += c.lent;
  std::string blocks;
  if (total_.product_blocks > 0 && total_.product_blocks < e_.peak.sms)
    blocks = fmt::format("; products are launched with {} thread blocks", total_.product_blocks);
  add("SMs lent to communication", us_of_charge(charge),
      fmt::format("communication holds {} of {} SMs while products run", total_.lent_sms,
                  e_.peak.sms),
      "use copy engines or the network card for the transfer (NCCL's and DeepEP's options without "
      "SMs), fewer channels, or offload the reduction to the switch",
      fmt::format("{:.0f} us a step with both{}", us(total_.overlapped), blocks));
}

void Adviser::handshakes() {
  std::uint64_t communication = 0;
  for (const ClassTotals& c : e_.classes)
    if (c.klass.group == KernelGroup::kCommunication) communication += c.busy;
  for (const ClassTotals& c : e_.classes) {
    if (c.klass.name != "expert handshake" || c.busy * 10 < communication) continue;
    // Hidden waiting costs the SMs that wait.
    add("SMs lent to communication/expert handshake", us_of_charge(c.lent + c.exposed),
        fmt::format("{:.0f} % of expert communication is waiting for peers",
                    100.0 * static_cast<double>(c.busy) / static_cast<double>(communication)),
        "balance experts and arrival times: early ranks hold SMs until the last one arrives",
        fmt::format("{} handshakes, {:.0f} us a step in all", c.launches, us(c.busy)));
  }
}

void Adviser::host() {
  std::uint64_t launches = 0;
  for (const ClassTotals& c : e_.classes) launches += c.launches;
  add("idle/host-bound gaps", us(total_.host_bound),
      fmt::format("the device waits for the host {:.1f} % of the step",
                  share(us(total_.host_bound))),
      "capture the step in a graph, compile it, load data in other processes, and avoid .item() "
      "and other waits on the host",
      fmt::format(
          "{} gaps; {} launches, one every {:.1f} us", total_.gaps, launches,
          us(total_.span) * per_step_ / static_cast<double>(std::max<std::uint64_t>(1, launches))));
}

void Adviser::small() {
  std::uint64_t launches = 0, busy = 0;
  for (const NamedKernel& kernel : e_.kernels) {
    if (kernel.totals.launches == 0) continue;
    launches += kernel.totals.small;
    busy += kernel.totals.busy / kernel.totals.launches * kernel.totals.small;
  }
  add("kernels without model FLOPs", us(busy),
      fmt::format("{} launches are shorter than 5 us", launches),
      "fuse them or capture them in a graph: a launch takes about as long as they do",
      fmt::format("together about {:.0f} us a step", us(busy)));
}

void Adviser::stragglers() {
  if (e_.ranks.size() < 2) return;
  const auto by_work = [](const Rank& a, const Rank& b) {
    return a.figures.compute_busy < b.figures.compute_busy;
  };
  const auto [least, most] = std::ranges::minmax_element(e_.ranks, by_work);
  const double gain =
      static_cast<double>(most->figures.compute_busy - least->figures.compute_busy) / 1e3 /
      static_cast<double>(std::max<std::uint64_t>(1, most->steps));
  add("exposed communication", gain,
      fmt::format("the busiest rank computes {:.0f} us a step longer than the least busy", gain),
      "balance layers, experts or sequence lengths over ranks; look for a slow chip",
      fmt::format("device {} of {} and device {} of {}", most->device, most->file, least->device,
                  least->file));
}

}  // namespace

std::vector<Advice> advise(const Explanation& explanation) { return Adviser(explanation).all(); }

}  // namespace isobar::explain

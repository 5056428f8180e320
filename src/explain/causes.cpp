#include "explain/causes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "ledger/training_ledger.h"

namespace isobar::explain {
namespace {

using Path = std::vector<std::string>;

/// A kind of charge as it stands in the ledger: one cause, or one cause for each class.
struct Shown {
  Charge charge;
  const char* cause;
  const char* leaf;  // null: the class's name
  const char* explanation;
};
// The order of the waterfall, outermost loss first.
constexpr std::array<Shown, 6> kShown{{
    {Charge::kHostBound, "idle", "host-bound gaps",
     "nothing ran because the host had not launched the next kernel: Python, data loading, waits "
     "for a result on the host"},
    {Charge::kWaiting, "idle", "waiting",
     "nothing ran although the next kernel was launched: launch latency, or a wait for an event"},
    {Charge::kExposedCommunication, "exposed communication", nullptr,
     "communication with no compute kernel beside it"},
    {Charge::kExposedPacking, "exposed communication", "packing",
     "compute kernels on a stream that serves communication, with no other kernel beside them"},
    {Charge::kExposedCopy, "exposed copies", nullptr, "copies with nothing beside them"},
    {Charge::kLentSms, "SMs lent to communication", nullptr,
     "SMs that communication's thread blocks held while compute kernels ran on the others"},
}};
constexpr const char* kVector = "kernels without model FLOPs";
constexpr const char* kInefficiency = "kernel inefficiency";

std::uint64_t at(const NameTotals& totals, Charge charge) {
  return totals.charge[static_cast<std::size_t>(charge)];
}

Path path_of(const Shown& shown, const std::string& klass) {
  if (shown.charge == Charge::kExposedCopy) return {shown.cause};
  return {shown.cause, shown.leaf != nullptr ? std::string(shown.leaf) : klass};
}

/// What a class's FLOPs take at peak, in ns x SM.
std::uint64_t at_peak(std::uint64_t flops, const Peak& peak) {
  if (peak.flops <= 0) return 0;
  constexpr long double kMost = 4.6e18L;  // two such sums fit a ledger: 146 years of one SM
  const long double taken = static_cast<long double>(flops) * 1e9L /
                            static_cast<long double>(peak.flops) *
                            static_cast<long double>(peak.sms);
  if (taken > kMost)
    fail(
        "{:.3g} TFLOP of this trace would take {:.3g} s at a peak of {:.3g} TFLOP/s (--chip may "
        "name the wrong chip)",
        static_cast<double>(flops) / 1e12, static_cast<double>(flops) / peak.flops,
        peak.flops / 1e12);
  return static_cast<std::uint64_t>(std::llround(taken));
}

void charge_losses(Explanation& explanation) {
  for (const Shown& shown : kShown) {
    bool said = false;
    for (std::uint32_t klass = 0; klass < explanation.classes.size(); ++klass) {
      std::uint64_t sum = 0;
      for (const NamedKernel& kernel : explanation.kernels)
        if (kernel.klass == klass) sum += at(kernel.totals, shown.charge);
      if (sum == 0) continue;
      // One sentence serves all parts of a cause.
      explanation.ledger->charge(path_of(shown, explanation.classes[klass].klass.name), sum,
                                 said ? std::string_view() : shown.explanation);
      said = true;
    }
  }
}

std::string product_explanation(const ClassTotals& c, const Explanation& explanation) {
  if (c.flops == 0 || c.busy == 0) return "its FLOPs are unknown: all of its time is charged here";
  const double rate = static_cast<double>(c.flops) / (static_cast<double>(c.busy) * 1e-9);
  return fmt::format(
      "time beyond its {:.2f} TFLOP at peak: it ran at {:.0f} TFLOP/s, {:.0f} % of peak",
      static_cast<double>(c.flops) / 1e12, rate / 1e12,
      explanation.peak.flops > 0 ? 100 * rate / explanation.peak.flops : 0.0);
}

}  // namespace

void fill_ledger(Explanation& explanation) {
  std::uint64_t capacity = 0;
  for (const Rank& rank : explanation.ranks) capacity += rank.figures.span * explanation.peak.sms;
  explanation.ledger = std::make_unique<ledger::Ledger>(
      capacity,
      ledger::Convention{fmt::format("measured: {} trace of {}", explanation.backend,
                                     explanation.device_name.empty() ? "an unnamed device"
                                                                     : explanation.device_name),
                         explanation.flops_convention, explanation.peak.name, "ns x SM"});
  charge_losses(explanation);

  // Vector kernels first, then what products took beyond their FLOPs, then those FLOPs.
  std::uint64_t useful = 0;
  for (ClassTotals& c : explanation.classes) {
    if (is_product(c.klass.group)) {
      const std::uint64_t wanted = explanation.flops_known ? at_peak(c.flops, explanation.peak) : 0;
      c.useful = std::min(wanted, c.charge);
      explanation.credited += wanted - c.useful;
      useful += c.useful;
    } else if (c.charge > 0) {
      explanation.ledger->charge({kVector, c.klass.name}, c.charge);
    }
  }
  if (explanation.flops_known)
    explanation.credited += at_peak(explanation.masked_flops, explanation.peak);
  for (const ClassTotals& c : explanation.classes)
    if (is_product(c.klass.group) && c.charge > c.useful)
      explanation.ledger->charge({kInefficiency, c.klass.name}, c.charge - c.useful,
                                 product_explanation(c, explanation));
  if (useful > 0)
    explanation.ledger->charge({ledger::kUseful}, useful,
                               "the model's FLOPs at peak rate; this share is the MFU");
}

namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return result;
}

void leaves(const ledger::Cause& cause, Path path,
            std::vector<std::pair<Path, const ledger::Cause*>>& found) {
  if (!cause.name.empty() && cause.name != "peak") path.push_back(cause.name);
  if (cause.children.empty() && !path.empty()) found.emplace_back(path, &cause);
  for (const ledger::Cause& child : cause.children) leaves(child, path, found);
}

/// Of one kernel, to the leaf at `path`.
std::uint64_t charged(const NamedKernel& kernel, const ClassTotals& c, const Path& path) {
  std::uint64_t sum = 0;
  for (const Shown& shown : kShown)
    if (path_of(shown, c.klass.name) == path) sum += at(kernel.totals, shown.charge);
  const bool product = is_product(c.klass.group);
  const bool is_its =
      path.size() == 2 && path[1] == c.klass.name && path[0] == (product ? kInefficiency : kVector);
  if (is_its || (product && c.useful > 0 && path.front() == ledger::kUseful))
    sum += at(kernel.totals, Charge::kCompute);
  return sum;
}

std::vector<CauseKernel> kernels_of(const Explanation& explanation, const Path& path) {
  std::vector<CauseKernel> kernels;
  for (const NamedKernel& kernel : explanation.kernels) {
    const ClassTotals& c = explanation.classes[kernel.klass];
    if (const std::uint64_t sum = charged(kernel, c, path))
      kernels.push_back(
          {kernel.name, c.klass.name, sum, kernel.totals.launches, kernel.totals.busy});
  }
  std::ranges::sort(kernels, [](const CauseKernel& a, const CauseKernel& b) {
    return a.charge != b.charge ? a.charge > b.charge : a.name < b.name;
  });
  return kernels;
}

}  // namespace

std::vector<CauseKernels> kernels_behind(const Explanation& explanation, std::string_view name) {
  std::vector<std::pair<Path, const ledger::Cause*>> all;
  leaves(explanation.ledger->root(), {}, all);
  const std::string wanted = lower(name);
  std::vector<CauseKernels> found;
  std::string names;
  for (const auto& [path, cause] : all) {
    std::string full;
    bool fits = false;
    for (const std::string& part : path) {
      full += (full.empty() ? "" : "/") + part;
      fits = fits || lower(part) == wanted || lower(full) == wanted;
    }
    names += (names.empty() ? "\"" : ", \"") + full + "\"";
    if (fits)
      found.push_back({path, cause->explanation, cause->charge, kernels_of(explanation, path)});
  }
  if (found.empty()) fail("no cause is called \"{}\" in this trace (there are {})", name, names);
  return found;
}

}  // namespace isobar::explain

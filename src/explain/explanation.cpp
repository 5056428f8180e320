#include "explain/explanation.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "explain/advice.h"
#include "explain/causes.h"
#include "explain/flops/peak.h"
#include "explain/flops/planned_flops.h"
#include "explain/trace/trace_reader.h"

namespace isobar::explain {
namespace {

/// Kernels of all ranks, by name.
using Kernels = std::map<std::string, NamedKernel, std::less<>>;

void merge(NameTotals& into, const NameTotals& from) {
  for (std::size_t i = 0; i < kCharges; ++i) into.charge[i] += from.charge[i];
  into.launches += from.launches;
  into.busy += from.busy;
  into.small += from.small;
}

std::vector<std::uint32_t> classify(const Trace& trace, const KernelTable& table) {
  std::vector<std::uint32_t> classes(trace.names.size(), 0);
  std::vector<bool> done(trace.names.size(), false);
  for (const DeviceEvent& event : trace.device) {
    if (done[event.name]) continue;
    done[event.name] = true;
    classes[event.name] = table.class_of(trace.names[event.name], event.work);
  }
  return classes;
}

std::set<std::int64_t> devices_of(const Trace& trace) {
  std::set<std::int64_t> devices;
  for (const DeviceEvent& event : trace.device) devices.insert(trace.streams[event.stream].device);
  return devices;
}

void explain_device(const Trace& trace, std::int64_t device, const Request& request,
                    const KernelTable& table, const std::vector<std::uint32_t>& classes,
                    Explanation& explanation, Kernels& kernels) {
  const std::optional<Window> window = window_of(trace, device, request.step);
  if (!window) return;
  const Timeline timeline =
      timeline_of(trace, device, *window, explanation.peak.sms, table, classes);
  Rank rank{trace.name, trace.rank, device, window->steps, timeline.figures, {}};
  rank.flops = traced_flops(trace, device, *window, table, classes);
  if (!request.model.empty())
    plan_flops(rank.flops, request, *window, seen_attention(trace, device, *window, table),
               timeline, table, classes, trace);
  for (std::size_t i = 0; i < rank.flops.by_class.size(); ++i)
    explanation.classes[i].flops += rank.flops.by_class[i];
  explanation.ranks.push_back(std::move(rank));
  for (std::uint32_t name = 0; name < timeline.names.size(); ++name) {
    const NameTotals& totals = timeline.names[name];
    if (totals == NameTotals{}) continue;
    NamedKernel& kernel = kernels[trace.names[name]];
    kernel.name = trace.names[name];
    kernel.klass = classes[name];
    merge(kernel.totals, totals);
  }
}

void sum_classes(Explanation& explanation) {
  const auto at = [](const NameTotals& totals, Charge charge) {
    return totals.charge[static_cast<std::size_t>(charge)];
  };
  for (const NamedKernel& kernel : explanation.kernels) {
    ClassTotals& c = explanation.classes[kernel.klass];
    c.launches += kernel.totals.launches;
    c.busy += kernel.totals.busy;
    c.small += kernel.totals.small;
    c.charge += at(kernel.totals, Charge::kCompute);
    c.exposed += at(kernel.totals, Charge::kExposedCommunication);
    c.lent += at(kernel.totals, Charge::kLentSms);
  }
}

/// The first rank that knows its products speaks for all; one that does not is named.
void agree_on_flops(Explanation& explanation) {
  explanation.flops_known = true;
  for (const Rank& rank : explanation.ranks) {
    explanation.model_flops += rank.flops.total();
    if (explanation.attention == model::AttentionConvention::kFull)
      explanation.masked_flops += rank.flops.masked;
    explanation.flops_known = explanation.flops_known && rank.flops.known;
    for (const std::string& note : rank.flops.notes)
      if (std::ranges::find(explanation.notes, note) == explanation.notes.end())
        explanation.notes.push_back(note);
  }
  explanation.flops_method = explanation.ranks.front().flops.method;
  explanation.model_flops += explanation.masked_flops;
  explanation.flops_convention = fmt::format(
      "{}; causal attention {}", explanation.ranks.front().flops.flops_convention,
      explanation.attention == model::AttentionConvention::kFull ? "in full" : "halved");
  if (!explanation.flops_known)
    explanation.notes.emplace_back(
        "the MFU is unknown: the shapes of the products are not in the trace (record it with "
        "record_shapes=True, or give --model)");
  if (explanation.peak.flops <= 0)
    explanation.notes.emplace_back(
        "the MFU is unknown: the trace does not name a chip of the catalogue (give --chip)");
}

void compute_mfu(Explanation& explanation) {
  const double span = static_cast<double>(explanation.totals().span) * 1e-9;
  if (!explanation.flops_known || explanation.peak.flops <= 0 || span <= 0) return;
  explanation.mfu = static_cast<double>(explanation.model_flops) / (span * explanation.peak.flops);
  explanation.mfu_convention =
      fmt::format("{}; over {}", explanation.flops_convention, explanation.peak.name);
  if (*explanation.mfu > 1)
    explanation.notes.emplace_back(
        "the MFU is above 100 %: either products ran in a narrower type than the peak's, or the "
        "FLOPs, the chip or the tokens are not those of this trace");
}

}  // namespace

TimelineFigures Explanation::totals() const {
  TimelineFigures sum;
  for (const Rank& rank : ranks) {
    const TimelineFigures& f = rank.figures;
    sum.span += f.span;
    sum.compute_busy += f.compute_busy;
    sum.communication += f.communication;
    sum.exposed_communication += f.exposed_communication;
    sum.exposed_copy += f.exposed_copy;
    sum.idle += f.idle;
    sum.host_bound += f.host_bound;
    sum.gaps += f.gaps;
    sum.overlapped += f.overlapped;
    sum.lent_sms = std::max(sum.lent_sms, f.lent_sms);
    sum.product_blocks = std::max(sum.product_blocks, f.product_blocks);
  }
  return sum;
}

Explanation explain(const Request& request) {
  // [1] What kernels do.
  const KernelTable table = KernelTable::read(request.kernel_classes);
  Explanation explanation;
  explanation.attention = request.attention;
  for (const KernelClass& klass : table.classes()) explanation.classes.push_back({klass});

  // [2] One trace after the other, so that only one is in memory.
  Kernels kernels;
  for (const std::filesystem::path& file : trace_files(request.traces)) {
    const Trace trace = read_trace(file);
    if (explanation.ranks.empty()) {
      explanation.backend = trace.backend;
      explanation.device_name = trace.device_name;
      explanation.peak = peak_of(request.chip, trace);
    }
    explanation.events += trace.events;
    explanation.bytes += trace.bytes;
    explanation.impossible += trace.impossible;
    explanation.repeated += trace.repeated;
    const std::vector<std::uint32_t> classes = classify(trace, table);
    for (const std::int64_t device : devices_of(trace))
      explain_device(trace, device, request, table, classes, explanation, kernels);
  }
  if (explanation.impossible > 0)
    explanation.notes.push_back(fmt::format(
        "{} events with an impossible time or duration are left out", explanation.impossible));

  if (explanation.repeated > 0)
    explanation.notes.push_back(fmt::format(
        "{} events of the device occur more than once in the trace; each is counted once",
        explanation.repeated));

  // [3] All of them together: classes, FLOPs, the ledger, and what could be won back.
  explanation.kernels.reserve(kernels.size());
  for (auto& [name, kernel] : kernels) explanation.kernels.push_back(std::move(kernel));
  sum_classes(explanation);
  agree_on_flops(explanation);
  compute_mfu(explanation);
  fill_ledger(explanation);
  explanation.advice = advise(explanation);
  return explanation;
}

}  // namespace isobar::explain

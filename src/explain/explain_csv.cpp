// An explanation's tables as CSV; the same figures as in its JSON.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text/csv.h"
#include "explain/explain_text.h"
#include "ledger/ledger_csv.h"

namespace isobar::explain {
namespace {

std::string ms(std::uint64_t ns, double ranks = 1) {
  return csv_number(static_cast<double>(ns) / 1e6 / ranks);
}
std::string tflop(std::uint64_t flops, double ranks = 1) {
  return csv_number(static_cast<double>(flops) / 1e12 / ranks);
}

CsvSheet::Row times_of(const TimelineFigures& f, double ranks) {
  return {{"span_ms", ms(f.span, ranks)},
          {"compute_busy_ms", ms(f.compute_busy, ranks)},
          {"communication_ms", ms(f.communication, ranks)},
          {"exposed_communication_ms", ms(f.exposed_communication, ranks)},
          {"exposed_copy_ms", ms(f.exposed_copy, ranks)},
          {"idle_ms", ms(f.idle, ranks)},
          {"host_bound_ms", ms(f.host_bound, ranks)},
          {"lent_sms", std::to_string(f.lent_sms)}};
}

void add_figures(const Explanation& e, CsvSheet& sheet) {
  const auto ranks = static_cast<double>(e.ranks.size());
  CsvSheet::Row row = times_of(e.totals(), ranks);
  row.emplace_back("steps", std::to_string(e.ranks.front().steps));
  row.emplace_back("model_tflop", e.flops_known ? tflop(e.model_flops, ranks) : "");
  row.emplace_back("mfu", e.mfu ? csv_number(*e.mfu) : "");
  row.emplace_back("mfu_attention", std::string(model::name_of(e.attention)));
  row.emplace_back("mfu_convention", e.mfu ? e.mfu_convention : "");
  row.emplace_back("chip", e.peak.chip);
  row.emplace_back("notes", fmt::format("{}", fmt::join(e.notes, "; ")));
  sheet.add("figures", std::move(row));
}

void add_ranks(const Explanation& e, CsvSheet& sheet) {
  for (const Rank& rank : e.ranks) {
    CsvSheet::Row row = times_of(rank.figures, 1);
    row.emplace_back("steps", std::to_string(rank.steps));
    row.emplace_back("file", rank.file);
    row.emplace_back("rank", rank.rank < 0 ? "" : std::to_string(rank.rank));
    row.emplace_back("device", std::to_string(rank.device));
    sheet.add("ranks", std::move(row));
  }
}

void add_classes(const Explanation& e, CsvSheet& sheet) {
  const auto ranks = static_cast<double>(e.ranks.size());
  for (const ClassTotals& c : e.classes)
    if (c.launches > 0)
      sheet.add("classes", {{"class", c.klass.name},
                            {"launches", std::to_string(c.launches)},
                            {"busy_ms", ms(c.busy, ranks)},
                            {"model_tflop", c.flops > 0 ? tflop(c.flops, ranks) : ""}});
}

void add_kernels(const std::vector<CauseKernels>& causes, CsvSheet& sheet) {
  for (const CauseKernels& cause : causes)
    for (const CauseKernel& kernel : cause.kernels)
      sheet.add("kernels", {{"cause", fmt::format("{}", fmt::join(cause.path, "/"))},
                            {"kernel", kernel.name},
                            {"class", kernel.klass},
                            {"charge", std::to_string(kernel.charge)},
                            {"launches", std::to_string(kernel.launches)},
                            {"busy_ms", ms(kernel.busy)}});
}

}  // namespace

std::string to_csv(const Explanation& e, const std::vector<CauseKernels>& causes) {
  CsvSheet sheet;
  add_figures(e, sheet);
  add_classes(e, sheet);
  add_ranks(e, sheet);
  for (const Advice& advice : e.advice)
    sheet.add("advice", {{"cause", advice.cause},
                         {"gain_us", csv_number(advice.gain_us)},
                         {"finding", advice.finding},
                         {"remedy", advice.remedy},
                         {"evidence", advice.evidence}});
  ledger::add_to_csv(*e.ledger, sheet);
  add_kernels(causes, sheet);
  return sheet.text();
}

}  // namespace isobar::explain

#include "isobar/explain.h"

#include <algorithm>

#include "api/guard.h"
#include "api/ledger.h"
#include "explain/causes.h"
#include "explain/explain_text.h"
#include "explain/explanation.h"
#include "report/explanation_text.h"

namespace isobar {
namespace {

/// Fields that count only with another one, as the command's options do.
void check(const ExplainRequest& request) {
  if (request.traces.empty()) fail("ExplainRequest::traces is empty (name one trace at least)");
  if (request.model.empty() && (request.tokens > 0 || request.sequence > 0))
    fail("ExplainRequest::tokens and sequence count only with `model`");
  if (request.tokens == 0 && request.chips > 1)
    fail("ExplainRequest::chips counts only with `model` and `tokens` (of a step, over all chips)");
}

explain::Request to_internal(const ExplainRequest& request) {
  explain::Request out;
  out.traces.assign(request.traces.begin(), request.traces.end());
  out.model = request.model;
  out.chip = request.chip;
  out.chips = request.chips;
  out.tokens = request.tokens;
  out.sequence = request.sequence;
  out.kernel_classes = request.kernel_classes;
  out.step = request.step;
  return out;
}

Explanation to_public(const explain::Explanation& from) {
  Explanation out;
  out.device = from.device_name;
  out.chip = from.peak.chip;
  out.ranks = from.ranks.size();
  out.steps = std::max<std::uint64_t>(1, from.ranks.front().steps);
  std::uint64_t steps = 0;
  for (const explain::Rank& rank : from.ranks) steps += std::max<std::uint64_t>(1, rank.steps);
  out.step_seconds = static_cast<double>(from.totals().span) * 1e-9 / static_cast<double>(steps);
  out.mfu = from.mfu;
  out.mfu_convention = from.mfu_convention;
  out.ledger = api::to_public(*from.ledger);
  for (const explain::Advice& each : from.advice)
    out.advice.push_back(
        {each.cause, each.finding, each.remedy, each.evidence, each.gain_us * 1e-6});
  out.notes = from.notes;
  // What the command prints where standard output is not a terminal.
  out.text = report::explanation_text(from, {});
  out.json = explain::to_json(from, {});
  return out;
}

}  // namespace

inline namespace v0 {

Explanation explain_trace(const ExplainRequest& request) {
  return guarded([&] {
    check(request);
    return to_public(explain::explain(to_internal(request)));
  });
}

}  // namespace v0
}  // namespace isobar

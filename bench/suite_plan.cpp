// `isobar bench plan`: how fast plans are evaluated and searched, and how far predictions are off
// on published runs that were not fitted. Peers' figures are Calculon's, measured on a machine of
// the same kind (docs/PLAN.md says how).
#include <algorithm>
#include <string>
#include <vector>

#include "base/file/file.h"
#include "base/file/paths.h"
#include "bench/row.h"
#include "bench/suites.h"
#include "plan/calibration/fit.h"
#include "plan/calibration/validate.h"
#include "plan/deepseek_request.h"
#include "plan/mfu_chain.h"

namespace isobar::bench {
namespace {

constexpr double kCalculonPerSecond = 75;      // evaluations, 12 to 15 ms each
constexpr double kCalculonSearch = 18 * 3600;  // core-seconds of a search of 10 M candidates
constexpr double kCalculonMean = 25.8;         // percent, 322 published runs
constexpr double kDeepSeekHours = 2.664e6;     // arXiv:2412.19437, table 1
constexpr double kDeepSeekMfu = 38.94;         // percent, causal: arXiv:2505.09343, table 4
constexpr double kDeepSeekTrace = 51.5;        // percent: four of its layers, by their trace

void row(Printer& printer, std::string name, double value, std::string unit, std::string peer = {},
         std::optional<double> peer_value = {}) {
  Row result{"plan", std::move(name), value, std::move(unit), std::move(peer), peer_value};
  if (peer_value) result.ratio = value / *peer_value;
  printer.print(result);
}

plan::PlanRequest gpt3_request() {
  plan::PlanRequest request;
  request.model = "gpt3-175b";
  request.cluster = "dgx-a100-superpod";
  request.chips = 1024;
  request.batch = 1536;
  return request;
}

void measure_speed(const Options& options, Printer& printer) {
  const plan::Coefficients coefficients = plan::calibrated_coefficients();
  std::vector<double> rates;
  for (unsigned i = 0; i < (options.quick ? 1 : options.pairs); ++i) {
    plan::PlanRequest request = gpt3_request();
    request.threads = 1;
    const plan::SearchResult found = plan::make_plan(request, coefficients).found;
    rates.push_back(static_cast<double>(found.timed) / found.seconds);
  }
  row(printer, "evaluations per second, one core", median(rates), "1/s", "Calculon",
      kCalculonPerSecond);
  plan::PlanRequest request = gpt3_request();
  request.threads = 2;
  const plan::SearchResult found = plan::make_plan(request, coefficients).found;
  row(printer, "GPT-3 175B on 1,024 A100, all layouts, 2 threads", found.seconds, "s", "Calculon",
      kCalculonSearch / 2);
  row(printer, "candidates of that search", static_cast<double>(found.candidates), "");
}

void measure_errors(Printer& printer) {
  const std::string path = (share_directory() / "plan" / "published_runs.csv").string();
  const auto runs =
      plan::validate(plan::parse_runs(read_text(path), path), plan::calibrated_coefficients());
  for (const plan::ErrorSummary& s : plan::summarise(runs, plan::Half::kOther)) {
    if (s.group != "class") continue;
    const std::string rows = s.name + " runs not fitted (" + std::to_string(s.rows) + ")";
    row(printer, rows + ": median error", s.median_percent, "%");
    const bool dense = s.name == "dense";
    row(printer, rows + ": mean error", s.mean_percent, "%", dense ? "Calculon, 322 runs" : "",
        dense ? std::optional(kCalculonMean) : std::nullopt);
    row(printer, rows + ": inside the 80 % interval", s.covered_percent, "%");
  }
}

void measure_deepseek(Printer& printer) {
  const plan::Plan plan =
      plan::make_plan(plan::deepseek_request(), plan::calibrated_coefficients());
  if (plan.cost)
    row(printer, "DeepSeek-V3, 14.8 T tokens on 2,048 H800", plan.cost->chip_hours, "chip-h",
        "published", kDeepSeekHours);
  const auto chain = plan::mfu_chain(plan, plan.layouts.front());
  row(printer, "DeepSeek-V3, MFU of one layer", 100 * chain.front().mfu, "%", "its trace",
      kDeepSeekTrace);
  for (const plan::ChainLink& link : chain)
    if (link.cause == plan::kLastOfStep)
      row(printer, "DeepSeek-V3, MFU of a step", 100 * link.mfu, "%", "published", kDeepSeekMfu);
}

}  // namespace

int run_plan(const Options& options, Printer& printer) {
  measure_speed(options, printer);
  measure_errors(printer);
  measure_deepseek(printer);
  return 0;
}

}  // namespace isobar::bench

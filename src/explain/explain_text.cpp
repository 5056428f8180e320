#include "explain/explain_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text/columns.h"

namespace isobar::explain {
namespace {

double ms(double ns) { return ns / 1e6; }

std::uint64_t steps_of(const Explanation& e) {
  std::uint64_t sum = 0;
  for (const Rank& rank : e.ranks) sum += std::max<std::uint64_t>(1, rank.steps);
  return std::max<std::uint64_t>(1, sum);
}

std::string what_was_read(const Explanation& e) {
  std::string text = fmt::format(
      "Explaining {}\n  {} trace{}, {} events, {:.1f} MB\n",
      e.ranks.size() == 1 ? e.ranks.front().file : fmt::format("{} ranks", e.ranks.size()),
      e.backend, e.device_name.empty() ? "" : " of " + e.device_name, e.events,
      static_cast<double>(e.bytes) / 1e6);
  const std::uint64_t steps = e.ranks.front().steps;
  if (steps == 0)
    text += "  the trace marks no steps (ProfilerStep#): the whole trace is explained\n";
  else
    text += fmt::format("  {} step{} found; times below are for one step\n", steps,
                        steps == 1 ? "" : "s");
  return text;
}

}  // namespace

std::string summary_text(const Explanation& e, std::size_t width) {
  const TimelineFigures f = e.totals();
  const auto steps = static_cast<double>(steps_of(e));
  const auto line = [&](const char* name, std::uint64_t ns, const std::string& more = {}) {
    return fmt::format(
        "  {:<26}{:>10.3f} ms {:>6.1f} %{}\n", name, ms(static_cast<double>(ns)) / steps,
        f.span == 0 ? 0.0 : 100.0 * static_cast<double>(ns) / static_cast<double>(f.span), more);
  };
  std::string text = what_was_read(e) + "\n";
  text += line("step", f.span);
  text += line("compute busy", f.compute_busy);
  text += line("communication", f.communication);
  text += line("  of which exposed", f.exposed_communication);
  if (f.exposed_copy > 0) text += line("exposed copies", f.exposed_copy);
  text += line("nothing runs", f.idle,
               f.host_bound > 0 ? fmt::format("   (waiting for the host: {:.3f} ms)",
                                              ms(static_cast<double>(f.host_bound)) / steps)
                                : "");
  if (f.lent_sms > 0)
    text +=
        fmt::format("  {:<26}{:>10} of {}\n", "SMs lent to communication", f.lent_sms, e.peak.sms);
  if (e.flops_known)
    text += fmt::format("  {:<26}{:>10.3f} TFLOP\n", "model arithmetic",
                        static_cast<double>(e.model_flops) / 1e12 / steps);
  if (e.mfu)
    text += fmt::format("  {:<26}{:>10.1f} % of {} (--mfu {})\n", "MFU", 100 * *e.mfu, e.peak.name,
                        model::name_of(e.attention));
  if (e.flops_known) text += "  FLOPs: " + wrapped(e.flops_method, width, 9);
  for (const std::string& note : e.notes) text += "  note:  " + wrapped(note, width, 9);
  return text;
}

std::string classes_text(const Explanation& e, std::size_t columns) {
  const auto steps = static_cast<double>(steps_of(e));
  std::vector<const ClassTotals*> order;
  for (const ClassTotals& c : e.classes)
    if (c.launches > 0) order.push_back(&c);
  std::ranges::sort(order, [](const ClassTotals* a, const ClassTotals* b) {
    return a->busy != b->busy ? a->busy > b->busy : a->klass.name < b->klass.name;
  });
  TextTable table({{.title = "", .is_left = true, .least = 24},
                   {.title = "launches", .least = 9},
                   {.title = "ms", .least = 12},
                   {.title = "TFLOP", .least = 10},
                   {.title = "TFLOP/s", .least = 10}},
                  TextTable::Narrow::kBeside, 2);
  for (const ClassTotals* c : order) {
    Cells cells{c->klass.name, std::to_string(c->launches),
                fmt::format("{:.3f}", ms(static_cast<double>(c->busy)) / steps)};
    if (c->flops > 0 && c->busy > 0) {
      const auto flops = static_cast<double>(c->flops);
      cells.push_back(fmt::format("{:.2f}", flops / 1e12 / steps));
      cells.push_back(fmt::format("{:.0f}", flops / static_cast<double>(c->busy) / 1e3));
    }
    table.add(std::move(cells));
  }
  return "\nTime by kind of kernel (overlaps counted twice)\n" + table.text(columns);
}

std::string ranks_text(const Explanation& e, std::size_t columns) {
  if (e.ranks.size() < 2) return "";
  constexpr std::size_t kMost = 32;
  TextTable table({{.title = "rank", .least = 7},
                   {.title = "device", .least = 8},
                   {.title = "step ms", .least = 12},
                   {.title = "compute", .least = 12},
                   {.title = "exposed", .least = 12},
                   {.title = "idle", .least = 12},
                   {.title = "file", .is_left = true}},
                  TextTable::Narrow::kBeside, 2);
  for (std::size_t i = 0; i < std::min(kMost, e.ranks.size()); ++i) {
    const Rank& rank = e.ranks[i];
    const auto steps = static_cast<double>(std::max<std::uint64_t>(1, rank.steps));
    const auto per_step = [&](std::uint64_t ns) { return ms(static_cast<double>(ns)) / steps; };
    const auto figure = [&](std::uint64_t ns) { return fmt::format("{:.3f}", per_step(ns)); };
    table.add({rank.rank < 0 ? std::string("-") : std::to_string(rank.rank),
               fmt::format("{}", rank.device), figure(rank.figures.span),
               figure(rank.figures.compute_busy), figure(rank.figures.exposed_communication),
               figure(rank.figures.idle), std::filesystem::path(rank.file).filename().string()});
  }
  std::string text = "\nRanks\n" + table.text(columns);
  if (e.ranks.size() > kMost)
    text += fmt::format("  and {} more (--json has all)\n", e.ranks.size() - kMost);
  return text;
}

std::string advice_text(const Explanation& e, std::size_t width) {
  if (e.advice.empty()) return "\nNo cause above 1 % of the step has a known remedy.\n";
  const double step = static_cast<double>(e.totals().span) / 1e3 / static_cast<double>(steps_of(e));
  std::string text = "\nWhat to change, and the most that it could gain (gains overlap)\n";
  for (const Advice& advice : e.advice) {
    text += fmt::format("  {:>9.0f} us {:>5.1f} %  ", advice.gain_us,
                        step > 0 ? 100 * advice.gain_us / step : 0.0);
    constexpr std::size_t kIndent = 23;
    text += wrapped(advice.finding, width, kIndent);
    text += std::string(kIndent, ' ') + wrapped("try: " + advice.remedy, width, kIndent);
    text += std::string(kIndent, ' ') + wrapped("evidence: " + advice.evidence, width, kIndent);
    text += std::string(kIndent, ' ') +
            wrapped(fmt::format("kernels: --explain-cause \"{}\"", advice.cause), width, kIndent);
  }
  return text;
}

std::string kernels_text(const Explanation& e, const std::vector<CauseKernels>& causes,
                         std::size_t width) {
  constexpr std::size_t kMost = 40;
  const double unit = 1e3 * static_cast<double>(e.peak.sms);
  std::string text;
  for (const CauseKernels& cause : causes) {
    std::string path;
    for (const std::string& part : cause.path) path += (path.empty() ? "" : " / ") + part;
    text += fmt::format("\n{}: {:.1f} us, as if on all SMs\n", path,
                        static_cast<double>(cause.charge) / unit);
    if (!cause.explanation.empty()) text += "  " + wrapped(cause.explanation, width, 2);
    text +=
        fmt::format("  {:>12}{:>10}{:>12}  {}\n", "charged us", "launches", "busy us", "kernel");
    for (std::size_t i = 0; i < std::min(kMost, cause.kernels.size()); ++i) {
      const CauseKernel& kernel = cause.kernels[i];
      const std::size_t room = std::max<std::size_t>(16, width > 38 ? width - 38 : 0);
      std::string name = kernel.name.substr(0, room);
      if (kernel.name.size() > room) name.replace(room - 3, 3, "...");
      for (char& c : name)
        if (static_cast<unsigned char>(c) < ' ') c = ' ';
      text +=
          fmt::format("  {:>12.1f}{:>10}{:>12.1f}  {}\n", static_cast<double>(kernel.charge) / unit,
                      kernel.launches, static_cast<double>(kernel.busy) / 1e3, name);
    }
    if (cause.kernels.size() > kMost)
      text += fmt::format("  and {} more (--json has all)\n", cause.kernels.size() - kMost);
  }
  return text;
}

}  // namespace isobar::explain

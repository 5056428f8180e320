#include "report/waterfall.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "base/terminal.h"
#include "base/text/columns.h"
#include "ledger/apportion.h"

namespace isobar::report {
namespace {

using ledger::Cause;
using ledger::Ledger;

/// One line of the table. A parent's numbers are the sums of its leaves' printed numbers.
struct Row {
  std::string label;
  std::string explanation;
  unsigned depth = 0;
  bool leaf = true;
  std::uint64_t charge = 0;
  std::uint64_t tenths = 0;  // of a percent
  std::uint64_t time = 0;    // in the table's smallest printed unit
};

void append(const Cause& cause, unsigned depth, std::vector<Row>& rows) {
  rows.push_back({cause.name, cause.explanation, depth, cause.children.empty(), cause.total()});
  for (const Cause& child : cause.children) append(child, depth + 1, rows);
}

/// The causes in the ledger's order, then what nobody charged, then the useful share.
std::vector<Row> rows_of(const Ledger& ledger) {
  std::vector<Row> rows;
  const Cause* useful = nullptr;
  for (const Cause& cause : ledger.root().children) {
    if (cause.name == ledger::kUseful)
      useful = &cause;
    else
      append(cause, 0, rows);
  }
  const std::int64_t missing = ledger.unattributed();
  rows.push_back({"unattributed", "charged to no cause; zero unless Isobar has a defect", 0, true,
                  missing > 0 ? static_cast<std::uint64_t>(missing) : 0});
  if (useful != nullptr) append(*useful, 0, rows);
  return rows;
}

/// Shares `whole` among the leaves so that they add up to it; parents get the sums below them.
void share(std::vector<Row>& rows, std::uint64_t whole, std::uint64_t Row::* field) {
  std::vector<std::uint64_t> charges;
  for (const Row& row : rows)
    if (row.leaf) charges.push_back(row.charge);
  const std::vector<std::uint64_t> parts = ledger::apportion(whole, charges);
  std::size_t leaf = 0;
  for (Row& row : rows)
    if (row.leaf) row.*field = parts[leaf++];
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].leaf) continue;
    for (std::size_t j = i + 1; j < rows.size() && rows[j].depth > rows[i].depth; ++j)
      if (rows[j].leaf) rows[i].*field += rows[j].*field;
  }
}

/// How the table prints charges: so many decimals of a unit that suits the whole.
struct Scale {
  std::string unit;
  std::uint64_t divisor;  // charge per smallest printed step
  unsigned decimals;

  [[nodiscard]] std::string print(std::uint64_t steps) const {
    std::uint64_t power = 1;
    for (unsigned i = 0; i < decimals; ++i) power *= 10;
    return decimals == 0
               ? fmt::format("{} {}", steps, unit)
               : fmt::format("{}.{:0{}} {}", steps / power, steps % power, decimals, unit);
  }
};

/// Picoseconds of a unit such as "ns x chip"; 0 for one that is no time.
std::uint64_t picoseconds_of(std::string_view unit) {
  constexpr std::array<std::pair<std::string_view, std::uint64_t>, 5> kTimes{
      {{"ps", 1},
       {"ns", 1000},
       {"us", 1'000'000},
       {"ms", 1'000'000'000},
       {"s", 1'000'000'000'000}}};
  const std::string_view first = unit.substr(0, unit.find(' '));
  for (const auto& [name, picoseconds] : kTimes)
    if (first == name) return picoseconds;
  return 0;
}

/// Four to six digits of the whole, where the unit is a time.
Scale scale_of(const Ledger& ledger, std::uint64_t at_once) {
  const std::string& named = ledger.convention().unit;
  const std::uint64_t per_unit = picoseconds_of(named);
  if (per_unit == 0) return {named, 1, 0};
  const std::uint64_t units = std::max(ledger.capacity(), ledger.charged()) / at_once;
  constexpr std::uint64_t kMost = std::uint64_t{1} << 62U;
  const std::uint64_t whole = units > kMost / per_unit ? kMost : units * per_unit;
  struct Choice {
    std::uint64_t from;
    const char* unit;
    std::uint64_t divisor;
    unsigned decimals;
  };
  constexpr std::uint64_t kS = 1'000'000'000'000;
  constexpr std::array<Choice, 6> kChoices{{{1000 * kS, "s", kS, 0},
                                            {10 * kS, "s", kS / 100, 2},
                                            {kS / 10, "s", kS / 10000, 4},
                                            {kS / 10000, "ms", kS / 1'000'000, 3},
                                            {kS / 10'000'000, "us", kS / 1'000'000'000, 3},
                                            {0, "ns", 1, 3}}};
  for (const Choice& choice : kChoices)
    if (whole >= choice.from && choice.divisor >= per_unit)
      return {choice.unit, choice.divisor / per_unit * at_once, choice.decimals};
  return {named.substr(0, named.find(' ')), at_once, 0};
}

std::string percent(std::uint64_t tenths) {
  return fmt::format("{}.{} %", tenths / 10, tenths % 10);
}

/// What remains below this cause, light, and the cause itself, solid. Ends are rounded from running
/// sums, so bars meet and the last one reaches the left edge.
class Bars {
 public:
  Bars(unsigned cells, bool ascii, std::uint64_t whole)
      : cells_(cells), ascii_(ascii), whole_(whole) {}
  [[nodiscard]] std::string draw(std::uint64_t remaining_before, std::uint64_t charge) const {
    const std::uint64_t high = cell(remaining_before);
    const std::uint64_t low = cell(remaining_before - std::min(remaining_before, charge));
    std::string bar;
    for (std::uint64_t i = 0; i < low; ++i) bar += ascii_ ? "." : "░";
    for (std::uint64_t i = low; i < high; ++i) bar += ascii_ ? "#" : "█";
    return bar;
  }

 private:
  [[nodiscard]] std::uint64_t cell(std::uint64_t at) const {
    return whole_ == 0 ? 0
                       : static_cast<std::uint64_t>(
                             (static_cast<unsigned __int128>(at) * cells_ + whole_ / 2) / whole_);
  }
  unsigned cells_;
  bool ascii_;
  std::uint64_t whole_;
};

constexpr std::size_t kIndent = 12;

std::string header(const Ledger& ledger, const Scale& scale, const WaterfallOptions& options) {
  const ledger::Convention& convention = ledger.convention();
  const auto line = [&](const char* name, const std::string& text) {
    return fmt::format("  {:<10}", name) + wrapped(text, options.width, kIndent);
  };
  return line("source", convention.source) + line("FLOPs", convention.flops) +
         line("peak", convention.peak) +
         line("capacity", scale.print(ledger.capacity() / scale.divisor) +
                              fmt::format(" ({} {})", ledger.capacity(), convention.unit));
}

std::string explanations(const std::vector<Row>& rows, std::size_t label_width,
                         const WaterfallOptions& options) {
  std::string text = "\n";
  for (const Row& row : rows) {
    if (row.explanation.empty() || row.charge == 0) continue;
    text += fmt::format("  {:<{}}", row.label, label_width) +
            wrapped(row.explanation, options.width, label_width + 2);
  }
  return text;
}

/// The lines from 100 % down to the useful share.
std::string table(const std::vector<Row>& rows, const Ledger& ledger, const Scale& scale,
                  std::uint64_t whole, std::size_t label_width, const WaterfallOptions& options) {
  const std::size_t time_width = scale.print(whole / scale.divisor).size() + 1;
  const std::size_t fixed = 2 + label_width + 8 + time_width + 2;
  const auto cells = static_cast<unsigned>(
      options.width > fixed ? std::min<std::size_t>(options.width - fixed, 60) : 0);
  const Bars bars(cells, options.ascii, whole);
  const auto line = [&](const std::string& label, std::uint64_t tenths, std::uint64_t time,
                        const std::string& bar) {
    return fmt::format("  {:<{}}{:>8}{:>{}}{}{}\n", shortened(label, label_width), label_width,
                       percent(tenths), scale.print(time), time_width, bar.empty() ? "" : "  ",
                       bar);
  };
  std::string text = line(ledger.unattributed() < 0 ? "everything charged" : "peak", 1000,
                          whole / scale.divisor, bars.draw(whole, whole));
  std::uint64_t remaining = whole;
  for (const Row& row : rows) {
    const bool useful = row.depth == 0 && row.label == ledger::kUseful;
    const std::string label = std::string(std::size_t{2} * row.depth, ' ') +
                              (useful           ? "= "
                               : row.depth == 0 ? "- "
                                                : "  ") +
                              row.label;
    text += line(label, row.tenths, row.time, row.leaf ? bars.draw(remaining, row.charge) : "");
    if (row.leaf) remaining -= std::min(remaining, row.charge);
  }
  return text;
}

/// The last line: the MFU, and what of it was never executed.
std::string mfu_line(const std::vector<Row>& rows, std::uint64_t capacity, std::uint64_t credited,
                     const std::string& why) {
  // It comes last, but for its parts.
  const auto row = std::ranges::find(rows.rbegin(), rows.rend(), ledger::kUseful, &Row::label);
  if (row == rows.rend() || capacity == 0) return "";
  const std::uint64_t useful = row->tenths;
  if (credited == 0) return fmt::format("\n  MFU {}\n", percent(useful));
  const auto credit = static_cast<std::uint64_t>(
      (static_cast<unsigned __int128>(credited) * 1000 + capacity / 2) / capacity);
  return fmt::format("\n  MFU {} = {} executed + {} {}\n", percent(useful + credit),
                     percent(useful), percent(credit), why);
}

}  // namespace

WaterfallOptions terminal_options() {
  WaterfallOptions options;
  options.width = std::clamp(terminal_columns(), 60U, 140U);
  // The first of these that is set and not empty decides, as POSIX has it.
  std::string locale;
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    locale = value;
    break;
  }
  std::ranges::transform(locale, locale.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  options.ascii =
      locale.find("utf-8") == std::string::npos && locale.find("utf8") == std::string::npos;
  return options;
}

std::string waterfall(const Ledger& ledger, const WaterfallOptions& given, std::uint64_t credited) {
  WaterfallOptions options = given;
  options.width = std::max(options.width, 60U);
  options.at_once = std::max<std::uint64_t>(1, options.at_once);
  const Scale scale = scale_of(ledger, options.at_once);
  std::string text = "Where the peak went\n" + header(ledger, scale, options) + "\n";
  if (ledger.capacity() == 0 && ledger.charged() == 0) return text + "  nothing ran\n";

  // An overcharged ledger has no 100 % to come down from; its shares are of what was charged.
  const bool overcharged = ledger.unattributed() < 0;
  const std::uint64_t whole = overcharged ? ledger.charged() : ledger.capacity();
  if (overcharged)
    text += fmt::format(
        "  NOT EXACT: {} {} more charged than there is capacity. This is a defect; the shares "
        "below\n  are of what was charged.\n\n",
        ledger.charged() - ledger.capacity(), ledger.convention().unit);
  std::vector<Row> rows = rows_of(ledger);
  share(rows, 1000, &Row::tenths);
  share(rows, whole / scale.divisor, &Row::time);

  std::size_t label_width = 20;
  for (const Row& row : rows)
    label_width = std::max(label_width, row.label.size() + std::size_t{2} * row.depth + 3);
  label_width = std::min<std::size_t>(label_width, options.width < 80 ? 34 : 40);
  text += table(rows, ledger, scale, whole, label_width, options);
  if (!overcharged) text += mfu_line(rows, ledger.capacity(), credited, options.credit);
  if (options.explain) text += explanations(rows, label_width, options);
  return text;
}

std::string waterfall(const ledger::TrainingLedger& training, const WaterfallOptions& options) {
  return waterfall(training.ledger, options, training.credited);
}

}  // namespace isobar::report

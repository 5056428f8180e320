// Under which United States export rule a chip falls, computed from its data sheet and explained
// step by step, as the rule stood on a given day. It is arithmetic, not legal advice: destinations,
// end users, licence exceptions and how a vendor markets a chip decide with it.
//
// TPP, total processing performance: operations per second (a multiply-add is two) in TOP/s times
// the bit length of the operands, dense, the largest over number formats. Performance density:
// TPP over the area of the logic dies made with non-planar transistors.
// References: 87 FR 62186 (October 2022), 88 FR 73458 (October 2023), 89 FR 96790 (December 2024),
// 90 FR 5298 (January 2025), 91 FR 1684 (January 2026). Left out: 90 FR 4544 (the AI diffusion
// rule), which was rescinded before its compliance date; 4A090; the other countries' rules.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace isobar::fab {

/// A day, for comparing: 20231117.
struct Date {
  int yyyymmdd = 0;
  friend auto operator<=>(const Date&, const Date&) = default;
};
/// "2023-11-17", as --rule-date takes it. Throws UserError.
[[nodiscard]] Date parse_date(std::string_view text);
[[nodiscard]] std::string format_date(Date date);
/// From which day the newest rule known here applies.
[[nodiscard]] Date newest_rule();

/// One number format's dense peak.
struct FormatPeak {
  std::string_view name;
  double tera_operations = 0;  // per second; a multiply-add is two
  int bits = 0;
};
/// What the rules ask of a chip; a hole where the data sheet has none.
struct ExportFacts {
  std::vector<FormatPeak> peaks;
  std::optional<double> non_planar_area;   // mm2
  std::optional<bool> planar;              // all logic on planar nodes
  std::optional<double> bidirectional_io;  // GB/s, all I/O but memories
  std::optional<bool> data_centre;         // designed or marketed for
  std::optional<double> dram_bandwidth;    // GB/s
  std::optional<double> stack_bandwidth;   // GB/s of one HBM stack
  std::optional<double> stack_area;        // mm2
  std::optional<double> transistors;       // of the package's logic
  std::optional<int> nanometres;
  bool hbm = false;
};
struct ExportResult {
  std::optional<double> tpp, density;
  std::string format;                // whose peak decides: "fp8"
  std::string chip_class;            // "3A090.a", "3A090.b", "none", or "unknown"
  std::vector<std::string> why;      // one line per step, with numbers and rule
  std::string hbm, foundry, review;  // later rules' answers; empty before they applied
};
[[nodiscard]] ExportResult export_class(const ExportFacts& facts, Date date);

inline constexpr std::string_view kDisclaimer = "arithmetic, not legal advice";

}  // namespace isobar::fab

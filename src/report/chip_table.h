// Assessments of one or several chips side by side: as text, as JSON and as a section of a page.
// One row per entry, one column per chip; what cannot be computed shows as a dash here and with its
// reason below.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/terminal.h"
#include "fab/assessment.h"

namespace isobar::report {

/// For a terminal: chips side by side, as many as fit, the others below. Sources and reasons follow
/// the table where `explain` is set.
[[nodiscard]] std::string chip_table(std::span<const fab::Assessment> chips, bool explain,
                                     std::size_t columns = kAnyWidth);
/// An object for one chip, an array of them for several: numbers and texts by key, null where
/// something is not known, and by the same keys "units", "intervals", "sources" and "missing", why.
[[nodiscard]] std::string chip_json(std::span<const fab::Assessment> chips);
/// A <section> without scripts or foreign resources: the table, areas as bars, the export steps.
[[nodiscard]] std::string chip_section(std::span<const fab::Assessment> chips);
/// The section as a whole page.
[[nodiscard]] std::string chip_page(std::span<const fab::Assessment> chips);

/// Figure by figure as CSV: chip, section, key, label, unit, value or text, low, high, source, why
/// it is missing; the area's blocks and the export steps likewise.
[[nodiscard]] std::string chip_csv(std::span<const fab::Assessment> chips);

/// Text as HTML, also in quotes.
[[nodiscard]] std::string escaped(std::string_view text);
/// Why entries could not be computed, and which: one pair for each reason.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> reasons_of(
    const fab::Assessment& chip);
/// "1,234", "98.9": three digits, or thousands.
[[nodiscard]] std::string short_number(double value);

}  // namespace isobar::report

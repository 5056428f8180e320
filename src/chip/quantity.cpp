#include "chip/quantity.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <system_error>

namespace isobar::chip {
namespace {

struct Unit {
  std::string_view name;
  double factor;
  bool printed = true;  // in text that we write, where it need not be exact
};

constexpr std::array kByteUnits{
    Unit{"B", 1},           Unit{"kB", 1e3, false},  Unit{"KiB", 0x1p10},
    Unit{"MB", 1e6, false}, Unit{"MiB", 0x1p20},     Unit{"GB", 1e9, false},
    Unit{"GiB", 0x1p30},    Unit{"TB", 1e12, false}, Unit{"TiB", 0x1p40}};
constexpr std::array kBytesPerCycleUnits{Unit{"B/cycle", 1}};
constexpr std::array kFrequencyUnits{Unit{"Hz", 1}, Unit{"kHz", 1e3}, Unit{"MHz", 1e6},
                                     Unit{"GHz", 1e9}};
constexpr std::array kBandwidthUnits{Unit{"B/s", 1}, Unit{"kB/s", 1e3}, Unit{"MB/s", 1e6},
                                     Unit{"GB/s", 1e9}, Unit{"TB/s", 1e12}};
constexpr std::array kTimeUnits{Unit{"ps", 1e-12}, Unit{"ns", 1e-9}, Unit{"us", 1e-6},
                                Unit{"ms", 1e-3}, Unit{"s", 1}};
// Data sheets count floating-point and integer operations apart; they print as one.
constexpr std::array kRateUnits{Unit{"GFLOP/s", 1e9},         Unit{"TFLOP/s", 1e12},
                                Unit{"PFLOP/s", 1e15, false}, Unit{"GOP/s", 1e9, false},
                                Unit{"TOP/s", 1e12, false},   Unit{"POP/s", 1e15, false}};
constexpr std::array kAreaUnits{Unit{"mm2", 1}};
constexpr std::array kEnergyUnits{Unit{"fJ", 1e-15}, Unit{"pJ", 1e-12}, Unit{"nJ", 1e-9}};
constexpr std::array kPowerUnits{Unit{"mW", 1e-3}, Unit{"W", 1}, Unit{"kW", 1e3}};

std::span<const Unit> units_of(Dimension dimension) {
  switch (dimension) {
    case Dimension::kBytes:
      return kByteUnits;
    case Dimension::kBytesPerCycle:
      return kBytesPerCycleUnits;
    case Dimension::kFrequency:
      return kFrequencyUnits;
    case Dimension::kBandwidth:
      return kBandwidthUnits;
    case Dimension::kTime:
      return kTimeUnits;
    case Dimension::kRate:
      return kRateUnits;
    case Dimension::kArea:
      return kAreaUnits;
    case Dimension::kPower:
      return kPowerUnits;
    case Dimension::kEnergy:
      return kEnergyUnits;
    case Dimension::kText:
    case Dimension::kChoice:
    case Dimension::kCount:
      break;
  }
  return {};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::optional<double> parse_quantity(std::string_view text, Dimension dimension) {
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  std::size_t length = 0;
  int points = 0;
  while (length < text.size() && (is_digit(text[length]) || text[length] == '.'))
    points += text[length++] == '.' ? 1 : 0;
  if (points > 1 || text[length - 1] == '.') return std::nullopt;
  double number = 0;
  const char* const begin = &text.front();
  const auto [end, error] =
      std::from_chars(begin, begin + length, number, std::chars_format::fixed);
  if (error != std::errc{} || end != begin + length) return std::nullopt;
  text.remove_prefix(length);
  if (text.starts_with(' ')) text.remove_prefix(1);
  for (const Unit& unit : units_of(dimension)) {
    if (unit.name != text) continue;
    const double value = number * unit.factor;
    const bool whole = dimension == Dimension::kBytes || dimension == Dimension::kBytesPerCycle;
    if (!std::isfinite(value) || (whole && value != std::floor(value))) return std::nullopt;
    return value;
  }
  return std::nullopt;
}

std::string unit_names(Dimension dimension) {
  std::string names;
  for (const Unit& unit : units_of(dimension)) {
    if (!names.empty()) names += ", ";
    names += unit.name;
  }
  return names;
}

std::string format_quantity(double value, Dimension dimension) {
  const std::span<const Unit> units = units_of(dimension);
  if (units.empty()) return fmt::format("{}", value);
  const bool whole = dimension == Dimension::kBytes || dimension == Dimension::kBytesPerCycle;
  const Unit* best = &units.front();
  for (const Unit& unit : units) {
    if ((!unit.printed && !whole) || value < unit.factor) continue;
    // A rounded size would not be the size: take the largest unit that holds it exactly, which is
    // decimal for the memories of data sheets.
    if (whole && value / unit.factor != std::floor(value / unit.factor)) continue;
    best = &unit;
  }
  return whole ? fmt::format("{:.0f} {}", value / best->factor, best->name)
               : fmt::format("{:.4g} {}", value / best->factor, best->name);
}

}  // namespace isobar::chip

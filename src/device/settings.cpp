#include "device/settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "base/error.h"

namespace isobar::device {
namespace {

std::string_view value_of(const char* variable) {
  const char* text = std::getenv(variable);
  return text != nullptr ? text : "";
}

template <class Number>
Number number(const char* variable, Number absent, Number lowest, Number highest) {
  const std::string_view text = value_of(variable);
  if (text.empty()) return absent;
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool complete = error == std::errc() && end == text.data() + text.size();
  if (!complete || !(value >= lowest && value <= highest))
    fail("{} is \"{}\", but must be a number from {} to {}", variable, text, lowest, highest);
  return value;
}

constexpr std::array kFidelities{"functional", "sampled", "timed"};

Fidelity fidelity() {
  const std::string_view text = value_of(kFidelityVariable);
  if (text.empty()) return Fidelity::kFunctional;
  const std::optional<Fidelity> found = fidelity_from(text);
  if (!found)
    fail("{} is \"{}\", but must be functional, sampled or timed", kFidelityVariable, text);
  return *found;
}

}  // namespace

std::string_view name(Fidelity fidelity) {
  return kFidelities.at(static_cast<std::size_t>(fidelity));
}

std::optional<Fidelity> fidelity_from(std::string_view name) {
  const auto found = std::ranges::find(kFidelities, name);
  if (found == kFidelities.end()) return std::nullopt;
  return static_cast<Fidelity>(found - kFidelities.begin());
}

Settings settings_from_environment() {
  Settings settings;
  if (const auto chip = value_of(kChipVariable); !chip.empty()) settings.chip = chip;
  settings.fidelity = fidelity();
  const unsigned all = std::max(1U, std::thread::hardware_concurrency());
  settings.threads = number(kThreadsVariable, all, 1U, 4096U);
  settings.time_limit_seconds = number(kTimeLimitVariable, 0.0, 0.0, 1e9);
  settings.instruction_limit =
      number<std::uint64_t>(kInstructionLimitVariable, 0, 0, std::uint64_t{1} << 62U);
  settings.profile_directory = value_of(kProfileDirectoryVariable);
  settings.trace_file = value_of(kTraceFileVariable);
  settings.trace_limit =
      Bytes(number<std::uint64_t>(kTraceLimitVariable, kDefaultTraceLimit.count(),
                                  kLeastTraceLimit.count(), std::uint64_t{1} << 40U));
  return settings;
}

}  // namespace isobar::device

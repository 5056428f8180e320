#include "explain/flops/peak.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/error.h"
#include "chip/datasheet.h"

namespace isobar::explain {
namespace {

/// Letters and digits in lower case: "NVIDIA A100-SXM4-80GB" and "a100-80gb" become comparable.
std::string plain(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c >= 'A' && c <= 'Z') result += static_cast<char>(c + 32);
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) result += c;
  }
  return result;
}

/// Every part of a catalogue name ("a100-80gb") stands in the device's name.
bool names(const std::string& device, std::string_view catalogue) {
  while (!catalogue.empty()) {
    const std::size_t dash = catalogue.find('-');
    if (device.find(plain(catalogue.substr(0, dash))) == std::string::npos) return false;
    catalogue = dash == std::string_view::npos ? std::string_view() : catalogue.substr(dash + 1);
  }
  return true;
}

}  // namespace

std::string catalogue_name(const std::string& device_name) {
  std::string best;
  const std::string device = plain(device_name);
  if (device.empty()) return best;
  for (const auto& path : chip::list_datasheets()) {
    const std::string name = path.stem().string();
    if (names(device, name) && name.size() > best.size()) best = name;
  }
  return best;
}

Peak peak_of(const std::string& chip, const Trace& trace) {
  Peak peak;
  peak.sms = std::max<std::uint32_t>(1, trace.device_sms);
  peak.chip = chip.empty() ? catalogue_name(trace.device_name) : chip;
  peak.name = "unknown (give --chip)";
  if (peak.chip.empty()) return peak;
  const chip::Datasheet sheet = chip::find_datasheet(peak.chip);
  peak.chip = sheet.name;
  const auto& figure = sheet.peak_16bit();
  if (!figure) {
    if (chip.empty()) return peak;
    fail("{}: the 16-bit peak of {} is not published (add peaks.bf16 with its source)",
         sheet.path.string(), sheet.name);
  }
  peak.flops = (*figure).count();
  peak.name = fmt::format("bf16 dense, {:.4g} TFLOP/s ({})", peak.flops / 1e12, sheet.name);
  if (trace.device_sms == 0 && sheet.floorplan.enabled_cores)
    peak.sms = std::max(1U, *sheet.floorplan.enabled_cores) *
               std::max(1U, sheet.die.count ? *sheet.die.count : 1U);
  return peak;
}

}  // namespace isobar::explain

#include "cli/training/opencl_choice.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "base/error.h"
#include "base/opencl_icd.h"
#include "base/terminal.h"
#include "chip/chip.h"
#include "cli/command/commands.h"
#include "device/settings.h"

namespace isobar::cli {
namespace {

bool is_ours(const nn::DeviceInfo& device) { return device.platform == "Isobar"; }

/// Read here too, so that a wrong chip file is answered in full before anything starts.
void set_chip(const std::string& chip) {
  const std::filesystem::path path = chip::find_chip(chip).path;
  const bool by_name = chip.find('/') == std::string::npos && !chip.ends_with(".toml");
  const std::string value = by_name ? chip : std::filesystem::absolute(path).string();
  ::setenv(device::kChipVariable, value.c_str(), 1);
}

}  // namespace

nn::DeviceInfo open_device(const std::string& pattern, const std::string& chip,
                           const std::string& fidelity) {
  if (!chip.empty()) set_chip(chip);
  ::setenv(device::kFidelityVariable, fidelity.c_str(), 1);
  offer_isobar_to_opencl();
  nn::DeviceInfo device = nn::choose_device(pattern);
  if (pattern.empty() && !is_ours(device))
    fail(
        "the Isobar device is not there (a line above may say why; if not, build Isobar again); "
        "--device \"{}\" would take {} instead",
        device.platform, device.full_name());
  detail("device {}, {}", device.full_name(), device.version);
  if (!chip.empty() && !is_ours(device))
    fail("--chip {}: only the Isobar device simulates chips, and --device chose {}", chip,
         device.full_name());
  return device;
}

std::string chosen_chip() {
  const char* chip = std::getenv(device::kChipVariable);
  return chip != nullptr && *chip != '\0' ? chip : device::kDefaultChip;
}

int report_opencl_error(const cl::Error& error) {
  fmt::print(stderr, "isobar: {}\n", nn::describe(error));
  const bool fault = error.err() == CL_OUT_OF_RESOURCES ||
                     error.err() == CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST;
  return fault ? kExitGuestFault : kExitUser;
}

}  // namespace isobar::cli

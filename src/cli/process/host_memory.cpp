#include "cli/process/host_memory.h"

#include <algorithm>
#include <fstream>
#include <string>

#include "base/error.h"
#include "base/text/number.h"

namespace isobar::cli {
namespace {

/// The number that a file of one word holds; nothing for others ("max": no limit).
std::optional<double> number_in(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string word;
  return file >> word ? parse_number(word) : std::nullopt;
}

/// "MemAvailable:   20971520 kB" of proc(5).
std::optional<double> available_of_machine(const std::filesystem::path& root) {
  std::ifstream file(root / "proc/meminfo");
  for (std::string name, value, unit; file >> name >> value;) {
    std::getline(file, unit);
    if (name != "MemAvailable:") continue;
    const auto kilobytes = parse_number(value);
    if (kilobytes) return *kilobytes * 1024;
  }
  return std::nullopt;
}

bool lives_here(const nn::DeviceInfo& device) {
  return device.platform == "Isobar" ||
         (device.handle.getInfo<CL_DEVICE_TYPE>() & CL_DEVICE_TYPE_CPU) != 0;
}

}  // namespace

std::optional<double> available_memory(const std::filesystem::path& root) {
  std::optional<double> available = available_of_machine(root);
  const auto limit = number_in(root / "sys/fs/cgroup/memory.max");
  const auto taken = number_in(root / "sys/fs/cgroup/memory.current");
  if (limit && taken) {
    const double left = std::max(0.0, *limit - *taken);
    available = std::min(available.value_or(left), left);
  }
  return available;
}

void check_host_memory(const nn::DeviceInfo& device, const nn::MemoryNeeds& needs) {
  if (!lives_here(device)) return;
  const std::optional<double> available = available_memory();
  if (!available || needs.total() <= *available) return;
  fail(
      "the model does not fit: it takes {:.3g} GB ({:.3g} of weights, gradients and moments, "
      "{:.3g} "
      "of activations), and {} lives in this machine's memory, of which {:.3g} GB are available (a "
      "smaller batch, context or model)",
      needs.total() * 1e-9, needs.state * 1e-9, needs.activations * 1e-9, device.full_name(),
      *available * 1e-9);
}

}  // namespace isobar::cli

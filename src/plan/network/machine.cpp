#include "plan/network/machine.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"

namespace isobar::plan {
namespace {

constexpr double kLinkLatency = 2e-6;    // one message between two chips of a domain
constexpr double kFabricLatency = 5e-6;  // one message through network cards and switches

struct Family {
  std::string_view prefix;
  Generation generation;
  double cores;                 // where the chip file has no floor plan; 0: unknown
  double watts_per_tflops = 0;  // of the generation's first chip; 0: not compared
};
// Streaming multiprocessors as sold: NVIDIA's GA100, GH100 and Blackwell tuning guides; AI cores of
// Ascend 910B: 24 or 25, of which Huawei's documentation names 24.
constexpr std::array kFamilies{Family{"a100", Generation::kAmpere, 108},
                               Family{"a40", Generation::kAmpere, 84},
                               Family{"h100", Generation::kHopper, 132},
                               Family{"h200", Generation::kHopper, 132},
                               Family{"h800", Generation::kHopper, 132},
                               Family{"h20", Generation::kHopper, 78},
                               Family{"gb200", Generation::kBlackwell, 148, 1000.0 / 2250},
                               Family{"gb300", Generation::kBlackwell, 148, 1000.0 / 2250},
                               Family{"b200", Generation::kBlackwell, 148, 1000.0 / 2250},
                               Family{"ascend-910c", Generation::kAscend, 48},
                               Family{"ascend", Generation::kAscend, 24}};

template <class T>
double number(const chip::Figure<T>& figure) {
  if (!figure) return 0;
  if constexpr (requires { (*figure).count(); })
    return static_cast<double>((*figure).count());
  else
    return static_cast<double>(*figure);
}

}  // namespace

namespace {

/// "h100-pcie" is an h100, "h1000" is somebody's own.
bool is_of(std::string_view name, std::string_view family) {
  if (!name.starts_with(family)) return false;
  const char next = name.size() == family.size() ? '-' : name[family.size()];
  return next == '-';
}

}  // namespace

std::string_view name_of(Generation generation) {
  constexpr std::array<std::string_view, kGenerations> kNames{"other", "ampere", "hopper",
                                                              "blackwell", "ascend"};
  return kNames.at(static_cast<std::size_t>(generation));
}

std::string_view name_of(Topology topology) {
  constexpr std::array<std::string_view, 5> kNames{"switched", "mesh", "torus", "rail",
                                                   "dragonfly"};
  return kNames.at(static_cast<std::size_t>(topology));
}

ChipFigures figures_of(const chip::Datasheet& sheet) {
  ChipFigures chip;
  chip.name = sheet.name;
  double watts_per_tflops = 0;
  for (const Family& family : kFamilies) {
    if (!is_of(sheet.name, family.prefix)) continue;
    chip.generation = family.generation;
    chip.cores = family.cores;
    watts_per_tflops = family.watts_per_tflops;
    break;
  }
  if (sheet.floorplan.enabled_cores)
    chip.cores = number(sheet.floorplan.enabled_cores) * std::max(1.0, number(sheet.die.count));
  chip.peak_16 = number(sheet.peak_16bit());
  if (chip.peak_16 <= 0)
    fail("{}: a plan needs the 16-bit dense peak (add peaks.bf16 or peaks.fp16)", sheet.name);
  chip.peak_8 = number(sheet.peaks.fp8);
  chip.peak_4 = number(sheet.peaks.fp4);
  chip.bandwidth = number(sheet.memory.bandwidth);
  chip.capacity = number(sheet.memory.capacity);
  if (chip.capacity <= 0)
    fail("{}: a plan needs the size of the memory (add memory.capacity)", sheet.name);
  if (chip.bandwidth <= 0) {
    // Two 910B dies make the 910C, whose 3.2 TB/s are published.
    chip.bandwidth = chip.generation == Generation::kAscend ? 1.6e12 : chip.peak_16 / 200;
    chip.assumptions.push_back(
        "memory bandwidth is not published: " + std::to_string(chip.bandwidth / 1e12).substr(0, 4) +
        " TB/s assumed");
  }
  chip.domain = static_cast<std::uint32_t>(std::max(1.0, number(sheet.link.domain)));
  chip.nic = number(sheet.link.nic);
  if (chip.nic <= 0) {
    chip.nic = 25e9;
    chip.assumptions.emplace_back("no network card is given: 25 GB/s per chip assumed");
  }
  chip.link = number(sheet.link.bandwidth);
  if (chip.link <= 0) {
    // Seven HCCS links of 28 GB/s each, per direction, join the eight chips of an Atlas 800 node.
    chip.link = chip.generation == Generation::kAscend ? 196e9 : chip.nic;
    chip.assumptions.push_back(fmt::format(
        "scale-up bandwidth is not published: {:.0f} GB/s assumed", std::floor(chip.link / 1e9)));
  }
  chip.power = number(sheet.package.power);
  if (watts_per_tflops > 0 && chip.power > 0)
    chip.relative_power = chip.power / (chip.peak_16 / 1e12) / watts_per_tflops;
  return chip;
}

Network network_of(const ChipFigures& chip) {
  Network network;
  network.name =
      chip.name + ", one domain of " + std::to_string(chip.domain) + " and a full fabric";
  network.node_chips = std::min(chip.domain, 8U);
  network.levels.push_back(
      {"scale-up domain", chip.domain, chip.link, kLinkLatency, 1, Topology::kSwitched, {}});
  network.levels.push_back({"fabric", 0, chip.nic, kFabricLatency, 1, Topology::kSwitched, {}});
  return network;
}

}  // namespace isobar::plan

#include "fab/design.h"

#include <fmt/format.h>

#include <array>

#include "base/error.h"

namespace isobar::fab {
namespace {

constexpr char kSource[] = "a design of the sweep";
constexpr double kStackBandwidth = 819e9;  // bytes/s: JESD238A, HBM3 at 6.4 Gb/s on 1024 pins
constexpr double kStackBytes = 16e9;
constexpr std::uint32_t kVectorLanes = 128;

template <class T>
chip::Figure<T> figure(T value) {
  return {std::move(value), kSource};
}

}  // namespace

double Design::peak() const { return 2.0 * matrix_fp16 * enabled_cores() * clock_ghz * 1e9; }
double Design::bandwidth() const { return stacks * kStackBandwidth; }
double Design::capacity() const { return stacks * kStackBytes; }

std::vector<Design> design_grid(std::size_t count, const std::string& only_node,
                                const Constants& constants) {
  std::vector<Design> all;
  constexpr std::array<std::uint32_t, 12> kCores{16, 24,  32,  48,  64,  80,
                                                 96, 112, 128, 144, 160, 192};
  constexpr std::array<std::uint32_t, 5> kMatrix{512, 1024, 2048, 4096, 8192};
  constexpr std::array<std::uint32_t, 4> kLocal{128, 256, 512, 1024};
  constexpr std::array<std::uint32_t, 5> kShared{8, 16, 32, 64, 128};
  constexpr std::array<std::uint32_t, 6> kStacks{1, 2, 4, 5, 6, 8};
  for (const auto& [name, speed] : constants.node_speeds) {
    if (constants.node(name) == nullptr || (!only_node.empty() && only_node != name)) continue;
    for (const auto cores : kCores)
      for (const auto matrix : kMatrix)
        for (const auto local : kLocal)
          for (const auto shared : kShared)
            for (const auto stacks : kStacks)
              all.push_back(
                  {cores, matrix, local, shared, stacks, speed.clock.value, name, "HBM3"});
  }
  if (all.empty())
    fail("no design of node \"{}\" ({}constants.toml has a [speed.*] of {})", only_node,
         constants.nodes_like(only_node), constants.speed_names());
  if (count >= all.size()) return all;
  std::vector<Design> spread;
  spread.reserve(count);
  for (std::size_t i = 0; i < count; ++i) spread.push_back(all[i * all.size() / count]);
  return spread;
}

chip::Datasheet datasheet_of(const Design& design) {
  chip::Datasheet sheet;
  sheet.name = fmt::format("{}x{}-{}", design.cores, design.matrix_fp16, design.node);
  sheet.product.market = figure<std::string>("data centre");
  sheet.peaks.bf16 = figure(FlopsPerSecond(design.peak()));
  const double vector = 2.0 * kVectorLanes * design.enabled_cores() * design.clock_ghz * 1e9;
  sheet.peaks.fp32 = figure(FlopsPerSecond(vector));
  sheet.memory.kind = figure(design.memory);
  sheet.memory.capacity = figure(Bytes(static_cast<std::uint64_t>(design.capacity())));
  sheet.memory.bandwidth = figure(BytesPerSecond(design.bandwidth()));
  sheet.memory.stacks = figure(design.stacks);
  sheet.link.bandwidth = figure(BytesPerSecond(450e9));
  sheet.link.domain = figure(8U);
  sheet.process.node = figure(design.node);
  chip::Floorplan& plan = sheet.floorplan;
  plan.clock = figure(Hertz(design.clock_ghz * 1e9));
  plan.cores = figure(design.cores);
  plan.enabled_cores = figure(design.enabled_cores());
  plan.schedulers = figure(4U);
  plan.fp64_lanes = figure(0U);
  plan.fp32_lanes = figure(kVectorLanes);
  plan.int32_lanes = figure(64U);
  plan.matrix_fp16 = figure(design.matrix_fp16);
  plan.matrix_fp64 = figure(0U);
  plan.register_file = figure(256_KiB);
  plan.l1 = figure(Bytes(std::uint64_t{design.local_kib} << 10U));
  plan.l2 = figure(Bytes(std::uint64_t{design.shared_mib} << 20U));
  plan.memory_interface = figure(design.memory);
  plan.memory_width = figure(1024U * design.stacks);
  plan.link_lanes = figure(36U);  // 36 lanes of 100 Gb/s: 450 GB/s each way
  plan.pcie_lanes = figure(16U);
  plan.graphics = figure<std::string>("no");
  return sheet;
}

double power_of(const Design& design, const Constants& constants) {
  const PowerConstants& power = constants.power;
  const NodeSpeed& speed = constants.node_speeds.at(design.node);
  return design.peak() * power.flop.value * 1e-12 * speed.energy.value +
         design.bandwidth() * 8 * power.dram_bit.value * 1e-12 +
         power.core.value * speed.energy.value * design.cores + power.rest.value;
}

}  // namespace isobar::fab

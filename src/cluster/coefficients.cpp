#include "cluster/coefficients.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "base/paths.h"
#include "base/toml.h"

namespace isobar::cluster {
namespace {

struct ChipRow {
  std::string_view name;
  double low, high;
  double ChipCoefficients::* member;
  std::string_view meaning;
};
constexpr std::array kChipRows{
    ChipRow{"gemm_16", 0.4, 0.88, &ChipCoefficients::gemm_16,
            "of the 16-bit peak, reached by a large matrix product"},
    ChipRow{"gemm_8", 0.3, 0.88, &ChipCoefficients::gemm_8, "of the FP8 peak, likewise"},
    ChipRow{"gemm_4", 0.2, 0.88, &ChipCoefficients::gemm_4, "of the FP4 peak, likewise"},
    ChipRow{"attention", 0.15, 0.85, &ChipCoefficients::attention,
            "of the 16-bit peak, reached by fused attention forward"},
    ChipRow{"memory", 0.6, 0.92, &ChipCoefficients::memory,
            "of the memory bandwidth, reached by memory-bound kernels"},
    ChipRow{"link", 0.4, 0.9, &ChipCoefficients::link,
            "of the scale-up bandwidth, reached by collectives"},
    ChipRow{"host_kernel", 1e-6, 60e-6, &ChipCoefficients::host_kernel,
            "seconds of the host per launched kernel"},
    ChipRow{"stock", 0.4, 1, &ChipCoefficients::stock,
            "of the vendor's tuned kernels' speed, reached by a framework's stock ones (FSDP)"},
};

struct SharedRow {
  std::string_view name;
  double low, high;
  double Coefficients::* member;
  std::string_view meaning;
};
constexpr std::array kSharedRows{
    SharedRow{"network", 0.3, 0.98, &Coefficients::network,
              "of the scale-out bandwidth, reached by collectives"},
    SharedRow{"host_collective", 5e-6, 1e-3, &Coefficients::host_collective,
              "seconds of the host per tensor-parallel collective"},
    SharedRow{"kernel_gap", 0, 10e-6, &Coefficients::kernel_gap,
              "seconds on the device between two kernels"},
    SharedRow{"power", 0, 1, &Coefficients::power,
              "exponent of a product's speed over the watts a chip has per peak FLOP/s"},
    SharedRow{"block_scales", 0.5, 1, &Coefficients::block_scales,
              "of an FP8 product's speed, left where units without scales sum in blocks"},
    SharedRow{"depth", 16, 1024, &Coefficients::depth,
              "inner size at which start-up is half of a matrix product's time"},
    SharedRow{"tensor_overlap", 0, 0.95, &Coefficients::tensor_overlap,
              "of tensor-parallel communication hidden by stacks that overlap it"},
    SharedRow{"data_overlap", 0, 1, &Coefficients::data_overlap,
              "of gradient communication hidden by stacks that overlap it"},
    SharedRow{"shard_overlap", 0, 1, &Coefficients::shard_overlap,
              "of the computation behind which ZeRO-3 communication hides"},
    SharedRow{"expert_overlap", 0, 0.95, &Coefficients::expert_overlap,
              "of the experts' all-to-all hidden behind computation"},
    SharedRow{"expert_link", 0.1, 0.95, &Coefficients::expert_link,
              "of the bandwidth, reached by the experts' all-to-all"},
    SharedRow{"expert_traffic", 1, 20, &Coefficients::expert_traffic,
              "passes over the routed tokens that permuting them costs, forward"},
    SharedRow{"expert_sync", 0, 3e-3, &Coefficients::expert_sync,
              "seconds per pass through a layer with experts until the host knows their loads"},
    SharedRow{"expert_fused", 0.2, 1, &Coefficients::expert_fused,
              "of routing and exchange that is left where both are fused and recorded as graphs"},
    SharedRow{"lent", 0, 0.3, &Coefficients::lent,
              "of the cores, lent to communication while it hides behind computation"},
    SharedRow{
        "straggler", 0, 0.05, &Coefficients::straggler,
        "standard deviation of a chip's time for a step, over that time; all wait for the slowest"},
    SharedRow{"step_overhead", 0, 0.1, &Coefficients::step_overhead,
              "seconds per step: loop, data, loss scaling, logging"},
    SharedRow{"tensor_overhead", 0, 2e-3, &Coefficients::tensor_overhead,
              "seconds per step and layer: the optimiser's launches"},
    SharedRow{"optimizer_bytes", 16, 120, &Coefficients::optimizer_bytes,
              "memory traffic per updated parameter"},
    SharedRow{"pipeline_exchange", 0, 2, &Coefficients::pipeline_exchange,
              "of the pipeline's messages on the critical path"},
};

std::vector<CoefficientRow> make_rows() {
  std::vector<CoefficientRow> rows;
  for (std::size_t g = 0; g < kGenerations; ++g)
    for (const ChipRow& row : kChipRows) {
      const auto generation = static_cast<Generation>(g);
      rows.push_back({fmt::format("{}.{}", name_of(generation), row.name), row.low, row.high,
                      row.meaning, row.member, nullptr, generation});
    }
  for (const SharedRow& row : kSharedRows)
    rows.push_back({std::string(row.name), row.low, row.high, row.meaning, nullptr, row.member});
  return rows;
}

constexpr std::array<std::string_view, 3> kClasses{"one-node", "dense", "experts"};

}  // namespace

std::string_view name_of(RunClass run_class) {
  return kClasses.at(static_cast<std::size_t>(run_class));
}

double& CoefficientRow::in(Coefficients& coefficients) const {
  if (of_all != nullptr) return coefficients.*of_all;
  return coefficients.chips.at(static_cast<std::size_t>(generation)).*of_chip;
}

double CoefficientRow::in(const Coefficients& coefficients) const {
  if (of_all != nullptr) return coefficients.*of_all;
  return coefficients.chips.at(static_cast<std::size_t>(generation)).*of_chip;
}

std::span<const CoefficientRow> coefficient_rows() {
  static const std::vector<CoefficientRow> rows = make_rows();
  return rows;
}

namespace {

void set(Coefficients& into, const std::string& name, const toml::node& node,
         const std::string& path) {
  const auto line = node.source().begin.line;
  const auto value = node.value<double>();
  if (!value) fail("{}:{}: {} must be a number", path, line, name);
  for (std::size_t c = 0; c < kClasses.size(); ++c) {
    if (name == fmt::format("spread.{}.low", kClasses.at(c))) {
      if (!(*value > 0 && *value <= 1)) fail("{}:{}: {} must be in (0, 1]", path, line, name);
      into.spread.at(c).low = *value;
      return;
    }
    if (name == fmt::format("spread.{}.high", kClasses.at(c))) {
      if (!(*value >= 1 && *value < 100)) fail("{}:{}: {} must be in [1, 100)", path, line, name);
      into.spread.at(c).high = *value;
      return;
    }
  }
  for (const CoefficientRow& row : coefficient_rows()) {
    if (row.name != name) continue;
    if (!(*value >= row.low && *value <= row.high))
      fail("{}:{}: {} is {}, but plausible is {} to {} ({})", path, line, name, *value, row.low,
           row.high, row.meaning);
    row.in(into) = *value;
    return;
  }
  fail("{}:{}: no coefficient is called {} (docs/PLAN.md lists them)", path, line, name);
}

void walk(Coefficients& into, const std::string& prefix, const toml::table& table,
          const std::string& path) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const toml::table* inner = node.as_table()) {
      walk(into, name + ".", *inner, path);
    } else {
      set(into, name, node, path);
    }
  }
}

}  // namespace

Coefficients parse_coefficients(std::string_view text, const std::string& path) {
  Coefficients coefficients;
  walk(coefficients, "", parse_toml(text, path), path);
  return coefficients;
}

Coefficients read_coefficients(const std::filesystem::path& path) {
  return parse_coefficients(read_text(path, kMostToml), path.string());
}

Coefficients calibrated_coefficients() {
  return read_coefficients(share_directory() / "cluster" / "calibration.toml");
}

std::string coefficients_file(const Coefficients& coefficients, std::string_view fitted_on) {
  std::string text = fmt::format("# Coefficients of `isobar plan`. {}\n", fitted_on);
  for (const CoefficientRow& row : coefficient_rows())
    text += fmt::format("{} = {:.4g}  # {:g} to {:g}: {}\n", row.name, row.in(coefficients),
                        row.low, row.high, row.meaning);
  text += "# measured / predicted: between these lie four runs in five (conformal.h)\n";
  for (std::size_t c = 0; c < kClasses.size(); ++c)
    text += fmt::format("spread.{0}.low = {1:.4g}\nspread.{0}.high = {2:.4g}\n", kClasses.at(c),
                        coefficients.spread.at(c).low, coefficients.spread.at(c).high);
  return text;
}

}  // namespace isobar::cluster

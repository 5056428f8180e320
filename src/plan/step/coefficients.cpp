#include "plan/step/coefficients.h"

#include <fmt/format.h>

#include <cmath>

#include "base/error.h"
#include "base/file/file.h"
#include "base/file/paths.h"
#include "base/text/toml_file.h"

namespace isobar::plan {
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

constexpr std::array<std::string_view, kRunClasses> kClasses{"one-node", "dense", "experts"};
constexpr std::array<std::string_view, kBeyonds> kBeyondNames{"generation", "chip", "class",
                                                              "format", "scale"};
constexpr std::array<std::string_view, 3> kFormats{"16-bit", "8-bit", "4-bit"};

}  // namespace

std::string_view name_of(RunClass run_class) {
  return kClasses.at(static_cast<std::size_t>(run_class));
}

std::string_view name_of(Beyond beyond) {
  return kBeyondNames.at(static_cast<std::size_t>(beyond));
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

/// Everything that holds an interval: its name and its place.
template <class Use>
void each_spread(Coefficients& of, const Use& use) {
  for (std::size_t c = 0; c < kClasses.size(); ++c)
    use(fmt::format("spread.{}", kClasses.at(c)), of.spread.at(c));
  for (std::size_t b = 0; b < kBeyonds; ++b)
    use(fmt::format("beyond.{}", kBeyondNames.at(b)), of.beyond.at(b));
}

/// Every count of fitted runs but those by chip, whose names are open.
template <class Use>
void each_count(FittedRuns& of, const Use& use) {
  for (std::size_t c = 0; c < kClasses.size(); ++c) {
    use(fmt::format("fitted.largest.{}", kClasses.at(c)), of.largest.at(c));
    for (std::size_t g = 0; g < kGenerations; ++g)
      use(fmt::format("fitted.{}.{}", kClasses.at(c), name_of(static_cast<Generation>(g))),
          of.classes.at(c).at(g));
  }
  for (std::size_t f = 0; f < kFormats.size(); ++f)
    for (std::size_t g = 0; g < kGenerations; ++g)
      use(fmt::format("fitted.{}.{}", kFormats.at(f), name_of(static_cast<Generation>(g))),
          of.formats.at(f).at(g));
}

/// Whether the name is that of an end of an interval, which then is set.
bool set_spread(Coefficients& into, const std::string& name, double value,
                const std::string& place) {
  bool is_one = false;
  each_spread(into, [&](const std::string& prefix, Coefficients::Spread& spread) {
    if (name == prefix + ".low") {
      if (!(value > 0 && value <= 1)) fail("{}: {} must be in (0, 1]", place, name);
      spread.low = value;
      is_one = true;
    } else if (name == prefix + ".high") {
      if (!(value >= 1 && value < 100)) fail("{}: {} must be in [1, 100)", place, name);
      spread.high = value;
      is_one = true;
    }
  });
  return is_one;
}

bool set_count(FittedRuns& into, const std::string& name, double value, const std::string& place) {
  constexpr std::string_view kChips = "fitted.chips.";
  std::uint32_t* count = nullptr;
  if (name.starts_with(kChips)) count = &into.chips[name.substr(kChips.size())];
  each_count(into, [&](const std::string& of, std::uint32_t& number) {
    if (name == of) count = &number;
  });
  if (count == nullptr) return false;
  if (!(value >= 0 && value <= 1e9 && value == std::floor(value)))
    fail("{}: {} must be a whole number of runs", place, name);
  *count = static_cast<std::uint32_t>(value);
  return true;
}

/// All but fitted.chips.*, whose names are open.
std::vector<std::string> known_names() {
  std::vector<std::string> names;
  for (const CoefficientRow& row : coefficient_rows()) names.push_back(row.name);
  Coefficients any;
  each_spread(any, [&](const std::string& prefix, const Coefficients::Spread&) {
    names.push_back(prefix + ".low");
    names.push_back(prefix + ".high");
  });
  each_count(any.fitted, [&](const std::string& name, std::uint32_t) { names.push_back(name); });
  return names;
}

void set(Coefficients& into, const std::string& name, const toml::node& node,
         const std::string& path) {
  const std::string place = toml_place(path, &node);
  const auto value = node.is_number() ? node.value<double>() : std::nullopt;
  if (!value) fail("{}: {} is {} (it must be a number)", place, name, written(node));
  if (set_spread(into, name, *value, place) || set_count(into.fitted, name, *value, place)) return;
  for (const CoefficientRow& row : coefficient_rows()) {
    if (row.name != name) continue;
    if (!(*value >= row.low && *value <= row.high))
      fail("{}: {} is {}, but plausible is {} to {} ({})", place, name, *value, row.low, row.high,
           row.meaning);
    row.in(into) = *value;
    return;
  }
  refuse_key(place, name, "a calibration", known_names(), "docs/PLAN.md lists the coefficients");
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
  return read_coefficients(share_directory() / "plan" / "calibration.toml");
}

std::string coefficients_file(const Coefficients& coefficients, std::string_view fitted_on) {
  std::string text = fmt::format("# Coefficients of `isobar plan`. {}\n", fitted_on);
  for (const CoefficientRow& row : coefficient_rows())
    text += fmt::format("{} = {:.4g}  # {:g} to {:g}: {}\n", row.name, row.in(coefficients),
                        row.low, row.high, row.meaning);
  Coefficients of = coefficients;
  text +=
      "# measured / predicted: between these lie four runs in five, by class (conformal.h), and\n"
      "# of runs unlike all that was fitted (held_out.h)\n";
  each_spread(of, [&](const std::string& name, const Coefficients::Spread& spread) {
    text += fmt::format("{0}.low = {1:.4g}\n{0}.high = {2:.4g}\n", name, spread.low, spread.high);
  });
  text += "# how many runs that was, and the most chips of one\n";
  for (const auto& [chip, count] : of.fitted.chips)
    text += fmt::format("fitted.chips.\"{}\" = {}\n", chip, count);
  each_count(of.fitted, [&](const std::string& name, std::uint32_t count) {
    if (count > 0) text += fmt::format("{} = {}\n", name, count);
  });
  return text;
}

}  // namespace isobar::plan

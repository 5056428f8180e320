#include "plan/kernel/tile_wave_cost.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "plan/network/machine.h"

namespace isobar::plan {
namespace {

template <class T>
double number(const chip::Figure<T>& figure) {
  return figure ? static_cast<double>((*figure).count()) : 0;
}

struct Tile {
  double rows, columns;
};
// What libraries ship; wider ones reuse operands more, narrower ones fit small matrices better.
constexpr std::array kTiles{Tile{256, 128}, Tile{128, 256}, Tile{128, 128}, Tile{128, 64},
                            Tile{64, 128},  Tile{64, 64},   Tile{64, 32},   Tile{32, 64}};
/// Cores that share one tile's sum over k, where there are fewer tiles than cores.
constexpr std::array kSplits{1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 16.0};
constexpr double kQueryRows = 128, kKeyColumns = 128;  // of one step of attention
/// The backward pass holds five tiles where the forward pass holds three, and spills.
constexpr double kBackwardPipe = 0.85;

/// Bytes from memory when waves of tiles walk over the matrix in near-square blocks: within a wave
/// operands are shared through the cache, between waves they are read again unless they all fit.
double operand_traffic(const MatmulKernel& g, Tile tile, double waves, const ChipUnits& units) {
  const auto m = static_cast<double>(g.m), n = static_cast<double>(g.n);
  const double depth = static_cast<double>(g.k) * bytes_per_element(g.format);
  const double once = (m + n) * depth * g.groups;
  if (units.cache <= 0 || once <= units.cache / 2) return once;
  const double rows =
      std::clamp(std::sqrt(units.cores * tile.columns / tile.rows), 1.0, std::ceil(m / tile.rows));
  const double columns = std::clamp(units.cores / rows, 1.0, std::ceil(n / tile.columns));
  const double again = waves * (rows * tile.rows + columns * tile.columns) * depth;
  return std::max(once, again);
}

/// Steps over keys of a block of queries, summed and of the longest block, for one head.
struct BlockSteps {
  double blocks = 0, sum = 0, longest = 0;
};
BlockSteps steps_of(const AttentionKernel& a) {
  BlockSteps steps;
  const auto blocks = static_cast<std::uint64_t>(std::ceil(a.queries / kQueryRows));
  steps.blocks = static_cast<double>(blocks);
  const double before = std::max(0.0, static_cast<double>(a.keys) - a.queries);
  for (std::uint64_t index = 0; index < blocks; ++index) {
    const auto block = static_cast<double>(index);
    const double last = std::min<double>(a.keys, before + (block + 1) * kQueryRows);
    const double end = a.causal ? last : a.keys;
    const double begin =
        a.window > 0 ? std::max(0.0, before + block * kQueryRows - a.window + 1) : 0;
    const double count = std::ceil(end / kKeyColumns) - std::floor(begin / kKeyColumns);
    steps.sum += count;
    steps.longest = std::max(steps.longest, count);
  }
  return steps;
}

}  // namespace

ChipUnits units_of(const chip::Datasheet& sheet) {
  const ChipFigures figures = figures_of(sheet);
  ChipUnits units;
  units.name = sheet.name;
  const double narrow = figures.peak_8 > 0 ? figures.peak_8 : figures.peak_16;
  const double single = number(sheet.peaks.fp32);
  const double tf32 = number(sheet.peaks.tf32);
  units.peak = {single > 0 ? single : figures.peak_16 / 8, tf32 > 0 ? tf32 : figures.peak_16 / 2,
                figures.peak_16, narrow, figures.peak_4 > 0 ? figures.peak_4 : narrow};
  units.bandwidth = figures.bandwidth;
  units.clock = number(sheet.floorplan.clock);
  if (units.clock <= 0) units.clock = 1.5e9;
  // A core of 4,096 16-bit FLOP per cycle, where nobody says how many there are.
  units.cores = figures.cores > 0 ? figures.cores
                                  : std::max(1.0, std::round(figures.peak_16 / units.clock / 4096));
  units.vector_flops = single > 0 ? single : units.cores * units.clock * 128;
  units.cache = number(sheet.floorplan.l2) * (sheet.die.count ? *sheet.die.count : 1);
  if (sheet.peaks.measured_bf16)
    units.measured_16 = number(sheet.peaks.measured_bf16) / figures.peak_16;
  return units;
}

TileWaveCost::TileWaveCost(ChipUnits units, KernelCoefficients coefficients)
    : units_(std::move(units)), mine_(coefficients) {
  constexpr double kGoodLibrary = 0.85;
  if (mine_.pipe <= 0) mine_.pipe = units_.measured_16 > 0 ? units_.measured_16 : kGoodLibrary;
}

KernelTime TileWaveCost::time(const Kernel& kernel) const {
  if (const auto* g = std::get_if<MatmulKernel>(&kernel)) return matmul(*g);
  if (const auto* a = std::get_if<AttentionKernel>(&kernel)) return attention(*a);
  return stream(std::get<StreamKernel>(kernel));
}

KernelTime TileWaveCost::matmul(const MatmulKernel& g) const {
  if (g.m == 0 || g.n == 0 || g.k == 0 || g.groups == 0) return {};
  const double peak = units_.peak_of(g.format);
  const double core_peak = peak / units_.cores;
  const double port = mine_.port * units_.clock;
  const auto m = static_cast<double>(g.m), n = static_cast<double>(g.n);
  const double ideal = flops(g) / peak;
  const double outputs =
      bytes(g) - (m + n) * static_cast<double>(g.k) * g.groups * bytes_per_element(g.format);
  KernelTime best;
  double shortest = 0;
  for (const Tile tile : kTiles) {
    const double cover = std::ceil(m / tile.rows) * std::ceil(n / tile.columns) * g.groups;
    for (const double split : kSplits) {
      const double depth = std::ceil(static_cast<double>(g.k) / split);
      if (split > 1 && (depth < 256 || cover * split > 2 * units_.cores)) break;
      const double tiles = cover * split;
      const double waves = std::ceil(tiles / units_.cores);
      const double at_peak = 2 * tile.rows * tile.columns * depth / core_peak;
      const double feeding =
          (tile.rows + tile.columns) * depth * bytes_per_element(g.format) / port;
      const double compute = waves * (std::max(at_peak / mine_.pipe, feeding) + mine_.fill);
      const double sums = split > 1 ? 2 * split * m * n * g.groups * 4 : 0;
      const double memory = (operand_traffic(g, tile, waves, units_) + outputs + sums) /
                            (units_.bandwidth * mine_.memory);
      const double total = std::max(compute, memory);
      if (shortest > 0 && total >= shortest) continue;
      shortest = total;
      const double covered = tiles * at_peak / units_.cores;
      best = {ideal,
              covered - ideal,
              waves * at_peak - covered,
              compute - waves * at_peak,
              std::max(0.0, memory - compute),
              mine_.launch};
    }
  }
  return best;
}

KernelTime TileWaveCost::attention(const AttentionKernel& a) const {
  if (a.queries == 0 || a.keys == 0 || a.heads == 0 || a.sequences == 0) return {};
  const double peak = units_.peak_of(a.format);
  const double core_peak = peak / units_.cores;
  const double scores = kQueryRows * kKeyColumns;
  const double widths = a.backward ? 3.0 * a.query_key_width + 2.0 * a.value_width
                                   : 1.0 * a.query_key_width + a.value_width;
  const double products_at_peak = 2 * scores * widths / core_peak;
  const double products = products_at_peak / (mine_.pipe * (a.backward ? kBackwardPipe : 1));
  // Scale, maximum, subtract, sum and narrow; backward twice subtracts and multiplies instead.
  const double vector_rate = units_.vector_flops / 2 / units_.cores;
  const double softmax =
      scores * (1 / (mine_.exponential * units_.clock) + (a.backward ? 6 : 5) / vector_rate);
  const double step =
      std::max(products, softmax) + (1 - mine_.overlap) * std::min(products, softmax);
  const BlockSteps steps = steps_of(a);
  const double heads = static_cast<double>(a.sequences) * a.heads;
  // Blocks of different lengths are dealt longest first, so that the cores end together.
  const double even = heads * steps.sum / units_.cores;
  const double waves = std::ceil(heads * steps.blocks / units_.cores);
  const double dealt = a.causal ? std::max(even, steps.longest) : waves * steps.longest;
  const double ideal = flops(a) / peak;
  // What the useful products would take in whole tiles. Backward, one product in five is a second
  // computation of the scores: that is the pipe's loss, not the tiles'.
  const double useful =
      2 * scores * (a.query_key_width + a.value_width) * (a.backward ? 2 : 1) / core_peak;
  const double covered = even * useful;
  const double compute = dealt * step + mine_.fill * waves;
  const double memory = bytes(a) / (units_.bandwidth * mine_.memory);
  return {ideal,
          std::max(0.0, covered - ideal),
          dealt * useful - covered,
          compute - dealt * useful - std::min(0.0, covered - ideal),
          std::max(0.0, memory - compute),
          mine_.launch};
}

KernelTime TileWaveCost::stream(const StreamKernel& s) const {
  KernelTime time;
  time.memory = bytes(s) / (units_.bandwidth * mine_.memory);
  time.launch = s.launches * mine_.launch;
  return time;
}

}  // namespace isobar::plan

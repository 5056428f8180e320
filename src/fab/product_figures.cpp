#include "fab/product_figures.h"

#include <fmt/format.h>

#include <cmath>

#include "fab/assessment.h"
#include "fab/die/area.h"
#include "fab/die/cost.h"
#include "fab/time_to_market.h"

namespace isobar::fab {
namespace {

/// One chip on its way through the models; each step leaves what the next one needs, or the reason
/// why it cannot be had.
class Walk {
 public:
  Walk(const chip::Datasheet& sheet, const Constants& constants, const Options& options)
      : sheet_(sheet), constants_(constants), options_(options) {
    if (!sheet.process.node) {
      no_node_ = sheet.process.node.withheld ? "process.node is not published" : "no process.node";
      return;
    }
    node_ = constants.node(*sheet.process.node);
    if (node_ == nullptr)
      no_node_ = fmt::format("process.node {} is not known: {}there are {}", *sheet.process.node,
                             constants.nodes_like(*sheet.process.node), constants.node_names());
  }

  ProductFigures run() {
    area();
    die();
    package();
    market();
    energy();
    training();
    return std::move(out_);
  }

 private:
  ProductFigure& add(std::string_view key, std::string_view label, std::string_view unit) {
    out_.emplace_back(key, ProductFigure{.section = section_, .label = label, .unit = unit});
    return out_.back().second;
  }
  void put(std::string_view key, std::string_view label, std::string_view unit, bool known,
           double value, std::string_view source, const std::string& missing) {
    ProductFigure& figure = add(key, label, unit);
    if (known) {
      figure.value = value;
      figure.source = source;
    } else {
      figure.missing = missing;
    }
  }

  void area() {
    section_ = "area";
    const std::string missing = missing_for_area(sheet_, constants_);
    if (missing.empty())
      estimate_ =
          estimate_area(sheet_.floorplan, *node_,
                        *constants_.interface(*sheet_.floorplan.memory_interface), constants_.area);
    if (sheet_.die.area) {
      area_ = (*sheet_.die.area).count();
      area_source_ = sheet_.die.area.source;
    } else if (estimate_) {
      area_ = estimate_->total;
      area_source_ = "estimated from the floorplan";
    } else {
      no_area_ = fmt::format("die.area is {}, and an estimate needs {}",
                             sheet_.die.area.withheld ? "not published" : "absent", missing);
    }
    put("die_area_mm2", "area of a compute die", "mm2", area_ > 0, area_, area_source_, no_area_);
    put("estimated_area_mm2", "from its micro-architecture", "mm2", estimate_.has_value(),
        estimate_ ? estimate_->total : 0, "area model, docs/FAB.md", "needs " + missing);
    put("compute_dies", "compute dies", "", true, dies(), sheet_.die.count.source, "");
    put("reticle_fields", "of the reticle", "fields", area_ > 0,
        area_ / constants_.wafer.reticle.value, constants_.wafer.reticle.source, no_area_);
  }

  [[nodiscard]] std::uint32_t dies() const { return sheet_.die.count.value.value_or(1); }
  [[nodiscard]] std::string need_die() const { return no_node_.empty() ? no_area_ : no_node_; }

  [[nodiscard]] DieKind compute_die() const {
    DieKind die{.area = area_, .count = dies(), .node = node_};
    const auto cores = sheet_.floorplan.cores.value, enabled = sheet_.floorplan.enabled_cores.value;
    if (!estimate_ || !cores || !enabled || *enabled == *cores) return die;
    // The estimate's split between cores and the rest, on the area that is known.
    const double scale = area_ / estimate_->total;
    die.harvest = {.core_area = estimate_->cores * scale,
                   .other_area = area_ - estimate_->cores * scale * *cores,
                   .cores = *cores,
                   .needed = *enabled};
    return die;
  }

  void die() {
    section_ = "yield and cost";
    ready_ = node_ != nullptr && area_ > 0;
    if (ready_) {
      const double side = std::sqrt(area_);
      if (!(dies_per_wafer(side, side, constants_.wafer) > 0)) {
        ready_ = false;
        no_area_ = "no such die fits a wafer";
      }
    }
    if (ready_) die_ = die_cost(compute_die(), constants_.wafer);
    const std::string why = need_die();
    put("dies_per_wafer", "dies per wafer", "", ready_, die_.per_wafer,
        "300 mm, edge and scribe lines off", why);
    put("dies_counted", "counted, best placement", "", ready_,
        ready_ ? counted_dies(std::sqrt(area_), std::sqrt(area_), constants_.wafer) : 0,
        "the same, die by die", why);
    put("raw_yield", "yield without spare cores", "%", ready_,
        ready_ ? 100 * negative_binomial_yield(area_, node_->defects.value,
                                               constants_.wafer.clustering.value)
               : 0,
        ready_ ? "negative binomial; " + node_->defects.source : "", why);
    put("yield", "yield", "%", ready_, 100 * die_.yield, "with the spare cores that may fail", why);
    put("cost_per_good_die", "cost of a good die", "$", ready_, die_.good,
        ready_ ? node_->wafer_price.source : "", why);
  }

  /// Why the package's cost cannot be computed; empty where it can.
  std::string fill_package(PackageDesign& design) const {
    if (!ready_) return need_die();
    design.compute = compute_die();
    if (sheet_.die.io_area) {
      const ProcessNode* node = sheet_.die.io_node ? constants_.node(*sheet_.die.io_node) : nullptr;
      if (node == nullptr) return "the I/O dies' node (die.io_node) is not known";
      design.io = DieKind{.area = (*sheet_.die.io_area).count(),
                          .count = sheet_.die.io_count.value.value_or(1),
                          .node = node};
    }
    const std::string kind = sheet_.memory.kind.value.value_or("");
    const Ranged* price = constants_.memory_price(kind);
    if (sheet_.memory.capacity && price != nullptr) {
      design.memory_gb = static_cast<double>((*sheet_.memory.capacity).count()) * 1e-9;
      design.memory_price = price->value;
    } else if (!kind.starts_with("SRAM")) {
      return kind.empty() ? "no memory.kind" : fmt::format("no price of {}", kind);
    }
    if (kind.starts_with("HBM")) {
      if (!sheet_.memory.stacks) return "no memory.stacks";
      design.stacks = *sheet_.memory.stacks;
    }
    const bool flip_chip = sheet_.package.kind && *sheet_.package.kind == "flip chip";
    design.carrier = !flip_chip && (design.stacks > 0 || dies() > 1) ? Carrier::kInterposer
                                                                     : Carrier::kSubstrate;
    design.volume = options_.volume;
    return {};
  }

  void package() {
    PackageDesign design;
    const std::string why = fill_package(design);
    const bool known = why.empty();
    if (known) package_ = package_cost(design, constants_);
    const auto line = [&](std::string_view key, std::string_view label, double value,
                          std::string_view source) {
      put(key, label, "$", known, value, source, why);
    };
    put("assembly_yield", "yield of assembly", "%", known, 100 * package_.yield,
        "known good dies and bonding", why);
    line("silicon_per_package", "silicon", package_.silicon, "good dies");
    line("memory_per_package", "memory", package_.memory, "capacity times price");
    line("carrier_per_package", "substrate and interposer", package_.carrier, "per mm2 of silicon");
    line("assembly_per_package", "assembly and test", package_.assembly, "per package");
    line("lost_per_package", "lost in assembly", package_.lost, "content of bad packages");
    line("masks_and_design_per_package", "masks and design", package_.once,
         "spread over the volume");
    line("cost_per_package", "cost of a package", package_.total(), "the sum of the costs above");
  }

  void market() {
    section_ = "time to market";
    std::string why = need_die();
    if (ready_ && !sheet_.die.transistors)
      why = sheet_.die.transistors.withheld ? "die.transistors is not published"
                                            : "no die.transistors";
    const bool known = why.empty();
    MarketTime time, half;
    if (known) {
      const MarketConstants& m = constants_.market;
      const double transistors = static_cast<double>(*sheet_.die.transistors) / dies();
      MarketNode node = *constants_.market_node(node_->nanometres);
      node.wafers_per_hour.value *= m.share.value;
      MarketPlan plan{.chips = options_.volume,
                      .dies_per_package = static_cast<double>(dies()),
                      .transistors = transistors,
                      .unique_transistors = transistors * m.unique.value,
                      .area = area_,
                      .die_yield = die_.yield,
                      .engineers = m.engineers.value,
                      .parallel = m.parallel.value,
                      .capacity = options_.capacity};
      time = time_to_market(plan, node, m);
      plan.capacity /= 2;
      half = time_to_market(plan, node, m);
    }
    const auto line = [&](std::string_view key, std::string_view label, double value) {
      put(key, label, "weeks", known, value, "ISCA 2023 model, constants.toml", why);
    };
    line("tapeout_weeks", "tape-out", time.tapeout);
    line("fabrication_weeks", "fabrication", time.queue + time.fabrication);
    line("packaging_weeks", "test and packaging", time.packaging);
    line("time_to_market_weeks", "in all", time.total());
    line("time_at_half_capacity_weeks", "at half the capacity", half.total());
    put("agility", "chip agility score", "wafers/h/week", known, time.agility,
        "ISCA 2023: inverse of the change of the date with the wafer rate", why);
  }

  void energy() {
    section_ = "efficiency";
    const auto& peak = sheet_.peak_16bit();
    const bool powered = sheet_.package.power && peak;
    put("energy_pj_per_flop", "energy at peak, 16 bit", "pJ/FLOP", powered,
        powered ? (*sheet_.package.power).count() / (*peak).count() * 1e12 : 0,
        "power of a package over its peak", "needs package.power and a 16-bit peak");
    const bool priced = package_.total() > 0 && peak;
    put("cost_per_tflops", "cost of peak, 16 bit", "$ per TFLOP/s", priced,
        priced ? package_.total() / ((*peak).count() * 1e-12) : 0,
        "cost of a package over its peak", "needs the cost of a package and a 16-bit peak");
  }

  void training() {
    section_ = "training";
    std::string why = "no run or plan is given (--run)";
    TrainingRun run;
    if (options_.run) {
      run = *options_.run;
      why.clear();
      if (run.chip != sheet_.name) {
        why = fmt::format("the run is of {}", run.chip.empty() ? "no named chip" : run.chip);
        run.mfu.reset();
        run.tokens_per_chip_second.reset();
      }
    }
    put("mfu", "MFU reached", "%", run.mfu.has_value(), 100 * run.mfu.value_or(0),
        run.source + (run.mfu_convention.empty() ? "" : ", counts " + run.mfu_convention),
        why.empty() ? "the run has no mfu" : why);
    const double rate = run.tokens_per_chip_second.value_or(0);
    std::string no_cost = why;
    if (rate > 0 && !(package_.total() > 0)) no_cost = "needs the cost of a package";
    if (why.empty() && !(rate > 0)) no_cost = "the run has no tokens per second of the chip";
    const RunningConstants& running = constants_.running;
    double dollars = 0;  // a chip-second
    if (no_cost.empty()) {
      constexpr double kSecondsPerYear = 365.25 * 86400, kJoulesPerKwh = 3.6e6;
      const double watts = sheet_.package.power ? (*sheet_.package.power).count() : 0;
      dollars = package_.total() * running.system.value / (running.years.value * kSecondsPerYear) +
                watts * running.building.value * running.electricity.value / kJoulesPerKwh;
    }
    put("cost_per_million_tokens", "cost of a million tokens", "$", no_cost.empty(),
        no_cost.empty() ? dollars / rate * 1e6 : 0,
        "package written off, with its share of a system and electricity", no_cost);
  }

  const chip::Datasheet& sheet_;
  const Constants& constants_;
  const Options& options_;
  const ProcessNode* node_ = nullptr;
  std::string no_node_, no_area_, area_source_;
  std::string_view section_;
  std::optional<AreaEstimate> estimate_;
  double area_ = 0;
  bool ready_ = false;  // node and area are known, and the die fits a wafer
  DieCost die_;
  PackageCost package_;
  ProductFigures out_;
};

}  // namespace

ProductFigures product_figures(const chip::Datasheet& sheet, const Constants& constants,
                               const Options& options) {
  return Walk(sheet, constants, options).run();
}

}  // namespace isobar::fab

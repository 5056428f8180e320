// The fabrication models against what is published: die areas, yields, export classes, the time to
// market of a paper's example, and a sweep's wall-clock. Each row's peer is where its number
// stands.
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <random>

#include "base/file/paths.h"
#include "base/ranks.h"
#include "base/subprocess.h"
#include "bench/suites.h"
#include "fab/assessment.h"
#include "fab/die/area_fit.h"
#include "fab/die/yield.h"
#include "fab/sweep.h"
#include "fab/time_to_market.h"

namespace isobar::bench {
namespace {

using fab::default_constants;

class FabSuite {
 public:
  FabSuite(const Options& options, Printer& printer) : options_(options), printer_(printer) {}

  int run() {
    areas();
    yields();
    exports();
    market();
    comparison();
    sweeps();
    return wrong_ ? 1 : 0;
  }

 private:
  void row(const std::string& name, double value, const char* unit, const std::string& peer,
           double peer_value) {
    printer_.print({"fab", name, value, unit, peer, peer_value, value / peer_value});
  }
  void expect(bool good) { wrong_ |= !good; }

  void areas() {
    const auto all = fab::published_dies(default_constants());
    std::vector<fab::PublishedDie> complete;
    for (const auto& die : all)
      if (die.complete) complete.push_back(die);
    const std::vector<double> unseen = fab::predicted_unseen(complete, default_constants());
    double error = 0, unseen_error = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto& die = all[i];
      const double published = (*die.sheet.die.area).count();
      const double ours = fab::estimated_area(die, default_constants());
      row("area " + die.sheet.name + (die.complete ? "" : ", blocks not described"), ours, "mm2",
          "published", published);
      if (!die.complete) continue;
      error += std::abs(ours / published - 1) / static_cast<double>(complete.size());
      unseen_error += std::abs(unseen[i] / published - 1) / static_cast<double>(complete.size());
    }
    row("area, mean absolute error", 100 * error, "%", "bar", 10);
    row("area, each die unseen by the fit", 100 * unseen_error, "%", "bar", 15);
    expect(error <= 0.10);
  }

  /// Chips with spare cores, against defects thrown at random.
  void yields() {
    row("yield, Poisson, 1 defect", 100 * fab::poisson_yield(1000, 0.1), "%", "1/e",
        100 * std::exp(-1));
    row("yield, Murphy, 1 defect", 100 * fab::murphy_yield(1000, 0.1), "%", "(1-1/e)^2",
        100 * std::pow(1 - std::exp(-1), 2));
    row("yield, negative binomial, 1 defect", 100 * fab::negative_binomial_yield(1000, 0.1, 3), "%",
        "(4/3)^-3", 100 * std::pow(0.75, 3));
    const fab::HarvestedDie die{.core_area = 3.5, .other_area = 310, .cores = 144, .needed = 132};
    const double ours = fab::harvested_yield(die, 0.2, 3);
    const double thrown = thrown_yield(die, 0.2, 3, options_.quick ? 20'000 : 200'000);
    row("yield, 132 of 144 cores", 100 * ours, "%", "random defects", 100 * thrown);
    expect(std::abs(ours - thrown) < (options_.quick ? 0.015 : 0.005));
    for (const double side : {10.0, 20.0, 28.53})
      row(fmt::format("dies per wafer, {:.4g} mm square", side),
          fab::dies_per_wafer(side, side, default_constants().wafer), "dies", "counted",
          fab::counted_dies(side, side, default_constants().wafer));
  }

  static double thrown_yield(const fab::HarvestedDie& die, double defects, double alpha, int dies) {
    std::mt19937_64 random(1);
    std::gamma_distribution<double> density(alpha, defects / alpha);
    const double area = die.core_area * die.cores + die.other_area;
    std::uniform_real_distribution<double> place(0, area);
    int working = 0;
    for (int i = 0; i < dies; ++i) {
      std::vector<bool> hit(die.cores);
      unsigned broken = 0;
      bool rest = true;
      std::poisson_distribution<int> count(area / 100 * density(random));
      for (int left = count(random); left > 0; --left) {
        const double where = place(random);
        const auto core = static_cast<std::size_t>(where / die.core_area);
        if (core >= die.cores) {
          rest = false;
        } else if (!hit[core]) {
          hit[core] = true;
          ++broken;
        }
      }
      working += rest && broken <= die.cores - die.needed ? 1 : 0;
    }
    return static_cast<double>(working) / dies;
  }

  void exports() {
    struct Known {
      const char* chip;
      double tpp, density;
      const char* name;
    };
    // Totals and densities as published or derived from the vendors' data sheets; docs/FAB.md.
    for (const Known& known : {Known{"a100-40gb", 4992, 6.04, "3A090.a"},
                               {"h100", 15832, 19.45, "3A090.a"},
                               {"h200", 15832, 19.45, "3A090.a"},
                               {"h800", 15832, 19.45, "3A090.a"},
                               {"h20", 2368, 2.91, "none"},
                               {"ascend-910c", 12032, 0, "3A090.a"}}) {
      const chip::Datasheet sheet = chip::find_datasheet(known.chip);
      std::optional<double> area;
      if (sheet.die.area) area = (*sheet.die.area).count();
      const fab::ExportResult result = fab::export_class(
          fab::export_facts(sheet, default_constants(), area), fab::parse_date("2023-11-17"));
      row(fmt::format("export TPP {}: {}", known.chip, result.chip_class), result.tpp.value_or(0),
          "TPP", "known", known.tpp);
      if (known.density > 0)
        row(fmt::format("export density {}", known.chip), result.density.value_or(0), "TPP/mm2",
            "known", known.density);
      expect(result.chip_class == known.name && std::abs(result.tpp.value_or(0) - known.tpp) < 1);
    }
  }

  /// Ten million A11 chips, against the figure of ISCA 2023's repository (time_to_market_test.cpp).
  void market() {
    struct Bar {
      int node;
      double weeks, millions;
    };
    for (const Bar& bar : {Bar{65, 34.984, 1325.53},
                           {40, 25.319, 555.18},
                           {28, 24.020, 394.70},
                           {20, 38.156, 384.87},
                           {14, 30.379, 359.58},
                           {7, 44.698, 329.54}}) {
      const fab::MarketPlan plan{.chips = 10e6,
                                 .transistors = 4.6e9,
                                 .unique_transistors = 514e6,
                                 .engineers = 100,
                                 .parallel = 0.6};
      const fab::MarketTime time = fab::time_to_market(
          plan, default_constants().market_nodes.at(bar.node), default_constants().market);
      row(fmt::format("time to market A11, {} nm", bar.node), time.total(), "weeks",
          "ISCA 2023 figure", bar.weeks);
      row(fmt::format("creation cost A11, {} nm", bar.node), time.cost * 1e-6, "M$",
          "ISCA 2023 figure", bar.millions);
      expect(std::abs(time.total() / bar.weeks - 1) < 0.02);
    }
  }

  void comparison() {
    const std::string isobar = (installation_root() / "bin" / "isobar").string();
    const SubprocessResult result =
        run_subprocess({isobar, "chip", "h100", "h20", "ascend-910c", "isobar-1"});
    printer_.print({"fab", "table of four chips", result.exit_code == 0 ? 1.0 : 0.0, "printed"});
    expect(result.exit_code == 0);
    // Ascend 910C's die is not published: its price cannot be computed, its TPP can.
    const bool told =
        result.output.find("not computed (die.area is not published") != std::string::npos &&
        result.output.find("12,032") != std::string::npos;
    printer_.print({"fab", "missing fields told, the rest printed", told ? 1.0 : 0.0, "yes"});
    expect(told);
  }

  void sweeps() {
    const std::string isobar = (installation_root() / "bin" / "isobar").string();
    const std::string designs = options_.quick ? "1000" : "10000";
    std::vector<std::string> outputs;
    for (const char* ranks : {"1", "2", "4"}) {
      const auto start = std::chrono::steady_clock::now();
      const SubprocessResult result =
          run_subprocess({"env", "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1",
                          "OMPI_MCA_rmaps_base_oversubscribe=1", "mpirun", "-n", ranks, isobar,
                          "chip", "--sweep", "--designs", designs, "--json"});
      const double seconds =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      row(fmt::format("sweep of {} designs, {} ranks", designs, ranks), seconds, "s", "bar", 60);
      expect(result.exit_code == 0 && seconds < 60);
      outputs.push_back(result.output);
    }
    const bool same = outputs[0] == outputs[1] && outputs[0] == outputs[2];
    printer_.print({"fab", "sweep, same output on 1, 2 and 4 ranks", same ? 1.0 : 0.0, "yes"});
    expect(same);
  }

  const Options& options_;
  Printer& printer_;
  bool wrong_ = false;
};

}  // namespace

int run_fab(const Options& options, Printer& printer) { return FabSuite(options, printer).run(); }

}  // namespace isobar::bench

// Kernels whose time somebody knows: measured on a chip, or simulated. A table is a CSV file of
// shapes and seconds; in place of the seconds a row may name a kernel of `isobar run --json`'s
// file, whose mean time per launch then counts.
//
//   kernel,m,n,k,groups,format,bytes,seconds
//   matmul,8192,4096,4096,1,bf16,,0.001021
//   stream,,,,,,67108864,0.0000794
//
// Between the rows a TableCost interpolates: not times, which span orders of magnitude, but their
// ratio to the model of tile_wave_cost.h, which does not.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "plan/kernel/kernel_cost.h"

namespace isobar::plan {

struct KnownKernel {
  Kernel kernel;
  double seconds = 0;
  std::size_t line = 0;  // of the file
};

/// Columns in any order; kernel, and for a matmul m, n and k, for a stream bytes, must be there.
/// `profile` is the text of a file of `isobar run --json`, or empty. Throws UserError with file and
/// line.
[[nodiscard]] std::vector<KnownKernel> parse_kernel_table(std::string_view csv,
                                                          const std::string& name,
                                                          std::string_view profile = {});
[[nodiscard]] std::vector<KnownKernel> read_kernel_table(const std::filesystem::path& csv,
                                                         const std::filesystem::path& profile = {});

class TableCost final : public KernelCost {
 public:
  /// `model` answers the kinds of kernel that the table has none of.
  TableCost(const std::vector<KnownKernel>& known, std::shared_ptr<const KernelCost> model);
  [[nodiscard]] KernelTime time(const Kernel& kernel) const override;

 private:
  struct Point {
    std::size_t kind;
    std::vector<double> at;  // logarithms of the sizes
    double log_ratio;        // of known to modelled seconds
  };
  std::vector<Point> points_;
  std::shared_ptr<const KernelCost> model_;
};

}  // namespace isobar::plan

#include "plan/kernel/kernel_table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file/file.h"
#include "base/text/csv.h"
#include "base/text/nesting.h"

namespace isobar::plan {
namespace {

constexpr std::array<std::string_view, 5> kFormats{"fp32", "tf32", "bf16", "fp8", "fp4"};

/// One row, field by field.
class Row {
 public:
  Row(const CsvTable& table, std::size_t row, const std::string& name)
      : table_(table), row_(row), name_(name) {}

  [[nodiscard]] std::string text(std::string_view title) const {
    const auto column = table_.column(title);
    if (!column) return {};
    std::string value = table_.at(row_, *column);
    value.erase(0, value.find_first_not_of(' '));
    value.erase(value.find_last_not_of(' ') + 1);
    return value;
  }
  [[nodiscard]] std::uint64_t whole(std::string_view title, std::uint64_t otherwise) const {
    constexpr std::uint64_t kMost = std::uint64_t{1} << 50U;
    const std::string value = text(title);
    if (value.empty() && otherwise > 0) return otherwise;
    std::uint64_t number = 0;
    const char* end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, number);
    if (error != std::errc() || stop != end || number == 0 || number > kMost)
      wrong(title, value, "a positive whole number");
    return number;
  }
  [[nodiscard]] double seconds(std::string_view title) const {
    const std::string value = text(title);
    double number = 0;
    const char* end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, number);
    constexpr double kMostSeconds = 1e4;  // of one kernel; beyond, a step's sums would overflow
    if (error != std::errc() || stop != end || !(number > 0 && number <= kMostSeconds))
      wrong(title, value,
            "a positive number of seconds, at most 10,000, or a kernel's name in `profiled`");
    return number;
  }
  [[noreturn]] void wrong(std::string_view title, const std::string& value,
                          std::string_view right) const {
    fail("{}:{}: {} is \"{}\" (it must be {})", name_, table_.line(row_), title, value, right);
  }

 private:
  const CsvTable& table_;
  std::size_t row_;
  const std::string& name_;
};

Kernel kernel_of(const Row& row) {
  const std::string kind = row.text("kernel");
  if (kind == "stream") {
    StreamKernel stream;
    stream.bytes_read = row.whole("bytes", 0);
    return stream;
  }
  if (kind != "matmul") row.wrong("kernel", kind, "matmul or stream");
  MatmulKernel g;
  g.m = row.whole("m", 0);
  g.n = row.whole("n", 0);
  g.k = row.whole("k", 0);
  constexpr std::uint64_t kMostGroups = 1U << 20U;
  const std::uint64_t groups = row.whole("groups", 1);
  if (groups > kMostGroups)
    row.wrong("groups", std::to_string(groups), "a whole number up to 1048576");
  g.groups = static_cast<std::uint32_t>(groups);
  const std::string format = row.text("format");
  const auto found = std::ranges::find(kFormats, format.empty() ? "bf16" : format);
  if (found == kFormats.end()) row.wrong("format", format, "fp32, tf32, bf16, fp8 or fp4");
  g.format = static_cast<NumberFormat>(found - kFormats.begin());
  return g;
}

/// Mean seconds per launch of each kernel of a profile.
std::map<std::string, double> launches_of(std::string_view profile, const std::string& name) {
  std::map<std::string, double> seconds;
  if (profile.empty()) return seconds;
  check_json_nesting(profile, name);
  try {
    const nlohmann::json file = nlohmann::json::parse(profile);
    for (const nlohmann::json& row : file.at("kernels")) {
      const double launches = row.at("launches").get<double>();
      if (launches > 0)
        seconds[row.at("kernel").get<std::string>()] =
            row.at("device_picoseconds").get<double>() * 1e-12 / launches;
    }
  } catch (const nlohmann::json::exception& error) {
    fail("{}: its profile is not a file of `isobar run --json`: {}", name, error.what());
  }
  return seconds;
}

/// Where a kernel lies, for the distance to others of its kind.
std::vector<double> place_of(const Kernel& kernel) {
  const auto log2 = [](auto value) { return std::log2(std::max(1.0, static_cast<double>(value))); };
  if (const auto* g = std::get_if<MatmulKernel>(&kernel))
    return {log2(g->m), log2(g->n), log2(g->k), log2(g->groups)};
  if (const auto* a = std::get_if<AttentionKernel>(&kernel))
    return {log2(a->sequences * a->heads), log2(a->queries), log2(a->keys),
            log2(a->query_key_width)};
  return {log2(bytes(kernel))};
}

/// Kernels of one kind are comparable: same variant, number format and direction.
std::size_t kind_of(const Kernel& kernel) {
  if (const auto* g = std::get_if<MatmulKernel>(&kernel))
    return static_cast<std::size_t>(g->format);
  if (const auto* a = std::get_if<AttentionKernel>(&kernel)) return a->backward ? 101 : 100;
  return 200;
}

}  // namespace

std::vector<KnownKernel> parse_kernel_table(std::string_view csv, const std::string& name,
                                            std::string_view profile) {
  const CsvTable table(csv, name);
  if (!table.column("kernel"))
    fail(
        "{}: no column is called kernel (columns: kernel, m, n, k, groups, format, bytes, seconds)",
        name);
  const std::map<std::string, double> profiled = launches_of(profile, name);
  std::vector<KnownKernel> known;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const Row row(table, i, name);
    KnownKernel entry;
    entry.line = table.line(i);
    entry.kernel = kernel_of(row);
    const std::string launched = row.text("profiled");
    if (launched.empty()) {
      entry.seconds = row.seconds("seconds");
    } else {
      if (profile.empty())
        fail(
            "{}:{}: profiled names \"{}\", a kernel that a run has timed (--kernel-profile FILE "
            "says which run: a file of `isobar run --json FILE`)",
            name, entry.line, launched);
      const auto found = profiled.find(launched);
      if (found == profiled.end() || !(found->second > 0))
        row.wrong("profiled", launched, "a kernel that the profile has launched");
      entry.seconds = found->second;
    }
    known.push_back(entry);
  }
  return known;
}

std::vector<KnownKernel> read_kernel_table(const std::filesystem::path& csv,
                                           const std::filesystem::path& profile) {
  return parse_kernel_table(read_text(csv), csv.string(),
                            profile.empty() ? std::string() : read_text(profile));
}

TableCost::TableCost(const std::vector<KnownKernel>& known, std::shared_ptr<const KernelCost> model)
    : model_(std::move(model)) {
  for (const KnownKernel& entry : known) {
    const double modelled = model_->time(entry.kernel).total();
    if (modelled > 0)
      points_.push_back(
          {kind_of(entry.kernel), place_of(entry.kernel), std::log(entry.seconds / modelled)});
  }
}

KernelTime TableCost::time(const Kernel& kernel) const {
  const KernelTime modelled = model_->time(kernel);
  const std::size_t kind = kind_of(kernel);
  const std::vector<double> place = place_of(kernel);
  // Shepard's inverse-distance weights, to the fourth power: near rows decide.
  double sum = 0, weights = 0;
  for (const Point& point : points_) {
    if (point.kind != kind) continue;
    double square = 0;
    for (std::size_t i = 0; i < place.size(); ++i)
      square += (place[i] - point.at[i]) * (place[i] - point.at[i]);
    const double weight = 1 / (square * square + 1e-9);
    sum += weight * point.log_ratio;
    weights += weight;
  }
  return weights > 0 ? modelled * std::exp(sum / weights) : modelled;
}

}  // namespace isobar::plan

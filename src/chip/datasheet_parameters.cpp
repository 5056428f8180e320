// The table of a data sheet's keys, and what follows from it: the accepted names and the page.
#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "chip/datasheet.h"

namespace isobar::chip {
namespace {

template <class T>
FigureView view(const Figure<T>& figure) {
  FigureView out{{}, {}, figure.source, figure.withheld};
  if (!figure) return out;
  if constexpr (std::is_same_v<T, std::string>)
    out.text = *figure;
  else if constexpr (std::is_arithmetic_v<T>)
    out.number = static_cast<double>(*figure);
  else
    out.number = static_cast<double>((*figure).count());
  return out;
}
template <class T>
void assign(Figure<T>& figure, const FigureView& from) {
  figure.source = from.source;
  figure.withheld = from.withheld;
  if constexpr (std::is_same_v<T, std::string>) {
    figure.value = from.text;
  } else if (from.number) {
    if constexpr (std::is_arithmetic_v<T>)
      figure.value = static_cast<T>(*from.number);
    else
      figure.value = T(static_cast<typename T::rep>(*from.number));
  }
}

#define ISOBAR_FIGURE(member)                                \
  [](const Datasheet& sheet) { return view(sheet.member); }, \
      [](Datasheet& sheet, const FigureView& from) { assign(sheet.member, from); }

using enum Dimension;
constexpr double kPeakLow = 1e6, kPeakHigh = 1e18, kGi = 0x1p30;

constexpr DatasheetParameter kRows[] = {
    {"product.title", kText, 1, 63, "The name on the box.", ISOBAR_FIGURE(product.title)},
    {"product.vendor", kText, 1, 63, "Who sells it.", ISOBAR_FIGURE(product.vendor)},
    {"product.isa", kText, 1, 95, "Instruction set, where published.", ISOBAR_FIGURE(product.isa)},
    {"product.announced", kText, 4, 10, "Date, YYYY or YYYY-MM.", ISOBAR_FIGURE(product.announced)},
    {"product.market", kText, 1, 63,
     "\"data centre\" or \"consumer\": some export rules depend on it.",
     ISOBAR_FIGURE(product.market)},

    {"peaks.fp64", kRate, kPeakLow, kPeakHigh, "Dense peak, the largest of vector and matrix.",
     ISOBAR_FIGURE(peaks.fp64)},
    {"peaks.fp32", kRate, kPeakLow, kPeakHigh, "Dense peak.", ISOBAR_FIGURE(peaks.fp32)},
    {"peaks.tf32", kRate, kPeakLow, kPeakHigh, "Dense peak of 19-bit tf32.",
     ISOBAR_FIGURE(peaks.tf32)},
    {"peaks.bf16", kRate, kPeakLow, kPeakHigh, "Dense peak.", ISOBAR_FIGURE(peaks.bf16)},
    {"peaks.fp16", kRate, kPeakLow, kPeakHigh, "Dense peak, where it is not that of bf16.",
     ISOBAR_FIGURE(peaks.fp16)},
    {"peaks.fp8", kRate, kPeakLow, kPeakHigh, "Dense peak.", ISOBAR_FIGURE(peaks.fp8)},
    {"peaks.int8", kRate, kPeakLow, kPeakHigh, "Dense peak.", ISOBAR_FIGURE(peaks.int8)},
    {"peaks.fp4", kRate, kPeakLow, kPeakHigh, "Dense peak.", ISOBAR_FIGURE(peaks.fp4)},
    {"peaks.measured_bf16", kRate, kPeakLow, kPeakHigh,
     "The best matrix product that a third party measured.", ISOBAR_FIGURE(peaks.measured_bf16)},

    {"memory.kind", kText, 1, 63, "What the device memory is made of.", ISOBAR_FIGURE(memory.kind)},
    {"memory.capacity", kBytes, 0x1p20, 65536 * kGi, "Capacity of the device memory.",
     ISOBAR_FIGURE(memory.capacity)},
    {"memory.bandwidth", kBandwidth, 1e6, 1e15, "Bandwidth of the device memory.",
     ISOBAR_FIGURE(memory.bandwidth)},
    {"memory.stacks", kCount, 1, 64, "Stacks of HBM in the package.", ISOBAR_FIGURE(memory.stacks)},

    {"link.kind", kText, 1, 63, "Name of the scale-up fabric.", ISOBAR_FIGURE(link.kind)},
    {"link.bandwidth", kBandwidth, 1e6, 1e14, "Scale-up bandwidth of one chip, in one direction.",
     ISOBAR_FIGURE(link.bandwidth)},
    {"link.domain", kCount, 1, 65536, "Chips that the scale-up fabric connects.",
     ISOBAR_FIGURE(link.domain)},
    {"link.nic", kBandwidth, 1e6, 1e14, "Scale-out bandwidth of one chip, in one direction.",
     ISOBAR_FIGURE(link.nic)},
    {"link.bidirectional", kBandwidth, 1e6, 1e15,
     "All I/O to other chips, both directions; absent: twice link.bandwidth.",
     ISOBAR_FIGURE(link.bidirectional)},

    {"process.node", kText, 1, 15, "Process node, such as \"N7\"; docs/FAB.md lists them.",
     ISOBAR_FIGURE(process.node)},
    {"process.foundry", kText, 1, 63, "Who makes the dies.", ISOBAR_FIGURE(process.foundry)},
    {"process.planar", kText, 2, 3,
     "\"yes\" for planar transistors; absent: it follows from the node.",
     ISOBAR_FIGURE(process.planar)},

    {"die.area", kArea, 0.01, 70000, "Area of one compute die.", ISOBAR_FIGURE(die.area)},
    {"die.count", kCount, 1, 64, "Compute dies in a package.", ISOBAR_FIGURE(die.count)},
    {"die.transistors", kCount, 1, 1e14, "Transistors of all logic dies of a package.",
     ISOBAR_FIGURE(die.transistors)},
    {"die.io_area", kArea, 0.01, 70000, "Area of one I/O or base die.", ISOBAR_FIGURE(die.io_area)},
    {"die.io_count", kCount, 1, 64, "I/O or base dies in a package.", ISOBAR_FIGURE(die.io_count)},
    {"die.io_node", kText, 1, 15, "Process node of the I/O dies.", ISOBAR_FIGURE(die.io_node)},

    {"package.kind", kText, 1, 63, "How it is packaged: \"CoWoS-S\", \"flip chip\".",
     ISOBAR_FIGURE(package.kind)},
    {"package.power", kPower, 0.01, 1e5, "Board or package power that the cooling is designed for.",
     ISOBAR_FIGURE(package.power)},

    {"floorplan.clock", kFrequency, 1e6, 1e11, "Boost clock.", ISOBAR_FIGURE(floorplan.clock)},
    {"floorplan.cores", kCount, 1, 65536, "Cores on a compute die, spare ones included.",
     ISOBAR_FIGURE(floorplan.cores)},
    {"floorplan.enabled_cores", kCount, 1, 65536, "Cores that are enabled in the product.",
     ISOBAR_FIGURE(floorplan.enabled_cores)},
    {"floorplan.schedulers", kCount, 1, 64, "Instructions that a core issues per cycle.",
     ISOBAR_FIGURE(floorplan.schedulers)},
    {"floorplan.fp64_lanes", kCount, 0, 65536, "Double-precision multiply-adds per core and cycle.",
     ISOBAR_FIGURE(floorplan.fp64_lanes)},
    {"floorplan.fp32_lanes", kCount, 0, 65536, "Single-precision multiply-adds per core and cycle.",
     ISOBAR_FIGURE(floorplan.fp32_lanes)},
    {"floorplan.int32_lanes", kCount, 0, 65536, "Integer operations per core and cycle.",
     ISOBAR_FIGURE(floorplan.int32_lanes)},
    {"floorplan.matrix_fp16", kCount, 0, 1e7,
     "Dense 16-bit multiply-adds of the matrix unit per core and cycle.",
     ISOBAR_FIGURE(floorplan.matrix_fp16)},
    {"floorplan.matrix_fp64", kCount, 0, 1e7,
     "64-bit multiply-adds of the matrix unit per core and cycle.",
     ISOBAR_FIGURE(floorplan.matrix_fp64)},
    {"floorplan.register_file", kBytes, 0, kGi, "Vector registers of a core.",
     ISOBAR_FIGURE(floorplan.register_file)},
    {"floorplan.l1", kBytes, 0, kGi, "First-level caches and local memory of a core.",
     ISOBAR_FIGURE(floorplan.l1)},
    {"floorplan.l2", kBytes, 0, 64 * kGi, "Memory on the die that its cores share.",
     ISOBAR_FIGURE(floorplan.l2)},
    {"floorplan.memory_interface", kText, 1, 15, "Such as \"HBM2E\", \"GDDR6\" or \"LPDDR4X\".",
     ISOBAR_FIGURE(floorplan.memory_interface)},
    {"floorplan.memory_width", kCount, 0, 65536,
     "Data bits of the memory interface for which the die has PHYs.",
     ISOBAR_FIGURE(floorplan.memory_width)},
    {"floorplan.link_lanes", kCount, 0, 4096, "SerDes lanes other than those of PCIe.",
     ISOBAR_FIGURE(floorplan.link_lanes)},
    {"floorplan.pcie_lanes", kCount, 0, 256, "PCIe lanes.", ISOBAR_FIGURE(floorplan.pcie_lanes)},
    {"floorplan.graphics", kText, 2, 3, "\"yes\": texture and raster units are on the die.",
     ISOBAR_FIGURE(floorplan.graphics)},
    {"floorplan.ray_units", kCount, 0, 64,
     "Ray-tracing units per core; they show that the die has a graphics pipeline.",
     ISOBAR_FIGURE(floorplan.ray_units)},
    {"floorplan.others", kText, 1, 127,
     "Blocks of the die that these keys do not describe; the area model leaves them out.",
     ISOBAR_FIGURE(floorplan.others)},
};
#undef ISOBAR_FIGURE

}  // namespace

std::span<const DatasheetParameter> datasheet_parameters() { return kRows; }

bool is_datasheet_key(std::string_view path) {
  const std::size_t dot = path.find('.');
  if (dot == std::string_view::npos) return false;
  const std::string_view last = path.substr(dot + 1);
  const bool of_section = last == "source" || last == "note";
  constexpr std::string_view kSuffix = "_source";
  const std::string_view figure =
      path.ends_with(kSuffix) ? path.substr(0, path.size() - kSuffix.size()) : path;
  return std::ranges::any_of(kRows, [&](const DatasheetParameter& row) {
    return of_section ? row.path.starts_with(path.substr(0, dot + 1)) : row.path == figure;
  });
}

std::string format_figure(const DatasheetParameter& row, const Datasheet& sheet) {
  const FigureView figure = row.get(sheet);
  if (figure.text) return *figure.text;
  if (!figure.number) return figure.withheld ? "not published" : "-";
  return row.dimension == kCount ? fmt::format("{:.0f}", *figure.number)
                                 : format_quantity(*figure.number, row.dimension);
}

std::string datasheet_page() {
  std::string page =
      "\n# The data sheet\n\n"
      "The same file describes the chip as a product. All these keys are optional. A chip of the\n"
      "catalogue has only these sections; `isobar chip` says what it cannot compute without the\n"
      "others. Each section with figures needs a `source`: who published them. `<key>_source` "
      "names\n"
      "the source of one figure, and `note` is a remark for the reader. A value may be \"not\n"
      "published\".\n";
  std::string section;
  for (const DatasheetParameter& row : kRows) {
    const std::size_t dot = row.path.find('.');
    if (row.path.substr(0, dot) != section) {
      section = row.path.substr(0, dot);
      page += fmt::format("\n## [{}]\n\n| key | units | what it is |\n|---|---|---|\n", section);
    }
    const std::string units = unit_names(row.dimension);
    page +=
        fmt::format("| `{}` | {} | {} |\n", row.path.substr(dot + 1),
                    units.empty() ? (row.dimension == kText ? "text" : "number") : units, row.help);
  }
  return page;
}

}  // namespace isobar::chip

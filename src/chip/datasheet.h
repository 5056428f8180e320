// What a chip file says about the chip as a product: peaks, memory, links, process, die, package,
// and the public micro-architecture from which the area model starts. Every figure knows who
// published it. A figure that is absent, or that its vendor withholds, stays a hole: whoever
// computes with it says what cannot be computed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "chip/chip.h"
#include "chip/quantity.h"

namespace isobar::chip {

/// A value and who says so.
template <class T>
struct Figure {
  std::optional<T> value;
  std::string source;
  bool withheld = false;  // the file says "not published"; otherwise it says nothing

  explicit operator bool() const { return value.has_value(); }
  // NOLINTNEXTLINE(bugprone-unchecked-optional-access): as of an optional, it must hold one
  const T& operator*() const { return *value; }
};

struct Product {
  Figure<std::string> title, vendor, isa, announced, market;
};
/// Dense, without sparsity; an integer operation counts as one, a multiply-add as two.
struct Peaks {
  Figure<FlopsPerSecond> fp64, fp32, tf32, bf16, fp16, fp8, int8, fp4;
  Figure<FlopsPerSecond> measured_bf16;  // the best that anybody reached in a matrix product
};
struct Memory {
  Figure<std::string> kind;
  Figure<Bytes> capacity;
  Figure<BytesPerSecond> bandwidth;
  Figure<std::uint32_t> stacks;  // of HBM, or packages of other DRAM
};
struct Link {
  Figure<std::string> kind;
  Figure<BytesPerSecond> bandwidth;      // scale-up, of one chip, in one direction
  Figure<std::uint32_t> domain;          // chips that reach each other through it
  Figure<BytesPerSecond> nic;            // scale-out, of one chip, in one direction
  Figure<BytesPerSecond> bidirectional;  // all I/O between chips, both directions
};
struct Process {
  Figure<std::string> node, foundry, planar;
};
struct Die {
  Figure<SquareMillimetres> area;     // of one compute die
  Figure<std::uint32_t> count;        // of compute dies in a package
  Figure<std::uint64_t> transistors;  // of the package's logic
  Figure<SquareMillimetres> io_area;  // of one I/O or base die
  Figure<std::uint32_t> io_count;
  Figure<std::string> io_node;
};
struct Package {
  Figure<std::string> kind;
  Figure<Watts> power;
};
/// One compute die, as its vendor describes it.
struct Floorplan {
  Figure<Hertz> clock;
  Figure<std::uint32_t> cores;          // built
  Figure<std::uint32_t> enabled_cores;  // sold
  Figure<std::uint32_t> schedulers;     // per core: instructions issued per cycle
  Figure<std::uint32_t> fp64_lanes, fp32_lanes, int32_lanes;  // per core: multiply-adds per cycle
  Figure<std::uint32_t> matrix_fp16;  // per core: 16-bit multiply-adds per cycle, dense
  Figure<std::uint32_t> matrix_fp64;
  Figure<Bytes> register_file, l1;       // per core
  Figure<Bytes> l2;                      // of the die: everything the cores share
  Figure<std::string> memory_interface;  // "HBM2E"
  Figure<std::uint32_t> memory_width;    // bits
  Figure<std::uint32_t> link_lanes;      // SerDes lanes beside PCIe's
  Figure<std::uint32_t> pcie_lanes;
  Figure<std::string> graphics;     // "yes": texture and raster units are on the die
  Figure<std::uint32_t> ray_units;  // per core: ray-tracing units
  Figure<std::string> others;       // what else is on the die, beside all this
};

struct Datasheet {
  std::string name;
  std::filesystem::path path;
  Product product;
  Peaks peaks;
  Memory memory;
  Link link;
  Process process;
  Die die;
  Package package;
  Floorplan floorplan;
  std::optional<Chip> machine;  // where the same file describes one to simulate

  /// The 16-bit dense peak: bf16, or fp16 where only that is given.
  [[nodiscard]] const Figure<FlopsPerSecond>& peak_16bit() const;
};

/// Reads the data sheet of a chip file. What only the machine says (peaks, memory, clock) is taken
/// from there, with that as its source. Throws UserError as read_chip does.
[[nodiscard]] Datasheet read_datasheet(const std::filesystem::path& path);
[[nodiscard]] Datasheet parse_datasheet(std::string_view text, const std::filesystem::path& path);
/// Finds a chip by path or by name among share/isobar/chips; a wrong name lists the right ones.
[[nodiscard]] Datasheet find_datasheet(const std::string& name_or_path);
/// All chip files that came with Isobar, sorted by name.
[[nodiscard]] std::vector<std::filesystem::path> list_datasheets();
/// Does the file describe a machine to simulate? False also where it cannot be read.
[[nodiscard]] bool describes_machine(const std::filesystem::path& path);

/// One figure without its type: what the tables, the pages and --json need.
struct FigureView {
  std::optional<double> number;  // in base units
  std::optional<std::string> text;
  std::string source;
  bool withheld = false;
};
/// Every key of a data sheet, declared once.
struct DatasheetParameter {
  std::string_view path;  // "peaks.bf16"
  Dimension dimension;
  double low, high;  // in base units; of a text: its length
  std::string_view help;
  FigureView (*get)(const Datasheet&);
  void (*set)(Datasheet&, const FigureView&);
};
[[nodiscard]] std::span<const DatasheetParameter> datasheet_parameters();
/// Also true of "<section>.source", "<section>.note" and "<key>_source".
[[nodiscard]] bool is_datasheet_key(std::string_view path);
/// "989 TFLOP/s", "not published", or "-".
[[nodiscard]] std::string format_figure(const DatasheetParameter& row, const Datasheet& sheet);
/// The part of docs/CHIP_FILE.md about data sheets.
[[nodiscard]] std::string datasheet_page();

}  // namespace isobar::chip

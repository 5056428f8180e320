// `isobar info`: what there is to work with here. Chips, models, the OpenCL devices that the loader
// finds, where Isobar's own files stand, and which version of each dependency this build uses.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file/paths.h"
#include "base/json_document.h"
#include "base/opencl_icd.h"
#include "base/subprocess.h"
#include "base/terminal.h"
#include "base/text/columns.h"
#include "base/text/csv.h"
#include "base/text/json_text.h"
#include "base/text/toml.h"
#include "base/version.h"
#include "chip/chip.h"
#include "chip/datasheet.h"
#include "chip/parameters.h"
#include "cli/command/commands.h"
#include "cli/option/csv_output.h"
#include "compiler/compiler.h"
#include "model/file/model_file.h"
#include "model/file/transformer_file.h"
#include "model/models_page.h"
#include "model/transformer_counts.h"
#include "nn/device.h"

namespace isobar::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string flops(FlopsPerSecond rate) {
  return rate.count() >= 1e12 ? fmt::format("{:.4g} TFLOP/s", rate.count() / 1e12)
                              : fmt::format("{:.4g} GFLOP/s", rate.count() / 1e9);
}

/// A file that cannot be read is a line of the list, not the end of it.
template <class Read>
Json listed(const std::vector<std::filesystem::path>& paths, const Read& read) {
  Json list = Json::array();
  for (const std::filesystem::path& path : paths) {
    try {
      list.push_back(read(path));
    } catch (const UserError& error) {
      list.push_back({{"name", path.stem().string()}, {"error", error.what()}});
    }
  }
  return list;
}

Json chip_summary(const std::filesystem::path& path) {
  const chip::Chip chip = chip::read_chip(path);
  return {{"name", chip.name},
          {"path", path.string()},
          {"cores", chip.core.count},
          {"lanes", chip.core.lanes},
          {"clock_hz", chip.clock.count()},
          {"peak_fp16_flops", chip.peak_fp16().count()},
          {"peak_fp32_flops", chip.peak_fp32().count()},
          {"peak_fp64_flops", chip.peak_fp64().count()},
          {"dram_bytes", chip.dram.capacity.count()},
          {"dram_bytes_per_second", chip.dram.bandwidth.count()}};
}

/// Every chip file but those that `chips` lists.
std::vector<std::filesystem::path> catalogue_paths() {
  std::vector<std::filesystem::path> paths = chip::list_datasheets();
  std::erase_if(paths, [](const auto& path) { return chip::describes_machine(path); });
  return paths;
}

Json catalogue_summary(const std::filesystem::path& path) {
  const chip::Datasheet sheet = chip::read_datasheet(path);
  Json out{{"name", sheet.name}, {"path", path.string()}};
  for (const chip::DatasheetParameter& row : chip::datasheet_parameters())
    if (const chip::FigureView figure = row.get(sheet); figure.number || figure.text)
      out[std::string(row.path)] = chip::format_figure(row, sheet);
  return out;
}

/// Every model file that tells its vocabulary; the others are the trainer's alone.
std::vector<std::filesystem::path> transformer_paths() {
  std::vector<std::filesystem::path> paths = model::list_models();
  std::erase_if(paths, model::takes_vocabulary_from_data);
  return paths;
}

Json transformer_summary(const std::filesystem::path& path) {
  const model::TransformerModel model = model::read_transformer(path);
  const model::ParameterCounts counts = model::count_parameters(model.shape);
  return {{"name", model.name},
          {"path", path.string()},
          {"description", model.description},
          {"parameters", counts.total},
          {"activated", counts.activated}};
}

/// The models that the trainer builds: those whose vocabulary its data gives.
std::vector<std::filesystem::path> trainer_paths() {
  std::vector<std::filesystem::path> paths = model::list_models();
  std::erase_if(paths, [](const auto& path) { return !model::takes_vocabulary_from_data(path); });
  return paths;
}

Json model_summary(const std::filesystem::path& path) {
  const model::ModelFile model = model::read_model(path);
  const model::GptShape& s = model.shape;
  return {{"name", model.name},   {"path", path.string()},     {"description", model.description},
          {"layers", s.layers},   {"heads", s.heads},          {"width", s.width},
          {"context", s.context}, {"vocabulary", s.vocabulary}};
}

Json device_list() {
  offer_isobar_to_opencl();
  Json list = Json::array();
  for (const nn::DeviceInfo& device : nn::list_devices())
    list.push_back({{"platform", device.platform},
                    {"device", device.device},
                    {"version", device.version},
                    {"driver", device.driver}});
  return list;
}

/// The first line a program prints, or why there is none.
std::string first_line(const std::vector<std::string>& command) {
  try {
    const SubprocessResult run = run_subprocess(command);
    const std::string line = run.output.substr(0, run.output.find('\n'));
    return run.exit_code == 0 && !line.empty() ? line : "does not run";
  } catch (const UserError&) {
    return "not found";
  }
}

std::string compiler_version() {
  try {
    return compiler::version();
  } catch (const UserError& error) {
    return error.what();
  }
}

/// The loader's name and version, through its own query (cl_khr_icd, clGetICDLoaderInfo): the
/// Khronos header names it for one loader, but both it and ocl-icd have it.
std::string loader_version() {
  using GetInfo = cl_int (*)(cl_uint what, std::size_t size, void* value, std::size_t* needed);
  constexpr cl_uint kVersion = 2, kName = 3;
  // Deprecated in favour of a call that asks a platform; this question is for the loader itself.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
  void* const address = clGetExtensionFunctionAddress("clGetICDLoaderInfoOCLICD");
#pragma clang diagnostic pop
  const auto get = reinterpret_cast<GetInfo>(address);
  if (get == nullptr) return "of unknown version";
  const auto ask = [&](cl_uint what) -> std::string {
    char text[256] = "";
    return get(what, sizeof text - 1, text, nullptr) == CL_SUCCESS ? text : "?";
  };
  return ask(kName) + " " + ask(kVersion);
}

/// Headers tell what was compiled against; programs and libraries are asked.
Json versions() {
  return {{"isobar", version_text()},
          {"built with", fmt::format("{}", __VERSION__)},
          {"OpenCL C compiler", compiler_version()},
          {"ld.lld-19", first_line({"ld.lld-19", "--version"})},
          {"OpenCL headers", fmt::format("OpenCL {}.{}", CL_TARGET_OPENCL_VERSION / 100,
                                         CL_TARGET_OPENCL_VERSION / 10 % 10)},
          {"OpenCL loader", loader_version()},
          {"fmt", fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100,
                              FMT_VERSION % 100)},
          {"CLI11", CLI11_VERSION},
          {"toml++", fmt::format("{}.{}.{}", TOML_LIB_MAJOR, TOML_LIB_MINOR, TOML_LIB_PATCH)},
          {"nlohmann-json", fmt::format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR,
                                        NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH)}};
}

Json paths() {
  const std::filesystem::path cache = cache_directory();
  return {{"share", share_directory().string()},
          {"libexec", libexec_directory().string()},
          {"library", library_directory().string()},
          {"cache", cache.empty() ? "none" : cache.string()}};
}

void print_heading(std::string_view text) { fmt::print("{}", fitted(text, table_columns())); }

/// A line of a list: what goes on below begins at `indent`.
void print_entry(const std::string& name, std::size_t width, const std::string& text) {
  const std::size_t columns = table_columns(), indent = width + 3;
  if (columns == kAnyWidth || (width_of(name) <= width && columns >= 2 * indent))
    fmt::print("  {:<{}} {}", name, width, wrapped(text, columns, indent));
  else
    fmt::print("{}    {}", fitted("  " + name + "\n", columns), wrapped(text, columns, 4));
}

void print_table(const char* title, const Json& object) {
  fmt::print("\n{}\n", title);
  for (const auto& [key, value] : object.items()) print_entry(key, 20, value.get<std::string>());
}

void print_chips(const Json& chips) {
  fmt::print("Chips (isobar info chip NAME shows all parameters of one)\n");
  for (const Json& c : chips) {
    if (c.contains("error")) {
      print_entry(c["name"].get<std::string>(), 14, c["error"].get<std::string>());
      continue;
    }
    const auto peak = [&](const char* key) { return flops(FlopsPerSecond(c[key].get<double>())); };
    const auto cores = c["cores"].get<unsigned>();
    print_entry(
        c["name"].get<std::string>(), 14,
        fmt::format("{:>4} {} x {} lanes, {}; peak fp16 {}, fp32 {}, fp64 {}; DRAM {}, {}", cores,
                    cores == 1 ? "core" : "cores", c["lanes"].get<unsigned>(),
                    chip::format_quantity(c["clock_hz"].get<double>(), chip::Dimension::kFrequency),
                    peak("peak_fp16_flops"), peak("peak_fp32_flops"), peak("peak_fp64_flops"),
                    chip::format_quantity(c["dram_bytes"].get<double>(), chip::Dimension::kBytes),
                    chip::format_quantity(c["dram_bytes_per_second"].get<double>(),
                                          chip::Dimension::kBandwidth)));
  }
}

/// The chips of which there is a data sheet and no machine, a line each.
void print_catalogue(const Json& chips) {
  print_heading("\nCatalogue (data sheets for isobar chip and isobar plan; not simulated)\n");
  const bool narrow = table_columns() < 78;  // what the line below needs
  for (const Json& c : chips) {
    const auto figure = [&](const char* key) { return c.value(key, std::string("-")); };
    if (c.contains("error")) {
      print_entry(c["name"].get<std::string>(), 16, figure("error"));
      continue;
    }
    const std::string peak = c.contains("peaks.bf16") ? figure("peaks.bf16") : figure("peaks.fp16");
    if (narrow)
      print_entry(c["name"].get<std::string>(), 16,
                  fmt::format("{}, 16 bit {}, {} {}", figure("product.vendor"), peak,
                              figure("memory.capacity"), figure("memory.bandwidth")));
    else
      print_entry(c["name"].get<std::string>(), 16,
                  fmt::format("{:<16} 16 bit {:<14} {:>8} {}", figure("product.vendor"), peak,
                              figure("memory.capacity"), figure("memory.bandwidth")));
  }
}

void print_models(const Json& models) {
  fmt::print("\nModels\n");
  for (const Json& m : models) {
    if (m.contains("error"))
      print_entry(m["name"].get<std::string>(), 14, m["error"].get<std::string>());
    else
      print_entry(
          m["name"].get<std::string>(), 14,
          fmt::format("{} layers, {} heads, width {}, context {}: {}", m["layers"].get<unsigned>(),
                      m["heads"].get<unsigned>(), m["width"].get<unsigned>(),
                      m["context"].get<unsigned>(), m["description"].get<std::string>()));
  }
}

void print_transformers(const Json& models) {
  print_heading(
      "\nPublished models (for isobar plan; those shaped like GPT-2 for isobar train too)\n");
  for (const Json& m : models) {
    if (m.contains("error")) {
      print_entry(m["name"].get<std::string>(), 20, m["error"].get<std::string>());
      continue;
    }
    const auto count = [&](const char* key) {
      return model::format_count(m[key].get<double>()) + " parameters";
    };
    const bool sparse = m["activated"] != m["parameters"];
    print_entry(m["name"].get<std::string>(), 20,
                fmt::format("{:>17}{}", count("parameters"),
                            sparse ? fmt::format(", {} activated",
                                                 model::format_count(m["activated"].get<double>()))
                                   : ""));
  }
}

/// A row for each figure: of which list, of what, which, and its value.
std::string figures_csv(const Json& lists) {
  std::string text = "table,name,key,value\n";
  const auto add = [&](std::string_view table, std::string_view name, const Json& figures) {
    for (const auto& [key, value] : figures.items())
      text +=
          fmt::format("{},{},{},{}\n", csv_field(table), csv_field(name), csv_field(key),
                      csv_field(value.is_string() ? value.get<std::string>() : json_text(value)));
  };
  for (const auto& [table, list] : lists.items()) {
    if (list.is_object()) add(table, "", list);
    if (list.is_array())
      for (const Json& each : list)
        add(table, each.value(each.contains("name") ? "name" : "device", std::string()), each);
  }
  return text;
}

int show_all(bool json, const std::string& csv_file) {
  CsvOutput csv(csv_file, json);
  const Json all{{"chips", listed(chip::list_chips(), chip_summary)},
                 {"catalogue", listed(catalogue_paths(), catalogue_summary)},
                 {"models", listed(trainer_paths(), model_summary)},
                 {"transformers", listed(transformer_paths(), transformer_summary)},
                 {"devices", device_list()},
                 {"versions", versions()},
                 {"paths", paths()}};
  csv.write(figures_csv(all));
  csv.commit();
  if (csv.takes_standard_output()) return 0;
  if (json) {
    fmt::print("{}\n", json_document(all, 2));
    return 0;
  }
  print_chips(all["chips"]);
  print_catalogue(all["catalogue"]);
  print_models(all["models"]);
  print_transformers(all["transformers"]);
  fmt::print("\nOpenCL devices\n");
  if (all["devices"].empty()) fmt::print("  none: no OpenCL driver is installed or built\n");
  for (const Json& d : all["devices"])
    fmt::print("{}",
               fitted(fmt::format("  {} / {}: {}, driver {}\n", d["platform"].get<std::string>(),
                                  d["device"].get<std::string>(), d["version"].get<std::string>(),
                                  d["driver"].get<std::string>()),
                      table_columns()));
  print_table("Versions", all["versions"]);
  print_table("Paths", all["paths"]);
  return 0;
}

int show_chip(const std::string& name, bool json, const std::string& csv_file) {
  CsvOutput csv(csv_file, json);
  const chip::Chip chip = chip::find_chip(name);
  Json out{{"path", chip.path.string()},
           {"peak fp16", flops(chip.peak_fp16())},
           {"peak fp32", flops(chip.peak_fp32())},
           {"peak fp64", flops(chip.peak_fp64())}};
  for (const chip::Parameter& row : chip::parameters())
    out[std::string(row.path)] = chip::format_value(row, chip);
  csv.write(figures_csv(Json{{"chip", Json::array({[&] {
                                Json named{{"name", chip.name}};
                                named.update(out);
                                return named;
                              }()})}}));
  csv.commit();
  if (csv.takes_standard_output()) return 0;
  if (json) {
    fmt::print("{}\n", json_document(out, 2));
    return 0;
  }
  const std::size_t columns = table_columns();
  fmt::print("{}", fitted(fmt::format("{}\n  peak, dense: fp16 {}, fp32 {}, fp64 {}\n\n",
                                      chip.path.string(), flops(chip.peak_fp16()),
                                      flops(chip.peak_fp32()), flops(chip.peak_fp64())),
                          columns));
  constexpr std::size_t kRoom = 100;  // for what a parameter means beside it
  for (const chip::Parameter& row : chip::parameters()) {
    const std::string value = chip::format_value(row, chip);
    if (columns >= kRoom)
      fmt::print("{}", fitted(fmt::format("  {:<26} {:<30} {}", row.path, value,
                                          wrapped(row.help, columns, 60)),
                              columns));
    else
      fmt::print("{}      {}", fitted(fmt::format("  {:<26} {}\n", row.path, value), columns),
                 wrapped(row.help, columns, 6));
  }
  return 0;
}

}  // namespace

void add_info(CLI::App& app, Action& chosen) {
  CLI::App* info = app.add_subcommand("info", "List chips, models, OpenCL devices and versions");
  struct Given {
    bool json = false;
    std::string chip, csv;
  };
  auto given = std::make_shared<Given>();
  info->add_flag("--json", given->json, "Print JSON instead of text");
  add_csv_option(*info, given->csv);
  CLI::App* chip = info->add_subcommand("chip", "Show all parameters of one chip, with units");
  chip->add_option("name", given->chip, "Chip: a name or a file")->required();
  chip->add_flag("--json", given->json, "Print JSON instead of text");
  add_csv_option(*chip, given->csv);
  chip->callback([given, &chosen] {
    chosen = [given] { return show_chip(given->chip, given->json, given->csv); };
  });
  info->callback([given, chip, &chosen] {
    if (!chip->parsed()) chosen = [given] { return show_all(given->json, given->csv); };
  });
}

}  // namespace isobar::cli

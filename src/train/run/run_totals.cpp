#include "train/run/run_totals.h"

#include <array>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text/json_text.h"
#include "base/text/strict_json.h"

namespace isobar::train {
namespace {

using nlohmann::json;

// Every member is a cl_ulong (nn/device_counters.cpp asserts it), written in the struct's order.
constexpr std::size_t kWords = sizeof(cl_isobar_counters) / sizeof(cl_ulong);
using Words = std::array<std::uint64_t, kWords>;

Words words_of(const cl_isobar_counters& counters) {
  Words words{};
  std::memcpy(words.data(), &counters, sizeof counters);
  return words;
}

cl_isobar_counters counters_of(const json& list, const std::string& where) {
  if (list.size() != kWords)
    throw OtherVersion(fmt::format(
        "{}: it holds {} counters of the device for each kernel, but this Isobar knows {}: another "
        "version wrote it (go on with that one, or start from its weights: isobar train --init {})",
        where, list.size(), kWords, where));
  Words words = list.get<Words>();
  cl_isobar_counters counters{};
  std::memcpy(&counters, words.data(), sizeof counters);
  return counters;
}

}  // namespace

std::string to_json(const RunTotals& totals) {
  nlohmann::ordered_json kernels = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < totals.device.names.size(); ++i)
    kernels.push_back(
        {{"name", totals.device.names[i]}, {"counters", words_of(totals.device.counters[i])}});
  return json_text(nlohmann::ordered_json{{"tokens", totals.tokens},
                                          {"seconds", totals.seconds},
                                          {"device_source", totals.device_source},
                                          {"device_from", totals.device_from},
                                          {"device_tokens", totals.device_tokens},
                                          {"device_picoseconds", totals.device.device_picoseconds},
                                          {"kernels", kernels}});
}

RunTotals totals_from_json(const std::string& text, const std::string& where) {
  const json parsed = parse_json_strictly(text, where + ": its metadata \"totals\"");
  RunTotals totals;
  try {
    totals.tokens = parsed.at("tokens").get<std::uint64_t>();
    totals.seconds = parsed.at("seconds").get<double>();
    totals.device_source = parsed.at("device_source").get<std::string>();
    totals.device_from = parsed.at("device_from").get<std::uint64_t>();
    totals.device_tokens = parsed.at("device_tokens").get<std::uint64_t>();
    totals.device.device_picoseconds = parsed.at("device_picoseconds").get<std::uint64_t>();
    for (const json& kernel : parsed.at("kernels")) {
      totals.device.names.push_back(kernel.at("name").get<std::string>());
      totals.device.counters.push_back(counters_of(kernel.at("counters"), where));
    }
  } catch (const json::exception& error) {
    fail("{}: its metadata \"totals\" is not readable: {}", where, error.what());
  }
  return totals;
}

}  // namespace isobar::train

#include "train/run/run_results.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <utility>

#include "base/file/file.h"
#include "base/text/json_text.h"
#include "train/run/checksum.h"

namespace isobar::train {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

constexpr char kSummary[] = "summary.json", kChecksum[] = "checksum", kFiles[] = "files";
constexpr std::array kOthers{"sample.txt", "ledger.json"};

/// Of everything in it but the checksum itself; line ends and spaces between do not count.
std::string checksum_of_summary(Json summary) {
  summary.erase(kChecksum);
  return checksum_of(json_text(summary));
}

}  // namespace

Json write_results(const RunDirectory& run, Results results) {
  Json files = Json::object();
  for (const char* name : kOthers) {
    const std::string& text = name == kOthers.front() ? results.sample : results.ledger;
    std::error_code error;
    if (text.empty()) {
      fs::remove(run.file(name), error);
      continue;
    }
    write_text_atomically(run.file(name), text);
    files[name] = checksum_of(text);
  }
  Json& summary = results.summary;
  summary[kFiles] = std::move(files);
  summary[kChecksum] = checksum_of_summary(summary);
  write_text_atomically(run.file(kSummary), json_text(summary, 2) + "\n");
  return std::move(summary);
}

std::optional<std::string> results_damage(const RunDirectory& run, std::uint64_t step) {
  const fs::path path = run.file(kSummary);
  std::error_code error;
  if (!fs::exists(path, error)) return fmt::format("{}: it is missing", path.string());
  const Json summary = Json::parse(read_text(path), nullptr, false);
  if (!summary.is_object() || !summary.contains(kChecksum) || !summary.contains(kFiles) ||
      summary[kChecksum] != checksum_of_summary(summary) || !summary[kFiles].is_object())
    return fmt::format("{}: it is damaged (its checksum differs)", path.string());
  if (summary.value("steps", std::uint64_t{0}) != step)
    return fmt::format("{}: it belongs to an earlier end of the run", path.string());
  for (const auto& [name, checksum] : summary[kFiles].items()) {
    const fs::path file = run.file(name.c_str());
    if (!fs::exists(file, error)) return fmt::format("{}: it is missing", file.string());
    if (checksum != checksum_of(read_text(file)))
      return fmt::format("{}: it is damaged (its checksum differs)", file.string());
  }
  return std::nullopt;
}

}  // namespace isobar::train

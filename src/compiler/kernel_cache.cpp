#include "compiler/kernel_cache.h"

#include <fmt/format.h>

#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/file/file.h"
#include "base/file/private_folder.h"
#include "base/fnv1a.h"
#include "base/text/json_text.h"

namespace isobar::compiler {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// An entry: magic, the checksum of all that follows, the length of the JSON header, its text, then
// the program. The header repeats the key, so a collision of hashes is a miss.
constexpr std::string_view kMagic = "ISOBAR-KERNEL-2\n";

std::string fingerprint(const fs::path& file) {
  const std::string text = read_text(file);
  return fmt::format("{}:{:016x}", text.size(), fnv1a(text));
}

/// Throws UserError or a JSON exception if the entry is damaged or stale.
CachedProgram parse(const std::vector<std::byte>& file, const std::string& key) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  std::uint64_t length = 0, checksum = 0;
  constexpr std::size_t kSummed = kMagic.size() + sizeof checksum;
  constexpr std::size_t kStart = kSummed + sizeof length;
  if (!text.starts_with(kMagic) || text.size() < kStart) fail("not an entry");
  std::memcpy(&checksum, text.data() + kMagic.size(), sizeof checksum);
  if (fnv1a(text.substr(kSummed)) != checksum) fail("damaged");
  std::memcpy(&length, text.data() + kSummed, sizeof length);
  if (length > text.size() - kStart) fail("cut short");
  const json header = json::parse(text.substr(kStart, length));
  if (header.at("key").get<std::string>() != key) fail("another program");
  CachedProgram program;
  program.log = header.at("log").get<std::string>();
  for (const auto& [path, content] : header.at("dependencies").items())
    if (fingerprint(path) != content.get<std::string>()) fail("{} has changed", path);
  program.binary.assign(file.begin() + static_cast<std::ptrdiff_t>(kStart + length), file.end());
  const auto size = header.at("size").get<std::uint64_t>();
  if (program.binary.size() != size) fail("cut short");
  return program;
}

}  // namespace

KernelCache::KernelCache(fs::path folder, std::uint64_t limit)
    : folder_(std::move(folder)), limit_(limit) {
  if (folder_.empty()) return;
  try {
    make_private_folder(folder_);
  } catch (const UserError& error) {
    say_cache_is_missing(error.what());
    folder_.clear();
  }
}

fs::path KernelCache::path_of(const std::string& key) const {
  return folder_ / fmt::format("{:016x}.kernel", fnv1a(key));
}

std::optional<CachedProgram> KernelCache::find(const std::string& key) const {
  const fs::path path = path_of(key);
  std::error_code error;
  if (folder_.empty() || !fs::exists(path, error)) return std::nullopt;
  try {
    CachedProgram program = parse(read_private_file(path, kMostRead), key);
    fs::last_write_time(path, fs::file_time_type::clock::now(), error);  // used just now
    return program;
  } catch (const std::exception&) {
    return std::nullopt;  // damaged, stale or removed meanwhile: compile again
  }
}

void KernelCache::store(const std::string& key, const CachedProgram& program) const {
  if (folder_.empty()) return;
  try {
    json dependencies = json::object();
    for (const fs::path& path : program.dependencies)
      dependencies[path.string()] = fingerprint(path);
    const std::string header = json_text(json{{"key", key},
                                              {"log", program.log},
                                              {"dependencies", dependencies},
                                              {"size", program.binary.size()}});
    const std::uint64_t length = header.size();
    std::string rest(reinterpret_cast<const char*>(&length), sizeof length);
    rest += header;
    rest.append(reinterpret_cast<const char*>(program.binary.data()), program.binary.size());
    const std::uint64_t checksum = fnv1a(rest);
    std::string file(kMagic);
    file.append(reinterpret_cast<const char*>(&checksum), sizeof checksum);
    file += rest;
    write_text_atomically(path_of(key), file);
    trim();
  } catch (const std::exception& error) {
    say_cache_is_missing(error.what());
  }
}

void KernelCache::trim() const {
  std::multimap<fs::file_time_type, std::pair<fs::path, std::uint64_t>> oldest_first;
  std::uint64_t total = 0;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_, error)) {
    const std::uint64_t size = entry.file_size(error);
    if (error || entry.path().extension() != ".kernel") continue;
    total += size;
    oldest_first.emplace(entry.last_write_time(error), std::pair{entry.path(), size});
  }
  for (const auto& [time, file] : oldest_first) {
    if (total <= limit_) break;
    if (fs::remove(file.first, error)) total -= file.second;
  }
}

}  // namespace isobar::compiler

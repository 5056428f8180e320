#include "train/run_directory.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "base/error.h"
#include "base/file.h"

namespace isobar::train {
namespace fs = std::filesystem;
namespace {

constexpr char kPrefix[] = "step-";
constexpr char kSuffix[] = ".safetensors";
constexpr std::size_t kKept = 2;

/// The step of "step-<N>.safetensors"; nothing for any other name.
std::optional<std::uint64_t> step_of(const fs::path& path) {
  const std::string name = path.filename().string();
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return std::nullopt;
  const char* first = name.data() + sizeof kPrefix - 1;
  const char* last = name.data() + name.size() - (sizeof kSuffix - 1);
  std::uint64_t step = 0;
  const auto [end, error] = std::from_chars(first, last, step);
  if (first >= last || error != std::errc() || end != last) return std::nullopt;
  return step;
}

void make_folders(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path / "checkpoints", error);
  if (error)
    fail("{}: cannot create this folder: {}", (path / "checkpoints").string(), error.message());
}

/// What `latest` and `best` hold: a file name of this folder, or nothing.
fs::path named_in(const fs::path& pointer) {
  std::error_code error;
  if (!fs::is_regular_file(pointer, error)) return {};
  std::string name = read_text(pointer);
  while (!name.empty() && (name.back() == '\n' || name.back() == '\r')) name.pop_back();
  const fs::path path(name);
  return path.has_parent_path() || !step_of(path) ? fs::path() : pointer.parent_path() / path;
}

}  // namespace

RunDirectory RunDirectory::create_fresh(const fs::path& parent, const std::string& name) {
  if (name.empty() || name.find('/') != std::string::npos || name.starts_with("."))
    fail("--name \"{}\": a run's name is one folder's name, without \"/\" and not hidden", name);
  std::error_code error;
  fs::create_directories(parent, error);
  if (error) fail("{}: cannot create this folder: {}", parent.string(), error.message());
  for (unsigned n = 1;; ++n) {
    const fs::path path = parent / fmt::format("{}-{}", name, n);
    // Creating it is what claims it, so that two runs at once do not get the same.
    if (fs::create_directory(path, error)) {
      make_folders(path);
      return RunDirectory(path);
    }
    if (error && error != std::errc::file_exists)
      fail("{}: cannot create this folder: {}", path.string(), error.message());
  }
}

RunDirectory RunDirectory::create(const fs::path& path) {
  std::error_code error;
  if (fs::exists(path / "config.toml", error))
    fail("{}: there is a run already (to go on with it: isobar train --resume {})", path.string(),
         path.string());
  if (fs::exists(path, error) && !fs::is_empty(path, error))
    fail("{}: is not empty (choose a folder that is not there yet)", path.string());
  make_folders(path);
  return RunDirectory(path);
}

RunDirectory RunDirectory::open(const fs::path& path_or_name) {
  std::error_code error;
  fs::path path = path_or_name;
  while (path.has_relative_path() && path.filename().empty()) path = path.parent_path();
  if (!fs::exists(path, error) && fs::exists("runs" / path, error)) path = "runs" / path;
  if (!fs::exists(path, error))
    fail("{}: there is no such run (a run is a folder such as runs/gpt-nano-1)", path.string());
  if (!fs::exists(path / "config.toml", error))
    fail("{}: is not a run: it has no config.toml", path.string());
  return RunDirectory(path);
}

void RunDirectory::write_config(const RunConfig& config) const {
  write_text_atomically(file("config.toml"), to_toml(config));
}

RunConfig RunDirectory::read_config() const {
  return parse_run_config(read_text(file("config.toml")), file("config.toml"));
}

fs::path RunDirectory::save(const Checkpoint& checkpoint) {
  const std::string name = fmt::format("{}{}{}", kPrefix, checkpoint.step, kSuffix);
  // In this order, so that `latest` never names a file that is not whole.
  write_checkpoint(checkpoints() / name, checkpoint);
  write_text_atomically(checkpoints() / "latest", name + "\n");
  if (checkpoint.validation_loss && checkpoint.validation_loss == checkpoint.best_validation_loss)
    write_text_atomically(checkpoints() / "best", name + "\n");
  prune();
  return checkpoints() / name;
}

std::vector<fs::path> RunDirectory::newest_first() const {
  std::vector<fs::path> paths;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(checkpoints(), error))
    if (step_of(entry.path())) paths.push_back(entry.path());
  std::ranges::sort(paths,
                    [](const fs::path& a, const fs::path& b) { return step_of(a) > step_of(b); });
  return paths;
}

void RunDirectory::prune() const {
  const fs::path best = named_in(checkpoints() / "best");
  const std::vector<fs::path> paths = newest_first();
  for (std::size_t i = kKept; i < paths.size(); ++i) {
    std::error_code ignored;  // one file too many is not worth ending a run
    if (paths[i] != best) fs::remove(paths[i], ignored);
  }
}

std::optional<fs::path> RunDirectory::latest_path() const {
  fs::path latest = named_in(checkpoints() / "latest");
  std::error_code error;
  if (!latest.empty() && fs::exists(latest, error)) return latest;
  const std::vector<fs::path> paths = newest_first();
  return paths.empty() ? std::nullopt : std::optional(paths.front());
}

FoundCheckpoint RunDirectory::load_latest() const {
  std::vector<std::string> warnings;
  for (const fs::path& path : newest_first()) {
    try {
      return {read_checkpoint(path), path, warnings};
    } catch (const UserError& error) {
      warnings.emplace_back(error.what());
    }
  }
  std::string reasons;
  for (const std::string& warning : warnings) reasons += "\n  " + warning;
  fail("{}: holds no checkpoint that can be used (start again: isobar train){}",
       checkpoints().string(), reasons);
}

}  // namespace isobar::train

#include "train/run/run_directory.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <ctime>
#include <string_view>
#include <system_error>

#include "base/error.h"
#include "base/file/file.h"
#include "base/file/output_file.h"
#include "train/run/checksum.h"

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

/// What `latest` and `best` hold: the name of a checkpoint of this folder, sealed.
struct Pointer {
  fs::path path;  // empty: there is none that is whole
  bool damaged = false;
};
Pointer named_in(const fs::path& pointer) {
  std::error_code error;
  if (!fs::is_regular_file(pointer, error)) return {};
  const std::string text = read_text(pointer);
  const SealedText content = unseal(text);
  std::string name(content.body);
  if (!name.empty() && name.back() == '\n') name.pop_back();
  if (content.seal != Seal::kWhole || name.find('/') != std::string::npos || !step_of(name))
    return {{}, true};
  return {pointer.parent_path() / name, false};
}

/// Nothing in it but what a run makes before it writes its settings.
bool is_unborn(const fs::path& path) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path, error)) {
    const std::string name = entry.path().filename().string();
    if (name == "checkpoints" && entry.is_directory() && is_unborn(entry.path())) continue;
    const bool left_over = name.starts_with(".isobar-") && name.ends_with(".tmp");
    if (name != "lock" && !left_over) return false;
  }
  return !error;
}

std::string holder_text() {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return fmt::format("process {} on {}, since {:%Y-%m-%d %H:%M:%S}", ::getpid(), host.data(),
                     fmt::localtime(std::time(nullptr)));
}

}  // namespace

RunLock::RunLock(const fs::path& folder) {
  const fs::path path = folder / "lock";
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (file_ < 0) fail("{}: cannot be written: {}", path.string(), std::strerror(errno));
  std::array<char, 512> text{};
  const int locked = ::flock(file_, LOCK_EX | LOCK_NB);
  const int reason = errno;
  const ssize_t size = ::pread(file_, text.data(), text.size() - 1, 0);
  std::string holder(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  while (!holder.empty() && holder.back() == '\n') holder.pop_back();
  if (locked != 0 && reason == EWOULDBLOCK) {
    ::close(file_);
    fail("{}: another process works on this run: {} (wait for it, or end it)", folder.string(),
         holder.empty() ? "one that has not given its number yet" : holder);
  }
  if (locked != 0)
    warning_ = fmt::format(
        "{}: cannot be locked ({}): make sure that no other process works on "
        "this run",
        path.string(), std::strerror(reason));
  std::ranges::replace_if(holder, [](char c) { return c < ' ' || c > '~'; }, '?');
  killed_ = std::move(holder);
  const std::string mine = holder_text() + "\n";
  // What it says is for people; the lock holds without it.
  if (::ftruncate(file_, 0) != 0 || ::pwrite(file_, mine.data(), mine.size(), 0) < 0)
    (void)::ftruncate(file_, 0);
}

RunLock::~RunLock() {
  (void)!::ftruncate(file_, 0);
  ::close(file_);
}

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
  if (fs::exists(path / "config.toml", error) ||
      fs::exists(path / "checkpoints" / "config.toml", error))
    fail("{}: holds a run already (to resume it: isobar train --resume {})", path.string(),
         path.string());
  if (fs::exists(path, error) && !(fs::is_directory(path, error) && is_unborn(path)))
    fail("{}: is not empty (choose a new folder)", path.string());
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
  if (!fs::exists(path / "config.toml", error) &&
      !fs::exists(path / "checkpoints" / "config.toml", error)) {
    if (fs::is_directory(path, error) && is_unborn(path))
      fail(
          "{}: is not a run: it has no config.toml (one that was killed before its settings were "
          "written is started again with its own options and --run-dir {})",
          path.string(), path.string());
    fail("{}: is not a run: it has no config.toml", path.string());
  }
  return RunDirectory(path);
}

void RunDirectory::write_config(const RunConfig& config) const {
  const std::string text = sealed(to_toml(config));
  write_text_atomically(file("config.toml"), text);
  write_text_atomically(checkpoints() / "config.toml", text);
}

FoundConfig RunDirectory::read_config() const {
  FoundConfig found;
  const fs::path path = file("config.toml"), copy = checkpoints() / "config.toml";
  for (const fs::path& candidate : {path, copy}) {
    try {
      const std::string text = read_text(candidate);
      const SealedText content = unseal(text);
      if (content.seal == Seal::kBroken)
        fail(
            "{}: damaged: it is not what was written (its checksum differs; if you changed it on "
            "purpose, remove its last line, the checksum, and resume again)",
            candidate.string());
      found.config = parse_run_config(std::string(content.body), candidate);
      if (content.seal == Seal::kNone)
        found.warnings.push_back(
            fmt::format("{}: it has no checksum line and is taken as it is", candidate.string()));
      if (candidate == copy)
        found.warnings.push_back(fmt::format("taking the settings from {}", copy.string()));
      return found;
    } catch (const UserError& error) {
      found.warnings.emplace_back(error.what());
    }
  }
  fail("{}\n  {}\n(start again in another folder: isobar train)", found.warnings.front(),
       found.warnings.back());
}

void RunDirectory::remove_left_overs() const {
  remove_left_over_outputs(path_);
  remove_left_over_outputs(checkpoints());
}

fs::path RunDirectory::save(const Checkpoint& checkpoint) {
  const std::string name = fmt::format("{}{}{}", kPrefix, checkpoint.step, kSuffix);
  // In this order, so that `latest` never names a file that is not whole.
  write_checkpoint(checkpoints() / name, checkpoint);
  write_pointer("latest", name);
  if (checkpoint.validation_loss && checkpoint.validation_loss == checkpoint.best_validation_loss)
    write_pointer("best", name);
  prune();
  return checkpoints() / name;
}

void RunDirectory::write_pointer(const char* name, const fs::path& checkpoint) const {
  write_text_atomically(checkpoints() / name, sealed(checkpoint.filename().string() + "\n"));
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
  const Pointer best = named_in(checkpoints() / "best");
  if (best.damaged) return;
  const std::vector<fs::path> paths = newest_first();
  for (std::size_t i = kKept; i < paths.size(); ++i) {
    std::error_code ignored;  // one file too many is not worth ending a run
    if (paths[i] != best.path) fs::remove(paths[i], ignored);
  }
}

std::optional<fs::path> RunDirectory::latest_path() const {
  const fs::path latest = named_in(checkpoints() / "latest").path;
  std::error_code error;
  if (!latest.empty() && fs::exists(latest, error)) return latest;
  const std::vector<fs::path> paths = newest_first();
  return paths.empty() ? std::nullopt : std::optional(paths.front());
}

Search RunDirectory::find_latest() const {
  Search search;
  for (const char* pointer : {"latest", "best"})
    if (named_in(checkpoints() / pointer).damaged)
      search.warnings.push_back(
          fmt::format("{}: damaged: it is not what was written (the checkpoints themselves say "
                      "which is newest)",
                      (checkpoints() / pointer).string()));
  for (const fs::path& path : newest_first()) {
    try {
      Checkpoint checkpoint = read_checkpoint(path);
      if (step_of(path) != checkpoint.step)
        fail("{}: holds step {}, but its name says another step", path.string(), checkpoint.step);
      search.found = {std::move(checkpoint), path, search.warnings};
      return search;
    } catch (const OtherVersion&) {
      throw;
    } catch (const UserError& error) {
      search.warnings.emplace_back(error.what());
      search.unusable.push_back(path);
    }
  }
  return search;
}

void RunDirectory::settle(const Search& search) const {
  for (const fs::path& path : search.unusable) {
    std::error_code error;
    fs::rename(path, path.string() + ".damaged", error);
    if (error) fail("{}: cannot be renamed: {}", path.string(), error.message());
  }
  if (!search.found) {
    std::error_code ignored;
    for (const char* pointer : {"latest", "best"}) fs::remove(checkpoints() / pointer, ignored);
    return;
  }
  const FoundCheckpoint& found = *search.found;
  if (named_in(checkpoints() / "latest").path != found.path) write_pointer("latest", found.path);
  const auto best_loss = found.checkpoint.best_validation_loss;
  const Pointer best = named_in(checkpoints() / "best");
  std::error_code error;
  if (best_loss && found.checkpoint.validation_loss == best_loss) {
    if (best.path != found.path) write_pointer("best", found.path);
  } else if (best.damaged || (!best.path.empty() && !fs::exists(best.path, error))) {
    fs::remove(checkpoints() / "best", error);
    for (const fs::path& path : newest_first()) {
      try {
        if (!best_loss || read_checkpoint(path).validation_loss != best_loss) continue;
        write_pointer("best", path);
      } catch (const UserError&) {
        continue;  // not whole, so not the best
      }
    }
  }
  prune();
}

FoundCheckpoint RunDirectory::load_latest() const {
  Search search = find_latest();
  if (search.found) return std::move(*search.found);
  std::string reasons;
  for (const std::string& warning : search.warnings) reasons += "\n  " + warning;
  fail("{}: holds no checkpoint that can be used (begin the run again: isobar train --resume {}){}",
       checkpoints().string(), path_.string(), reasons);
}

}  // namespace isobar::train

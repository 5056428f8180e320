// The folder of one training run, and which of its checkpoints are kept:
//   config.toml    the settings as resolved             metrics.jsonl  one line per step
//   sample.txt     text from the trained model          ledger.json    where the peak went
//   summary.json   the end in numbers                   checkpoints/   step-<N>.safetensors,
//   lock           who works on it                                     latest, best (names),
//                                                                      config.toml (a copy)
// Whatever a run goes on from is under a checksum (checksum.h), and stands there twice: settings as
// a copy, checkpoints as the last two. What is damaged is named, and the other one taken. If no
// checkpoint is whole, the run can begin again with its settings, and comes to the same end.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "train/run/checkpoint.h"
#include "train/run/run_config.h"

namespace isobar::train {

struct FoundCheckpoint {
  Checkpoint checkpoint;
  std::filesystem::path path;
  std::vector<std::string> warnings;  // of newer checkpoints that cannot be used
};

struct FoundConfig {
  RunConfig config;
  std::vector<std::string> warnings;  // of files that are damaged or not sealed
};

/// The newest whole checkpoint, if there is one, and what is wrong with newer ones.
struct Search {
  std::optional<FoundCheckpoint> found;
  std::vector<std::string> warnings;
  std::vector<std::filesystem::path> unusable;  // checkpoints
};

/// Keeps others from a run's folder while it lives: an advisory lock (flock) on its file `lock`,
/// which the system gives back when the process ends, however it ends. The file says who holds it.
class RunLock {
 public:
  /// Throws UserError naming the holder if another process has it.
  explicit RunLock(const std::filesystem::path& folder);
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;
  /// Says in the file that the session ended properly.
  ~RunLock();
  /// Who had it before and was killed, or empty.
  [[nodiscard]] const std::string& killed_holder() const { return killed_; }
  /// Why there is no lock: file systems may lack them. Empty if there is one.
  [[nodiscard]] const std::string& warning() const { return warning_; }

 private:
  int file_ = -1;
  std::string killed_, warning_;
};

class RunDirectory {
 public:
  /// <parent>/<name>-<n> with the first n that is free: never one that is there.
  [[nodiscard]] static RunDirectory create_fresh(const std::filesystem::path& parent,
                                                 const std::string& name);
  /// Exactly this one, which must not be there, or be empty but for what a run leaves that was
  /// killed before its settings were written.
  [[nodiscard]] static RunDirectory create(const std::filesystem::path& path);
  /// One that is there: a path, or a name below runs/. Throws UserError if it holds no run.
  [[nodiscard]] static RunDirectory open(const std::filesystem::path& path_or_name);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path file(const char* name) const { return path_ / name; }

  void write_config(const RunConfig& config) const;
  /// From config.toml, or its copy if that is damaged. Throws UserError if both are.
  [[nodiscard]] FoundConfig read_config() const;
  /// Removes temporary files that a killed process left; to be called under the lock.
  void remove_left_overs() const;

  /// Writes checkpoints/step-<N>.safetensors and then makes it the latest; keeps the last two and
  /// the best. Throws UserError (disk full), and the earlier ones stay.
  std::filesystem::path save(const Checkpoint& checkpoint);
  /// Throws OtherVersion if another Isobar wrote one of those that are looked at.
  [[nodiscard]] Search find_latest() const;
  /// Before a run goes on, under the lock: what a kill left undone at the last save is done,
  /// damaged pointers are written anew, and unusable checkpoints get the suffix ".damaged", so that
  /// they do not count as one of the last two.
  void settle(const Search& search) const;
  /// The same where there must be one. Throws UserError saying what to do if there is none.
  [[nodiscard]] FoundCheckpoint load_latest() const;
  /// The newest by name, without reading it.
  [[nodiscard]] std::optional<std::filesystem::path> latest_path() const;

 private:
  explicit RunDirectory(std::filesystem::path path) : path_(std::move(path)) {}
  [[nodiscard]] std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }
  [[nodiscard]] std::vector<std::filesystem::path> newest_first() const;
  void prune() const;
  void write_pointer(const char* name, const std::filesystem::path& checkpoint) const;

  std::filesystem::path path_;
};

}  // namespace isobar::train

// The folder of one training run, and which of its checkpoints are kept:
//   config.toml    the settings as resolved             metrics.jsonl  one line per step
//   sample.txt     text from the trained model          ledger.json    where the peak went
//   summary.json   the end in numbers                   checkpoints/   step-<N>.safetensors,
//                                                       latest, best (names)
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "train/checkpoint.h"
#include "train/run_config.h"

namespace isobar::train {

struct FoundCheckpoint {
  Checkpoint checkpoint;
  std::filesystem::path path;
  std::vector<std::string> warnings;  // of newer checkpoints that cannot be used
};

class RunDirectory {
 public:
  /// <parent>/<name>-<n> with the first n that is free: never one that is there.
  [[nodiscard]] static RunDirectory create_fresh(const std::filesystem::path& parent,
                                                 const std::string& name);
  /// Exactly this one, which must not be there, or be empty.
  [[nodiscard]] static RunDirectory create(const std::filesystem::path& path);
  /// One that is there: a path, or a name below runs/. Throws UserError if it holds no run.
  [[nodiscard]] static RunDirectory open(const std::filesystem::path& path_or_name);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path file(const char* name) const { return path_ / name; }

  void write_config(const RunConfig& config) const;
  [[nodiscard]] RunConfig read_config() const;

  /// Writes checkpoints/step-<N>.safetensors and then makes it the latest; keeps the last two and
  /// the best. Throws UserError (disk full), and the earlier ones stay.
  std::filesystem::path save(const Checkpoint& checkpoint);
  /// The newest checkpoint that can be read. Throws UserError saying what to do if there is none.
  [[nodiscard]] FoundCheckpoint load_latest() const;
  /// The newest by name, without reading it.
  [[nodiscard]] std::optional<std::filesystem::path> latest_path() const;

 private:
  explicit RunDirectory(std::filesystem::path path) : path_(std::move(path)) {}
  [[nodiscard]] std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }
  [[nodiscard]] std::vector<std::filesystem::path> newest_first() const;
  void prune() const;

  std::filesystem::path path_;
};

}  // namespace isobar::train

#include "train/corpora.h"

#include <cstdlib>
#include <vector>

#include "base/error.h"
#include "base/paths.h"
#include "base/private_folder.h"

namespace isobar::train {
namespace fs = std::filesystem;

fs::path corpus_file(const std::string& name, const std::string& what) {
  std::vector<fs::path> folders;
  const char* chosen = std::getenv("ISOBAR_CORPORA");
  if (chosen != nullptr && *chosen != '\0') folders.emplace_back(chosen);
  folders.push_back(share_directory() / "corpora");
  if (const auto cached = existing_private_cache("corpora")) folders.push_back(*cached);
  for (const fs::path& folder : folders) {
    std::error_code ignored;
    if (fs::is_regular_file(folder / name, ignored)) return folder / name;
  }
  fail("{} {} not there (looked for {}); fetch it with: scripts/fetch-corpus {}", what,
       what.ends_with('s') ? "are" : "is", (folders.front() / name).string(),
       folders.front().string());
}

}  // namespace isobar::train

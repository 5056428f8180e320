#include "train/text/corpora.h"

#include <fmt/format.h>

#include <cstdlib>
#include <system_error>
#include <vector>

#include "base/error.h"
#include "base/file/paths.h"
#include "base/file/private_folder.h"

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
  fail("{} {} not there (looked for {}); fetch it with: {}", what,
       what.ends_with('s') ? "are" : "is", (folders.front() / name).string(),
       fetch_corpus_command());
}

std::string fetch_corpus_command() {
  const char* chosen = std::getenv("ISOBAR_CORPORA");
  const fs::path cache = cache_directory();
  // An installation's own folder is root's, as a rule.
  const fs::path folder = chosen != nullptr && *chosen != '\0' ? fs::path(chosen)
                          : cache.empty()                      ? share_directory() / "corpora"
                                                               : cache / "corpora";
  std::error_code ignored;  // in a build tree it is a link to the script in the sources
  return fmt::format("{} {}",
                     fs::weakly_canonical(libexec_directory() / "fetch-corpus", ignored).string(),
                     folder.string());
}

}  // namespace isobar::train

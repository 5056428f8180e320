#include "base/opencl_icd.h"

#include <cstdlib>
#include <functional>
#include <set>
#include <string>
#include <system_error>

#include "base/error.h"
#include "base/file/file.h"
#include "base/file/paths.h"
#include "base/file/private_folder.h"
#include "base/file/temporary_folder.h"

namespace isobar {
namespace fs = std::filesystem;
namespace {

constexpr char kVariable[] = "OCL_ICD_VENDORS";

fs::path system_folder() {
  const char* folder = std::getenv("OPENCL_VENDOR_PATH");
  return folder != nullptr && *folder != '\0' ? folder : "/etc/OpenCL/vendors";
}

/// Several processes may do this at once: they all write the same, whole files.
void write_if_different(const fs::path& path, const std::string& content) {
  std::error_code error;
  if (fs::is_regular_file(path, error) && read_text(path) == content) return;
  write_text_atomically(path, content);
}

/// One folder for each build or installation of Isobar, in the cache; without a cache one for this
/// process alone.
fs::path vendors_folder(const fs::path& library) {
  const std::size_t name = std::hash<std::string>{}(library.string());
  if (auto folder = private_cache(fmt::format("opencl-vendors-{:016x}", name))) return *folder;
  setenv(kCacheIsMissingVariable, "1", 1);  // the driver in this process need not say it again
  static const TemporaryFolder own("isobar-opencl-vendors");
  return own.path();
}

}  // namespace

fs::path offer_isobar_to_opencl() {
  const char* given = std::getenv(kVariable);
  if (given != nullptr && *given != '\0') return given;
  const fs::path library = library_directory() / "libisobar-opencl.so";
  std::error_code error;
  if (!fs::exists(library, error)) return {};

  const fs::path folder = vendors_folder(library);
  std::set<fs::path> present{"isobar.icd"};
  write_if_different(folder / "isobar.icd", library.string() + "\n");
  for (const auto& entry : fs::directory_iterator(system_folder(), error)) {
    const fs::path& icd = entry.path();
    // An installed Isobar stays out: two copies of one driver would only confuse.
    if (icd.extension() != ".icd" || icd.stem() == "isobar") continue;
    write_if_different(folder / icd.filename(), read_text(icd));
    present.insert(icd.filename());
  }
  // A driver that was removed from the system since.
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".icd" && !present.contains(entry.path().filename()))
      fs::remove(entry.path(), error);
  }
  setenv(kVariable, folder.c_str(), 1);
  return folder;
}

}  // namespace isobar

#include "base/file/paths.h"

#include <dlfcn.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <system_error>

#include "base/error.h"

namespace isobar {
namespace fs = std::filesystem;
namespace {

/// "libisobar-opencl.so", "libisobar.so.0.1".
bool is_library(const fs::path& path) {
  return path.extension() == ".so" || path.filename().string().find(".so.") != std::string::npos;
}

fs::path own_object() {
  // A shared library is found by its own path; an executable by /proc, since what the loader
  // records for it is only the name it was called by.
  Dl_info info{};
  const auto* self = reinterpret_cast<const void*>(&installation_root);
  if (dladdr(self, &info) != 0 && info.dli_fname != nullptr) {
    const fs::path path = info.dli_fname;
    if (is_library(path)) return fs::weakly_canonical(path);
  }
  return fs::read_symlink("/proc/self/exe");
}

fs::path find_root() {
  for (fs::path folder = own_object().parent_path(); folder.has_relative_path();
       folder = folder.parent_path()) {
    if (fs::is_directory(folder / "share" / "isobar")) return folder;
  }
  fail(
      "no share/isobar folder above {}: the installation is incomplete (build or install it again)",
      own_object().string());
}

}  // namespace

fs::path installation_root() {
  static const fs::path root = find_root();
  return root;
}

fs::path share_directory() { return installation_root() / "share" / "isobar"; }
fs::path libexec_directory() { return installation_root() / "libexec" / "isobar"; }

fs::path library_directory() {
  const fs::path object = own_object();
  if (is_library(object)) return object.parent_path();
  for (const char* folder : {"lib", "lib64", "lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu"}) {
    if (fs::exists(installation_root() / folder / "libisobar-opencl.so"))
      return installation_root() / folder;
  }
  return installation_root() / "lib";
}

fs::path cache_directory() {
  // "If an implementation encounters a relative path in any of these variables it should consider
  // the path invalid and ignore it." (XDG Base Directory Specification 0.8)
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/') {
    return fs::path(cache) / "isobar";
  }
  fs::path home;
  if (const char* given = std::getenv("HOME"); given != nullptr && *given == '/') {
    home = given;
  } else if (const passwd* user = ::getpwuid(::geteuid()); user != nullptr) {
    home = user->pw_dir;
  }
  // A home that is not there (daemons' often are not) is not made.
  std::error_code ignored;
  if (!home.is_absolute() || !fs::is_directory(home, ignored)) return {};
  return home / ".cache" / "isobar";
}

}  // namespace isobar

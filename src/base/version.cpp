#include "base/version.h"

namespace isobar {

extern const char kCommit[];  // written at each build, cmake/IsobarVersion.cmake

std::string version_number() { return ISOBAR_VERSION; }
std::string commit() { return kCommit; }
std::string version_text() {
  return commit().empty() ? version_number() : version_number() + " (" + commit() + ")";
}

}  // namespace isobar

#include "isobar/error.h"

#include "base/version.h"
#include "isobar/version.h"

namespace isobar::inline v0 {

Error::Error(ErrorKind kind, const std::string& message)
    : std::runtime_error(message), kind_(kind) {}
Error::~Error() = default;

std::string library_version() { return version_number(); }

}  // namespace isobar::inline v0

// Which Isobar this is, for --version and for every document that it writes.
#pragma once

#include <string>

namespace isobar {

/// "0.1.0".
[[nodiscard]] std::string version_number();
/// The commit it was built from (local changes do not show); empty if not known.
[[nodiscard]] std::string commit();
/// "0.1.0 (a6acd0123f)": what stands under "isobar" in each JSON document.
[[nodiscard]] std::string version_text();

}  // namespace isobar

// docs/ISA.md, written from the instruction table. `isobar_isa_manual > docs/ISA.md` renews it; a
// test compares the two.
#pragma once

#include <string>

namespace isobar::isa {

[[nodiscard]] std::string manual_page();

}  // namespace isobar::isa

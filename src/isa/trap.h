// What the compiler puts where it takes control never to come: `unimp` (csrrw x0, cycle, x0),
// illegal by the privileged specification, since cycle cannot be written.
#pragma once

#include <cstdint>

namespace isobar::isa {

inline constexpr std::uint32_t kUnimp = 0xC000'1073;

}  // namespace isobar::isa

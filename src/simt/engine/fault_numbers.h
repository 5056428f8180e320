// FaultKind by number, for the handlers, which include no containers. slow_paths.cpp checks them.
#pragma once

namespace isobar::simt {

inline constexpr unsigned kIllegalNumber = 4, kFetchNumber = 5, kCallNumber = 8, kBreakNumber = 9;

}  // namespace isobar::simt

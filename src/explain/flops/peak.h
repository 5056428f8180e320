// The peak that a step is held against: the dense 16-bit peak of the chip that the trace or the
// user names, as its data sheet says.
#pragma once

#include <string>

#include "explain/explanation.h"
#include "explain/trace/trace.h"

namespace isobar::explain {

/// `chip` is a catalogue name or a path, or empty: then the chip whose name the trace's device name
/// holds ("NVIDIA H800" is h800); none is no error, but a Peak without flops. The SMs are the
/// trace's, else the data sheet's, else 1. Throws UserError for a chip that is not there or whose
/// peak is not published.
[[nodiscard]] Peak peak_of(const std::string& chip, const Trace& trace);

/// The catalogue's name for a device, empty where it has none.
[[nodiscard]] std::string catalogue_name(const std::string& device_name);

}  // namespace isobar::explain

// Whether this machine's memory holds a model whose device lives in it: the simulated chip, or a
// CPU. Such a device may name more memory than there is, and the system then ends the program.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "nn/device.h"
#include "nn/gpt/gpt.h"

namespace isobar::cli {

/// Bytes that are there to be taken: what Linux calls available, or what this process's control
/// group has left, if that is less. Nothing where the system does not say. `root` is for tests.
[[nodiscard]] std::optional<double> available_memory(const std::filesystem::path& root = "/");

/// Throws UserError with both sizes if the model takes more than is there.
void check_host_memory(const nn::DeviceInfo& device, const nn::MemoryNeeds& needs);

}  // namespace isobar::cli

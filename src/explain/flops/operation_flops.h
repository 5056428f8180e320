// The arithmetic of one PyTorch operator from the shapes that `record_shapes=True` leaves in the
// trace: two FLOPs per multiply-add, causal attention counted once (the masked half not), and
// attention's backward as twice its forward (the recomputation inside it not counted).
// Reference: the operators' signatures in PyTorch's native_functions.yaml.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace isobar::explain {

using Shape = std::vector<std::int64_t>;

/// 0 for an operator without matrix arithmetic, for one that is not known, and for shapes that do
/// not fit it. `concrete` are the arguments that are no tensors, as text, by position.
[[nodiscard]] std::uint64_t operation_flops(std::string_view name, std::span<const Shape> inputs,
                                            std::span<const std::string> concrete);
/// Of the half of attention that a causal mask leaves out; as much as the other one, or 0.
[[nodiscard]] std::uint64_t masked_flops(std::string_view name, std::span<const Shape> inputs,
                                         std::span<const std::string> concrete);

}  // namespace isobar::explain

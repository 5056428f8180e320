// Decodes what guests wrote with printf into text. The layout is in isa/guest_abi.h; formats are
// those of OpenCL C 3.0, section 6.15.14: C99 without `n` and `*`, with vectors (%v4hlf).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace isobar::device {

/// The zero-terminated string at a guest address, or nothing if the guest has none there.
using StringAt = std::function<std::optional<std::string>(std::uint64_t)>;

inline constexpr std::size_t kPrintfHeaderBytes = 8;

/// The text of all records, in order. Malformed records end the decoding with a remark; records
/// that did not fit are reported as lost.
[[nodiscard]] std::string decode_printf(std::span<const std::byte> buffer, const StringAt& string);

/// One call's text. `arguments` are the 8-byte words of the record.
[[nodiscard]] std::string format_printf(const std::string& format,
                                        std::span<const std::uint64_t> arguments,
                                        const StringAt& string);

}  // namespace isobar::device

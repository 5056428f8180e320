#include "simt/trace/trace.h"

namespace isobar::simt {

namespace {

/// The words that hold so many addresses of `width` bytes each.
std::size_t words_for(std::size_t lanes, unsigned width) { return (lanes * width + 7) / 8; }

/// `from` may be read, and `to` written, up to a whole word's worth of addresses. Words are put
/// together in registers: a copy through memory would wait for its own stores.
template <unsigned kWidth>
void narrow(const std::uint64_t* from, std::size_t count, std::uint64_t* to) {
  constexpr unsigned kPerWord = 8 / kWidth, kBits = 8 * kWidth;
  constexpr std::uint64_t kBelow = ~std::uint64_t{0} >> (64 - kBits);
  for (std::size_t i = 0; i < count; i += kPerWord) {
    std::uint64_t word = 0;
    for (unsigned j = 0; j < kPerWord; ++j) word |= (from[i + j] & kBelow) << j * kBits;
    *to++ = word;
  }
}

template <unsigned kWidth>
void widen(const std::uint64_t* from, std::size_t count, std::uint64_t base, std::uint64_t* to) {
  constexpr unsigned kPerWord = 8 / kWidth, kBits = 8 * kWidth;
  constexpr std::uint64_t kBelow = ~std::uint64_t{0} >> (64 - kBits);
  for (std::size_t i = 0; i < count; i += kPerWord) {
    const std::uint64_t word = *from++;
    for (unsigned j = 0; j < kPerWord; ++j) to[i + j] = base | (word >> j * kBits & kBelow);
  }
}

}  // namespace

void WarpTrace::access(const Operation& operation, Warp& warp) {
  const Shape shape = warp.shape[operation.rs1];
  const std::uint64_t offset = static_cast<std::uint64_t>(operation.immediate);
  const std::uint64_t head =
      word(TraceTag::kAccess,
           static_cast<std::uint64_t>(shape) | std::uint64_t{operation.access} << 8U, false);
  if (shape == Shape::kVector)
    return write_addresses(head, warp.x(operation.rs1), offset, warp.mask);
  words_.push_back(head);
  words_.push_back(warp.base[operation.rs1] + offset);
  if (shape == Shape::kAffine)
    words_.push_back(static_cast<std::uint64_t>(warp.stride[operation.rs1]));
}

/// Lanes mostly work on one array, so their addresses differ in few of their bits; a trace is large
/// and read once, so what it costs is the way to memory and back.
void WarpTrace::write_addresses(std::uint64_t head, const std::uint64_t* lanes,
                                std::uint64_t offset, LaneMask mask) {
  std::array<std::uint64_t, kMaxLanes> addresses;
  std::size_t count = 0;
  if ((mask & (mask + 1)) == 0) {  // the lowest lanes, without a gap
    count = static_cast<std::size_t>(std::popcount(mask));
    for (std::size_t i = 0; i < count; ++i) addresses[i] = lanes[i] + offset;
  } else {
    for (LaneMask left = mask; left != 0; left &= left - 1)
      addresses[count++] = lanes[std::countr_zero(left)] + offset;
  }
  for (std::size_t i = count; i % 4 != 0; ++i) addresses[i] = 0;  // up to a whole word
  std::uint64_t differ = 0;
  for (std::size_t i = 0; i < count; ++i) differ |= addresses[i] ^ addresses[0];
  const unsigned width = differ >> 16U == 0 ? 2 : differ >> 32U == 0 ? 4 : 8;
  const std::uint64_t below = width == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << 8 * width) - 1;
  const std::size_t at = words_.size() + 2;
  words_.resize(at + words_for(count, width));
  words_[at - 2] = head | std::uint64_t{width} << 24U;
  words_[at - 1] = addresses[0] & ~below;
  if (width == 2)
    narrow<2>(addresses.data(), count, &words_[at]);
  else if (width == 4)
    narrow<4>(addresses.data(), count, &words_[at]);
  else
    narrow<8>(addresses.data(), count, &words_[at]);
}

void WarpTrace::take_addresses(unsigned width, TracedAccess& access) {
  const auto count = static_cast<std::size_t>(std::popcount(mask_));
  const std::uint64_t* from = &words_[read_];
  std::uint64_t* to = access.addresses.data();
  if (width == 2)
    widen<2>(from, count, access.base, to);
  else if (width == 4)
    widen<4>(from, count, access.base, to);
  else
    widen<8>(from, count, access.base, to);
  read_ += words_for(count, width);
}

void WarpTrace::compact() {
  words_.erase(words_.begin(), words_.begin() + static_cast<std::ptrdiff_t>(read_));
  read_ = 0;
}

void WarpTrace::clear() {
  words_.clear();
  read_ = 0;
  written_mask_ = mask_ = 0;
  finished_ = false;
}

void trace_operation(const Operation* operation, Warp* warp) {
  if (warp->worker->leads[operation->self] != 0) warp->trace->block(operation->self, warp->mask);
  if (operation->access != 0) warp->trace->access(*operation, *warp);
}

void trace_entry(const Operation* operation, Warp* warp) {
  warp->trace->block(operation->self, warp->mask);
  if (operation->access != 0) warp->trace->access(*operation, *warp);
}

}  // namespace isobar::simt

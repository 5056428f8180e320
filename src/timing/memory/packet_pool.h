// Requests on their way through one partition. Each is written once and stays where it is; queues
// hold its number, which moves from one to the next in its stead.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "timing/memory/memory_request.h"

namespace isobar::timing {

/// A request on its way through the memory, and where its time went so far.
struct Packet {
  MemoryRequest request;
  std::uint64_t channel_line = 0;  // see ChannelLine
  std::uint64_t slice_line = 0;    // see SliceLine
  std::uint32_t slice = 0;
  Cycles arrival;  // at the slice's port, later: at the slice
  std::array<std::uint32_t, kMemoryStages> journey{};

  void charge(MemoryStage stage, Cycles cycles) {
    journey[static_cast<std::size_t>(stage)] += static_cast<std::uint32_t>(cycles.count());
  }
};

using PacketNumber = std::uint32_t;

class PacketPool {
 public:
  PacketNumber put(const Packet& packet) {
    if (free_.empty()) {
      packets_.push_back(packet);
      return static_cast<PacketNumber>(packets_.size() - 1);
    }
    const PacketNumber number = free_.back();
    free_.pop_back();
    packets_[number] = packet;
    return number;
  }
  /// Good until the next put().
  [[nodiscard]] Packet& operator[](PacketNumber number) { return packets_[number]; }
  void release(PacketNumber number) { free_.push_back(number); }

 private:
  std::vector<Packet> packets_;
  std::vector<PacketNumber> free_;
};

}  // namespace isobar::timing

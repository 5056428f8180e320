// A file descriptor that closes itself.
#pragma once

#include <unistd.h>

#include <utility>

namespace isobar {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  [[nodiscard]] bool is_open() const { return value_ >= 0; }
  [[nodiscard]] int value() const { return value_; }
  /// close() reports delayed write errors (a network's disk, a quota), so a writer must ask for its
  /// answer: 0, or -1 with errno.
  [[nodiscard]] int close() { return ::close(std::exchange(value_, -1)); }

 private:
  int value_ = -1;
};

}  // namespace isobar

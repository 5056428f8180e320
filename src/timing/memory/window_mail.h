// What host threads leave for each other, window by window: written in one, read in the next, so
// that no third one carries it. What one of them writes for another lies in one piece, in the order
// of writing, and on cache lines that nobody else writes.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace isobar::timing {

template <class Message>
class WindowMail {
 public:
  explicit WindowMail(unsigned threads) : threads_(threads) {
    piles_.fill(std::vector<Pile>(std::size_t{threads} * threads));
  }

  /// In a window, while nobody else is in one more than one away from it.
  void put(std::uint64_t window, unsigned from, unsigned to, const Message& message) {
    Pile& pile = pile_of(window, from, to);
    if (pile.window != window) {
      pile.window = window;
      pile.messages.clear();
    }
    pile.messages.push_back(message);
  }
  /// What was put in a window, in that order; in the window after it.
  [[nodiscard]] std::span<const Message> put_in(std::uint64_t window, unsigned from, unsigned to) {
    const Pile& pile = pile_of(window, from, to);
    if (pile.window != window) return {};
    return pile.messages;
  }

 private:
  struct alignas(64) Pile {
    std::uint64_t window = ~std::uint64_t{0};  // in which it was written; out of date in any other
    std::vector<Message> messages;
  };
  [[nodiscard]] Pile& pile_of(std::uint64_t window, unsigned from, unsigned to) {
    return piles_[window & 1U][std::size_t{from} * threads_ + to];
  }

  unsigned threads_;
  std::array<std::vector<Pile>, 2> piles_;  // of even and odd windows
  std::uint64_t window_ = 2;                // so that nothing is of the window before it
};

}  // namespace isobar::timing

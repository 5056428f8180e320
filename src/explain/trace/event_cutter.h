// Cuts a trace of any size into its event objects without holding more of it than a window.
//
// A trace is an object with an array "traceEvents" among other members (Kineto), or such an array
// alone (torch_npu, older Chrome traces). The cutter knows only as much JSON as it needs to find
// where an object ends: strings, escapes and brackets. What stands inside an object is the
// parser's business (event_parser.h). Reference: "Trace Event Format", Google, the two JSON forms.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "explain/trace/byte_source.h"

namespace isobar::explain {

class EventCutter {
 public:
  /// `name` is what errors call the trace.
  EventCutter(ByteSource& source, std::string name);

  /// The text of the next event, "{...}", followed by at least kPadding readable bytes and valid
  /// until the next call; nothing after the last one. Throws UserError "<name>: <what is wrong>
  /// at byte <n> (<remedy>)" for what is empty, not JSON, cut short, without events, or has an
  /// event larger than kLargestEvent.
  [[nodiscard]] std::optional<std::string_view> next();

  /// The document's other members as JSON text, those seen so far and no larger than
  /// kLargestMember.
  [[nodiscard]] const std::map<std::string, std::string, std::less<>>& members() const {
    return members_;
  }
  /// Bytes of text read and given out so far.
  [[nodiscard]] std::size_t position() const { return consumed_ + at_; }

  static constexpr std::size_t kPadding = 64;
  static constexpr std::size_t kLargestEvent = std::size_t{16} << 20U;
  static constexpr std::size_t kLargestMember = std::size_t{1} << 20U;

 private:
  enum class State : std::uint8_t { kStart, kMembers, kEvents, kEnd };

  /// Whether window_[at_] exists; reads on if it must, keeping everything from `keep` on.
  [[nodiscard]] bool available(std::size_t& keep);
  [[nodiscard]] char skip_space();
  void begin();
  void read_members();
  [[nodiscard]] std::string read_key();
  [[nodiscard]] std::string read_member();
  void finish();
  [[nodiscard]] std::string_view cut_value(std::size_t most, bool may_skip);
  [[noreturn]] void broken_off() const;
  [[noreturn]] void wrong(std::string_view what) const;

  ByteSource& source_;
  std::string name_;
  std::vector<char> window_;
  std::size_t at_ = 0;        // the next byte to look at
  std::size_t end_ = 0;       // of what was read into the window
  std::size_t consumed_ = 0;  // bytes of the text before the window
  bool source_ended_ = false;
  State state_ = State::kStart;
  bool is_object_ = false;
  bool has_events_ = false;
  bool first_ = true;  // no event or member was read yet in the list being read
  std::map<std::string, std::string, std::less<>> members_;
};

}  // namespace isobar::explain

#include "explain/trace/event_cutter.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace isobar::explain {
namespace {

constexpr std::size_t kFirstWindow = std::size_t{1} << 20U;

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

enum class Mark : unsigned char { kOther, kQuote, kOpen, kClose };

constexpr std::array<Mark, 256> marks() {
  std::array<Mark, 256> table{};
  table['"'] = Mark::kQuote;
  table['{'] = table['['] = Mark::kOpen;
  table['}'] = table[']'] = Mark::kClose;
  return table;
}
constexpr std::array<Mark, 256> kMarks = marks();

}  // namespace

EventCutter::EventCutter(ByteSource& source, std::string name)
    : source_(source), name_(std::move(name)), window_(kFirstWindow + kPadding) {}

void EventCutter::broken_off() const {
  fail(
      "{}: the trace breaks off at byte {} (was the profiler stopped while it wrote? record it "
      "again)",
      name_, consumed_ + end_);
}

void EventCutter::wrong(std::string_view what) const {
  fail(
      "{}: {} at byte {} (a trace is JSON as the PyTorch profiler's export_chrome_trace writes it)",
      name_, what, position());
}

bool EventCutter::available(std::size_t& keep) {
  if (at_ < end_) return true;
  if (source_ended_) return false;
  if (keep > 0) {
    std::memmove(window_.data(), window_.data() + keep, end_ - keep);
    consumed_ += keep;
    at_ -= keep;
    end_ -= keep;
    keep = 0;
  }
  if (end_ + kPadding == window_.size()) window_.resize((window_.size() - kPadding) * 2 + kPadding);
  const std::size_t got = source_.read(window_.data() + end_, window_.size() - kPadding - end_);
  end_ += got;
  source_ended_ = got == 0;
  return got != 0;
}

/// The next byte that is not white space, not consumed; 0 at the end of the text.
char EventCutter::skip_space() {
  for (;;) {
    std::size_t keep = at_;
    if (!available(keep)) return 0;
    if (!is_space(window_[at_])) return window_[at_];
    ++at_;
  }
}

std::optional<std::string_view> EventCutter::next() {
  if (state_ == State::kStart) begin();
  for (;;) {
    if (state_ == State::kMembers) read_members();
    if (state_ == State::kEnd) return std::nullopt;
    char c = skip_space();
    if (c == ',' && !first_) {
      ++at_;
      c = skip_space();
      if (c == ']') wrong("a comma before the end of the list");
    } else if (!first_ && c != ']' && c != 0) {
      wrong("two events without a comma between them");
    }
    first_ = false;
    if (c == 0) broken_off();
    if (c == '{') return cut_value(kLargestEvent, false);
    if (c != ']') wrong("an event that is no object");
    ++at_;
    if (is_object_) {
      state_ = State::kMembers;
      first_ = false;
    } else {
      finish();
    }
  }
}

void EventCutter::begin() {
  // Some editors leave a byte order mark.
  if (skip_space() == '\xEF') at_ += std::min<std::size_t>(3, end_ - at_);
  const char c = skip_space();
  if (c == 0) fail("{}: the file is empty (record the trace again)", name_);
  if (c != '{' && c != '[') wrong("no JSON object or list");
  ++at_;
  is_object_ = c == '{';
  has_events_ = !is_object_;
  state_ = is_object_ ? State::kMembers : State::kEvents;
}

/// Reads members until the events begin or the document ends.
void EventCutter::read_members() {
  for (;;) {
    char c = skip_space();
    if (c == '}') {
      if (!has_events_)
        fail("{}: it is JSON without \"traceEvents\" (is this file a profiler's trace?)", name_);
      ++at_;
      finish();
      return;
    }
    if (!first_) {
      if (c == 0) broken_off();
      if (c != ',') wrong("two members without a comma between them");
      ++at_;
      c = skip_space();
    }
    first_ = false;
    if (c == 0) broken_off();
    if (c != '"') wrong("a member without a name");
    const std::string key = read_key();
    c = skip_space();
    if (c == 0) broken_off();
    if (key == "traceEvents") {
      if (c != '[') wrong("\"traceEvents\" that is no list");
      ++at_;
      has_events_ = true;
      first_ = true;
      state_ = State::kEvents;
      return;
    }
    std::string value = read_member();
    if (!value.empty()) members_[key] = std::move(value);
  }
}

std::string EventCutter::read_key() {
  const std::string_view quoted = cut_value(kLargestMember, false);
  std::string key(quoted.substr(1, quoted.size() - 2));
  if (skip_space() != ':') wrong("a member's name without a colon after it");
  ++at_;
  return key;
}

/// A number, true, false or null ends where white space, a comma or a bracket stands.
std::string EventCutter::read_member() {
  const char c = window_[at_];
  if (c == '"' || c == '{' || c == '[') return std::string(cut_value(kLargestMember, true));
  std::string text;
  for (std::size_t keep = at_; available(keep); keep = at_) {
    const char d = window_[at_];
    if (is_space(d) || d == ',' || d == '}' || d == ']') break;
    if (text.size() > kLargestMember) wrong("a value that does not end");
    text += d;
    ++at_;
  }
  if (text.empty()) wrong("a member without a value");
  return text;
}

void EventCutter::finish() {
  if (skip_space() != 0) wrong("something after the end of the trace");
  state_ = State::kEnd;
}

/// From the quote or bracket at at_ to its partner. Which bracket closes which is not looked at:
/// a mismatch is still one finite text, and the parser judges it. What grows larger than `most` is
/// an error, or is skipped and answered by an empty text.
std::string_view EventCutter::cut_value(std::size_t most, bool may_skip) {
  std::size_t start = at_;
  std::size_t depth = 0;
  bool in_string = false, escaped = false, skipped = false;
  while (available(start)) {
    for (; at_ < end_; ++at_) {
      const char c = window_[at_];
      if (in_string) {
        if (escaped) {
          escaped = false;
          continue;
        }
        escaped = c == '\\';
        if (c != '"') continue;
        in_string = false;
      } else {
        const Mark mark = kMarks[static_cast<unsigned char>(c)];
        if (mark == Mark::kOther) continue;
        if (mark == Mark::kQuote) {
          in_string = true;
          continue;
        }
        if (mark == Mark::kOpen) {
          ++depth;
          continue;
        }
        --depth;
      }
      if (depth != 0) continue;
      ++at_;
      return skipped ? std::string_view() : std::string_view(window_.data() + start, at_ - start);
    }
    if (at_ - start > most && !may_skip)
      fail("{}: one value at byte {} is larger than {} MiB (this is no profiler's trace)", name_,
           consumed_ + start, most >> 20U);
    skipped = skipped || at_ - start > most;
    if (skipped) start = at_;
  }
  broken_off();
}

}  // namespace isobar::explain

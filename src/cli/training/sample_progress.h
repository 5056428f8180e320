// Text as it is drawn, and what there is to say where it does not come at once: how far the model
// is with the prompt, or with a window that has moved. On a terminal that stands behind the text
// and is taken away by what comes; elsewhere lines on standard error tell how much is done.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "cli/table/status_line.h"
#include "nn/gpt/gpt.h"

namespace isobar::cli {

class SampleProgress {
 public:
  SampleProgress(std::FILE* out, const nn::Gpt& gpt, std::uint32_t tokens);

  /// The text of another token.
  void show(std::string_view piece);
  /// After the last one: ends the line.
  void end();
  [[nodiscard]] std::uint32_t done() const { return done_; }

 private:
  [[nodiscard]] std::string beat();

  std::FILE* out_;
  const nn::Gpt& gpt_;
  std::uint32_t tokens_;
  bool terminal_;
  std::mutex guard_;  // of what is written to a terminal
  bool noted_ = false;
  std::atomic<std::uint32_t> done_ = 0;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  StatusLine status_{stderr};
  std::optional<Heartbeat> heartbeat_;  // last: it uses the others
};

}  // namespace isobar::cli

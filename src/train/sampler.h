// Text from a trained model, one token after the other: the scores after the tokens in the window,
// divided by the temperature, cut to the k best, drawn from. Each draw is a pure function of the
// seed and the number of the token (Philox), so a sample can be repeated.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nn/gpt/gpt.h"
#include "train/text/tokeniser.h"

namespace isobar::train {

struct SampleSettings {
  std::uint32_t tokens = 300;
  double temperature = 0.8;  // 0: always the likeliest
  std::uint32_t top_k = 0;   // 0: all
  std::uint64_t seed = 1337;
};

/// Which token `logits` and draw number `index` of the seed give.
[[nodiscard]] std::int32_t draw_token(std::span<const float> logits, const SampleSettings& settings,
                                      std::uint64_t index);

/// Where the window begins that the model sees of a text of `length` tokens. It holds at most
/// `context` of them; when it is full its oldest quarter is left behind at once, since a position
/// is part of what the model keeps of a token, so that each move passes the whole window again.
[[nodiscard]] std::size_t window_start(std::size_t length, std::size_t context);

/// Hands each piece of text to `sink` as it comes; it returns false to stop. An empty prompt stands
/// for the start of a line. Throws UserError if the tokeniser does not know the prompt's letters.
void sample(nn::Gpt& gpt, const Tokeniser& tokeniser, std::string_view prompt,
            const SampleSettings& settings, const std::function<bool(std::string_view)>& sink);

}  // namespace isobar::train

#include "train/sampler.h"

#include <Random123/philox.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"

namespace isobar::train {
namespace {

/// The last word of sampling's Philox counters, as dataset.cpp has one for its batches.
constexpr std::uint32_t kSamplingSite = 0xFFFF'FFFD;

/// Uniform in [0, 1), 53 bits.
double uniform(std::uint64_t seed, std::uint64_t index) {
  const auto low = [](std::uint64_t value) { return static_cast<std::uint32_t>(value); };
  const auto words = r123::Philox4x32()({{low(index), low(index >> 32U), 0, kSamplingSite}},
                                        {{low(seed), low(seed >> 32U)}});
  const std::uint64_t bits = (std::uint64_t{words[0]} << 32U | words[1]) >> 11U;
  return static_cast<double>(bits) * 0x1p-53;
}

/// The tokens to choose from, the likeliest first; ties go to the lower number.
std::vector<std::int32_t> candidates(std::span<const float> logits, std::uint32_t top_k) {
  std::vector<std::int32_t> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  const auto better = [&](std::int32_t a, std::int32_t b) {
    const float la = logits[static_cast<std::size_t>(a)], lb = logits[static_cast<std::size_t>(b)];
    return la != lb ? la > lb : a < b;
  };
  const std::size_t kept = top_k == 0 ? order.size() : std::min<std::size_t>(top_k, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(),
                    better);
  order.resize(kept);
  return order;
}

std::vector<std::int32_t> start_of(const Tokeniser& tokeniser, std::string_view prompt) {
  if (!prompt.empty()) return tokeniser.encode(prompt);
  try {
    return tokeniser.encode("\n");
  } catch (const UserError&) {
    return {0};  // a text without line ends
  }
}

}  // namespace

std::int32_t draw_token(std::span<const float> logits, const SampleSettings& settings,
                        std::uint64_t index) {
  // A spoilt model has scores that cannot be sorted.
  for (const float logit : logits)
    if (!std::isfinite(logit)) fail("the model's scores are not finite: its weights are unusable");
  const bool greedy = settings.temperature <= 0;
  const std::vector<std::int32_t> order = candidates(logits, greedy ? 1 : settings.top_k);
  if (greedy) return order.front();
  const auto logit = [&](std::int32_t token) {
    return double{logits[static_cast<std::size_t>(token)]};
  };
  std::vector<double> weights;
  double sum = 0;
  for (const std::int32_t token : order) {
    weights.push_back(std::exp((logit(token) - logit(order.front())) / settings.temperature));
    sum += weights.back();
  }
  double left = uniform(settings.seed, index) * sum;
  for (std::size_t i = 0; i < order.size(); ++i) {
    left -= weights[i];
    if (left < 0) return order[i];
  }
  return order.front();  // only by rounding
}

std::size_t window_start(std::size_t length, std::size_t context) {
  if (length <= context) return 0;
  const std::size_t quarter = std::max<std::size_t>(context / 4, 1);
  return (length - context + quarter - 1) / quarter * quarter;
}

void sample(nn::Gpt& gpt, const Tokeniser& tokeniser, std::string_view prompt,
            const SampleSettings& settings, const std::function<bool(std::string_view)>& sink) {
  std::vector<std::int32_t> tokens = start_of(tokeniser, prompt);
  const std::size_t context = gpt.shape().context;
  for (std::uint32_t i = 0; i < settings.tokens; ++i) {
    std::vector<float> logits =
        gpt.next_logits(std::span(tokens).subspan(window_start(tokens.size(), context)));
    // A model may have room for more tokens than its tokeniser knows.
    logits.resize(std::min<std::size_t>(logits.size(), tokeniser.vocabulary()));
    tokens.push_back(draw_token(logits, settings, i));
    if (!sink(tokeniser.decode(std::span(tokens).last(1)))) return;
  }
}

}  // namespace isobar::train

// Hands a batch of token ids to the device, with an index of where each token stands: the
// embedding's backward pass adds up the gradients of a token's places in that order, without
// atomics.
#include <algorithm>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "nn/gpt/gpt_impl.h"

namespace isobar::nn {
namespace {

void check_tokens(std::span<const std::int32_t> tokens, std::uint32_t vocabulary,
                  std::uint32_t context, const char* what) {
  for (std::size_t i = 0; i < tokens.size(); ++i)
    if (tokens[i] < 0 || static_cast<std::uint32_t>(tokens[i]) >= vocabulary)
      fail(
          "{}: token {} of sequence {} is {}, but the vocabulary has {} (0 to {}; was the data "
          "made with another tokeniser?)",
          what, i % context, i / context, tokens[i], vocabulary, vocabulary - 1);
}

}  // namespace

std::uint32_t Gpt::Impl::feed_batch(std::span<const std::int32_t> inputs,
                                    std::span<const std::int32_t> targets) {
  const std::size_t rows = inputs.size();
  if (rows == 0 || rows % shape.context != 0 || rows / shape.context > batch ||
      targets.size() != rows)
    fail("a batch has {} inputs and {} targets, but both must be 1 to {} sequences of {} tokens",
         rows, targets.size(), batch, shape.context);
  check_tokens(inputs, shape.vocabulary, shape.context, "inputs");
  check_tokens(targets, shape.vocabulary, shape.context, "targets");

  // Places in the order of their token, and of themselves within a token.
  std::vector<std::int32_t> places(rows);
  std::iota(places.begin(), places.end(), 0);
  std::ranges::sort(places, {}, [&](std::int32_t i) {
    return std::pair(inputs[static_cast<std::size_t>(i)], i);
  });
  std::vector<std::int32_t> distinct, starts;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::int32_t token = inputs[static_cast<std::size_t>(places[i])];
    if (distinct.empty() || distinct.back() != token) {
      distinct.push_back(token);
      starts.push_back(static_cast<std::int32_t>(i));
    }
  }
  starts.push_back(static_cast<std::int32_t>(rows));
  feed.distinct_count = static_cast<std::uint32_t>(distinct.size());

  if (feed.uploaded() != nullptr) feed.uploaded.wait();  // it may still read staging
  feed.staging.assign(std::size_t{feed.places.offset} + feed.places.elements, 0);
  const auto put = [&](const Tensor& at, std::span<const std::int32_t> values) {
    std::ranges::copy(values, feed.staging.begin() + at.offset);
  };
  put(feed.inputs, inputs);
  put(feed.targets, targets);
  put(feed.distinct, distinct);
  put(feed.starts, starts);
  put(feed.places, places);
  cl.queue().enqueueWriteBuffer(feed.inputs.buffer, CL_FALSE, 0,
                                feed.staging.size() * sizeof(std::int32_t), feed.staging.data(),
                                nullptr, &feed.uploaded);
  return static_cast<std::uint32_t>(rows / shape.context);
}

void Gpt::Impl::feed_tokens(std::span<const std::int32_t> tokens) {
  check_tokens(tokens, shape.vocabulary, shape.context, "tokens");
  cl.queue().enqueueWriteBuffer(feed.inputs.buffer, CL_TRUE,
                                std::size_t{feed.inputs.offset} * sizeof(std::int32_t),
                                tokens.size_bytes(), tokens.data());
}

}  // namespace isobar::nn

#include "train/dataset.h"

#include <Random123/philox.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "train/corpora.h"
#include "train/llmc_format.h"

namespace isobar::train {
namespace {

/// Philox counters (sequence, batch low, batch high, site): the site keeps them apart from those
/// of dropout (whose last word counts steps) and of the first weights (0xFFFFFFFF).
constexpr std::uint32_t kBatchSite = 0xFFFF'FFFE;

/// FNV-1a over the tokens' bytes, low byte first, and then their number's.
std::uint64_t hash_of(std::span<const std::int32_t> tokens) {
  std::uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&](std::uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) hash = (hash ^ (value >> (8 * i) & 0xFFU)) * 0x100000001b3;
  };
  for (const std::int32_t token : tokens) add(static_cast<std::uint32_t>(token), 4);
  add(tokens.size(), 8);
  return hash;
}

/// A number below `bound`, which is at most 2^32 here: the bias is below 2^-32.
std::uint64_t scale(std::uint64_t random, std::uint64_t bound) {
  const std::uint64_t high = random >> 32U, low = random & 0xFFFF'FFFFU;
  return (high * bound + (low * bound >> 32U)) >> 32U;
}

void append_window(Batch& batch, std::span<const std::int32_t> tokens, std::size_t start,
                   std::size_t context) {
  const auto inputs = tokens.subspan(start, context), targets = tokens.subspan(start + 1, context);
  batch.inputs.insert(batch.inputs.end(), inputs.begin(), inputs.end());
  batch.targets.insert(batch.targets.end(), targets.begin(), targets.end());
}

}  // namespace

Dataset::Dataset(std::vector<std::int32_t> tokens, std::uint32_t context, const std::string& where)
    : context_(context), fingerprint_(hash_of(tokens)) {
  if (tokens.size() >= 1ULL << 32U)
    fail("{}: {} tokens are more than 2^32 (split the text)", where, tokens.size());
  const std::size_t split = tokens.size() * 9 / 10;
  if (split < context + 1ULL || tokens.size() - split < context + 1ULL)
    fail(
        "{}: {} tokens are too few for a context of {}: the last tenth, which validates, must hold "
        "context + 1 (use a text of {} tokens or more, or a smaller context)",
        where, tokens.size(), context, 10 * (context + 1ULL));
  validation_.assign(tokens.begin() + static_cast<std::ptrdiff_t>(split), tokens.end());
  tokens.resize(split);
  train_ = std::move(tokens);
}

Batch Dataset::train_batch(std::uint64_t seed, std::uint64_t index, std::uint32_t sequences) const {
  Batch batch;
  const r123::Philox4x32::key_type key{
      {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U)}};
  for (std::uint32_t sequence = 0; sequence < sequences; ++sequence) {
    const r123::Philox4x32::ctr_type words =
        r123::Philox4x32()({{sequence, static_cast<std::uint32_t>(index),
                             static_cast<std::uint32_t>(index >> 32U), kBatchSite}},
                           key);
    const std::uint64_t random = std::uint64_t{words[1]} << 32U | words[0];
    append_window(batch, train_, scale(random, train_.size() - context_), context_);
  }
  return batch;
}

Batch Dataset::validation_batch(std::uint32_t index, std::uint32_t count,
                                std::uint32_t sequences) const {
  Batch batch;
  const std::uint64_t windows = std::uint64_t{count} * sequences;
  const std::uint64_t last_start = validation_.size() - context_ - 1;
  for (std::uint32_t sequence = 0; sequence < sequences; ++sequence) {
    const std::uint64_t window = std::uint64_t{index} * sequences + sequence;
    const std::uint64_t start = windows < 2 ? 0 : window * last_start / (windows - 1);
    append_window(batch, validation_, start, context_);
  }
  return batch;
}

namespace {

LoadedText load_token_file(const std::filesystem::path& path, std::unique_ptr<Tokeniser> existing) {
  LoadedText loaded{std::move(existing), read_llmc_tokens(path), path};
  if (loaded.tokeniser == nullptr) loaded.tokeniser = gpt2_tokeniser();
  if (loaded.tokeniser->kind() != "gpt2")
    fail("{}: a token file holds GPT-2's tokens, but the run's tokeniser is \"{}\"", path.string(),
         loaded.tokeniser->kind());
  const auto vocabulary = static_cast<std::int32_t>(loaded.tokeniser->vocabulary());
  const auto outside =
      std::ranges::find_if(loaded.tokens, [&](std::int32_t token) { return token >= vocabulary; });
  if (outside != loaded.tokens.end())
    fail("{}: token number {} is {}, outside GPT-2's vocabulary of {}", path.string(),
         outside - loaded.tokens.begin(), *outside, vocabulary);
  return loaded;
}

}  // namespace

LoadedText load_text(const std::filesystem::path& path, const std::string& kind,
                     std::unique_ptr<Tokeniser> existing) {
  if (is_llmc_tokens(path)) return load_token_file(path, std::move(existing));
  const std::string text = read_text(path);
  LoadedText loaded{std::move(existing), {}, path};
  // Only what is said about the text itself is said of this file: GPT-2's tables name their own.
  if (loaded.tokeniser == nullptr && kind != "char") loaded.tokeniser = make_tokeniser(kind, text);
  try {
    if (loaded.tokeniser == nullptr) loaded.tokeniser = character_tokeniser(text);
    loaded.tokens = loaded.tokeniser->encode(text);
  } catch (const UserError& error) {
    fail("{}: {}", path.string(), error.what());
  }
  return loaded;
}

std::filesystem::path default_corpus() { return corpus_file("moby-dick.txt", "Moby Dick"); }

}  // namespace isobar::train

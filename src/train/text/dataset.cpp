#include "train/text/dataset.h"

#include <Random123/philox.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "train/format/llmc_format.h"
#include "train/text/corpora.h"

namespace isobar::train {
namespace {

/// Philox counters (sequence, batch low, batch high, site): the site keeps them apart from those
/// of dropout (whose last word counts steps) and of the first weights (0xFFFFFFFF).
constexpr std::uint32_t kBatchSite = 0xFFFF'FFFE;

/// A number below `bound`, which is at most 2^32 here: the bias is below 2^-32.
std::uint64_t scale(std::uint64_t random, std::uint64_t bound) {
  const std::uint64_t high = random >> 32U, low = random & 0xFFFF'FFFFU;
  return (high * bound + (low * bound >> 32U)) >> 32U;
}

constexpr std::uint64_t kMostTokens = 1ULL << 32U;

[[noreturn]] void refuse_length(const std::string& where) {
  fail("{}: holds more than 2^32 tokens (split the text)", where);
}

}  // namespace

Dataset::Dataset(TokenStore tokens, std::uint32_t context, const std::string& where)
    : tokens_(std::move(tokens)), context_(context) {
  const std::uint64_t size = tokens_.size();
  if (size >= kMostTokens) refuse_length(where);
  split_ = size * 9 / 10;
  if (split_ < context + 1ULL || size - split_ < context + 1ULL)
    fail(
        "{}: {} tokens are too few for a context of {}: the last tenth, which validates, must hold "
        "context + 1 (use a text of {} tokens or more, or a smaller context)",
        where, size, context, 10 * (context + 1ULL));
}

void Dataset::append_window(Batch& batch, std::uint64_t start) const {
  const std::vector<std::int32_t> tokens = tokens_.read(start, std::size_t{context_} + 1);
  batch.inputs.insert(batch.inputs.end(), tokens.begin(), tokens.end() - 1);
  batch.targets.insert(batch.targets.end(), tokens.begin() + 1, tokens.end());
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
    append_window(batch, scale(random, split_ - context_));
  }
  return batch;
}

Batch Dataset::validation_batch(std::uint32_t index, std::uint32_t count,
                                std::uint32_t sequences) const {
  Batch batch;
  const std::uint64_t windows = std::uint64_t{count} * sequences;
  const std::uint64_t last_start = validation_tokens() - context_ - 1;
  for (std::uint32_t sequence = 0; sequence < sequences; ++sequence) {
    const std::uint64_t window = std::uint64_t{index} * sequences + sequence;
    const std::uint64_t start = windows < 2 ? 0 : window * last_start / (windows - 1);
    append_window(batch, split_ + start);
  }
  return batch;
}

namespace {

LoadedText load_token_file(std::shared_ptr<const TextFile> file,
                           std::unique_ptr<Tokeniser> tokeniser, const ReadingProgress& progress) {
  const std::string name = file->path().string();
  const LlmcTokens layout = llmc_tokens_in(*file);
  if (tokeniser == nullptr) tokeniser = gpt2_tokeniser();
  if (tokeniser->kind() != "gpt2")
    fail("{}: a token file holds GPT-2's tokens, but the run's tokeniser is \"{}\"", name,
         tokeniser->kind());
  const auto vocabulary = static_cast<std::int32_t>(tokeniser->vocabulary());
  const TokenStore unchecked(file, layout.offset, layout.count, 0);
  TokenHash hash;
  constexpr std::uint64_t kAtOnce = 1U << 20U;
  for (std::uint64_t at = 0; at < layout.count; at += kAtOnce) {
    const auto tokens = unchecked.read(at, std::min(kAtOnce, layout.count - at));
    const auto outside =
        std::ranges::find_if(tokens, [&](std::int32_t token) { return token >= vocabulary; });
    if (outside != tokens.end())
      fail("{}: token number {} is {}, outside GPT-2's vocabulary of {}", name,
           at + static_cast<std::uint64_t>(outside - tokens.begin()), *outside, vocabulary);
    hash.add(tokens);
    if (progress) progress(std::min(at + kAtOnce, layout.count) * 2, layout.count * 2);
  }
  const std::filesystem::path path = file->path();
  return {std::move(tokeniser),
          TokenStore(std::move(file), layout.offset, layout.count, hash.value()), path};
}

std::unique_ptr<Tokeniser> character_tokeniser_of(const TextFile& file,
                                                  const ReadingProgress& progress) {
  CharacterCollector collector;
  file.for_each_part([&](const TextPart& part) { return collector.add(part); }, progress);
  return collector.tokeniser();
}

/// The text's tokens. Where each byte is one they stay in the text's own file.
TokenStore tokens_of(const std::shared_ptr<const TextFile>& file, const Tokeniser& tokeniser,
                     const ReadingProgress& progress) {
  const std::optional<ByteTokens> byte_tokens = tokeniser.byte_tokens();
  if (byte_tokens && file->size() >= kMostTokens) refuse_length(file->path().string());
  TokenWriter writer(tokeniser.vocabulary());
  TokenHash hash;
  std::uint64_t count = 0;
  std::vector<std::int32_t> tokens;
  file->for_each_part(
      [&](const TextPart& part) {
        tokens.clear();
        const std::size_t taken = tokeniser.encode_part(part, tokens);
        count += tokens.size();
        if (count >= kMostTokens) refuse_length(file->path().string());
        if (byte_tokens)
          hash.add(tokens);
        else
          writer.append(tokens);
        return taken;
      },
      progress);
  return byte_tokens ? TokenStore(file, *byte_tokens, hash.value()) : std::move(writer).finish();
}

}  // namespace

LoadedText load_text(const std::filesystem::path& path, const std::string& kind,
                     std::unique_ptr<Tokeniser> existing, const ReadingProgress& progress) {
  const auto file = std::make_shared<const TextFile>(path);
  if (is_llmc_tokens(*file)) return load_token_file(file, std::move(existing), progress);
  LoadedText loaded{std::move(existing), {}, path};
  // Only what is said about the text itself is said of this file: GPT-2's tables name their own.
  if (loaded.tokeniser == nullptr && kind != "char") loaded.tokeniser = make_tokeniser(kind);
  try {
    if (loaded.tokeniser == nullptr) loaded.tokeniser = character_tokeniser_of(*file, progress);
    loaded.tokens = tokens_of(file, *loaded.tokeniser, progress);
  } catch (const UserError& error) {
    const std::string text = error.what();
    if (text.starts_with(path.string())) throw;
    fail("{}: {}", path.string(), text);
  }
  return loaded;
}

std::filesystem::path default_corpus() { return corpus_file("moby-dick.txt", "Moby Dick"); }

}  // namespace isobar::train

#include "train/text/gpt2_tokeniser.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <queue>
#include <tuple>

#include "base/error.h"
#include "base/file/file.h"
#include "base/text/nesting.h"
#include "train/text/corpora.h"
#include "train/text/tokeniser.h"
#include "train/text/utf8.h"

namespace isobar::train {
namespace fs = std::filesystem;

const std::array<char32_t, 256>& gpt2_byte_characters() {
  // Printable characters of Latin-1 stand for themselves; the others follow from U+0100 on.
  static const std::array<char32_t, 256> table = [] {
    std::array<char32_t, 256> characters{};
    char32_t next = 0x100;
    for (char32_t byte = 0; byte < 256; ++byte) {
      const bool printable = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte != 0xAD);
      characters[byte] = printable ? byte : next++;
    }
    return characters;
  }();
  return table;
}

namespace {

std::uint64_t pair_of(std::int32_t left, std::int32_t right) {
  return std::uint64_t{static_cast<std::uint32_t>(left)} << 32U | static_cast<std::uint32_t>(right);
}

}  // namespace

void MergeTable::add(std::int32_t left, std::int32_t right, std::int32_t merged) {
  merges_.try_emplace(pair_of(left, right),
                      Merge{static_cast<std::uint32_t>(merges_.size()), merged});
}

const MergeTable::Merge* MergeTable::find(std::int32_t left, std::int32_t right) const {
  const auto found = merges_.find(pair_of(left, right));
  return found == merges_.end() ? nullptr : &found->second;
}

void MergeTable::merge(std::vector<std::int32_t>& tokens) const {
  // A list through the word, in which a merge keeps its left place; and a heap of possible merges,
  // lowest rank first, leftmost among equals. Entries that a merge made stale are skipped: their
  // places no longer hold the tokens that they name.
  struct Candidate {
    std::uint32_t rank;
    std::size_t left, right;
    std::int32_t left_token, right_token, merged;
    bool operator>(const Candidate& other) const {
      return std::tie(rank, left) > std::tie(other.rank, other.left);
    }
  };
  constexpr std::int32_t kGone = -1;
  const std::size_t count = tokens.size();
  std::vector<std::size_t> next(count), previous(count);
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> heap;
  const auto offer = [&](std::size_t left, std::size_t right) {
    if (const Merge* merge = find(tokens[left], tokens[right]))
      heap.push({merge->rank, left, right, tokens[left], tokens[right], merge->merged});
  };
  for (std::size_t i = 0; i < count; ++i) {
    next[i] = i + 1;
    previous[i] = i == 0 ? count : i - 1;  // `count` is no place
    if (i + 1 < count) offer(i, i + 1);
  }
  while (!heap.empty()) {
    const Candidate best = heap.top();
    heap.pop();
    if (tokens[best.left] != best.left_token || tokens[best.right] != best.right_token ||
        next[best.left] != best.right)
      continue;
    tokens[best.left] = best.merged;
    tokens[best.right] = kGone;
    next[best.left] = next[best.right];
    if (next[best.left] < count) {
      previous[next[best.left]] = best.left;
      offer(best.left, next[best.left]);
    }
    if (previous[best.left] < count) offer(previous[best.left], best.left);
  }
  std::erase(tokens, kGone);
}

namespace {

/// A token's spelling in GPT-2's printable characters, as the bytes that it stands for.
std::string bytes_of(std::string_view spelling, const std::string& where) {
  static const std::map<char32_t, char> bytes = [] {
    std::map<char32_t, char> table;
    for (std::size_t b = 0; b < 256; ++b)
      table[gpt2_byte_characters()[b]] = static_cast<char>(static_cast<unsigned char>(b));
    return table;
  }();
  std::string result;
  for (std::size_t at = 0; at < spelling.size();) {
    const CodePoint c = code_point_at(spelling, at);
    const auto found = bytes.find(c.value);
    if (c.length == 0 || found == bytes.end())
      fail(
          "{}: the token \"{}\" is not spelled in GPT-2's characters (remove it and fetch it "
          "again: "
          "{})",
          where, spelling, fetch_corpus_command());
    result += found->second;
    at += c.length;
  }
  return result;
}

/// The other way round, for messages: bytes as printable characters.
std::string spelling_of(std::string_view bytes) {
  std::string spelling;
  for (const char c : bytes)
    append_utf8(spelling, gpt2_byte_characters()[static_cast<unsigned char>(c)]);
  return spelling;
}

class Gpt2Tokeniser : public Tokeniser {
 public:
  Gpt2Tokeniser(const fs::path& encoder, const fs::path& merges) {
    read_encoder(encoder);
    read_merges(merges);
  }
  [[nodiscard]] std::string kind() const override { return "gpt2"; }
  [[nodiscard]] std::uint32_t vocabulary() const override {
    return static_cast<std::uint32_t>(spelling_.size());
  }
  [[nodiscard]] std::size_t encode_part(const TextPart& part,
                                        std::vector<std::int32_t>& tokens) const override {
    std::unordered_map<std::string_view, std::vector<std::int32_t>> known;  // most words come again
    return split_gpt2_words(part, [&](std::string_view word) {
      const auto [place, is_new] = known.try_emplace(word);
      if (is_new) place->second = encode_word(word);
      tokens.insert(tokens.end(), place->second.begin(), place->second.end());
    });
  }
  [[nodiscard]] std::string decode(std::span<const std::int32_t> tokens) const override {
    std::string text;
    for (const std::int32_t token : tokens) {
      if (token < 0 || static_cast<std::size_t>(token) >= spelling_.size())
        fail("the token {} is outside GPT-2's vocabulary of {}", token, spelling_.size());
      text += spelling_[static_cast<std::size_t>(token)];
    }
    return text;
  }
  [[nodiscard]] std::string describe() const override { return R"({"kind":"gpt2"})"; }

 private:
  [[nodiscard]] std::vector<std::int32_t> encode_word(std::string_view word) const {
    std::vector<std::int32_t> tokens;
    tokens.reserve(word.size());
    for (const char c : word) tokens.push_back(byte_tokens_[static_cast<unsigned char>(c)]);
    merges_.merge(tokens);
    return tokens;
  }

  void read_encoder(const fs::path& path) {
    const std::string where = path.string();
    const std::string text = read_text(path, kMostJson);
    check_json_nesting(text, where);
    const nlohmann::json table = nlohmann::json::parse(text, nullptr, false);
    if (!table.is_object() || table.empty())
      fail("{}: this is not a JSON object of tokens (remove it and fetch it again: {})", where,
           fetch_corpus_command());
    spelling_.resize(table.size());
    std::vector<bool> taken(table.size());
    for (const auto& [spelling, id] : table.items()) {
      if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= taken.size() ||
          taken[id.get<std::size_t>()])
        fail("{}: the token \"{}\" has the id {}, but ids are 0 to {}, each once", where, spelling,
             id.dump(), taken.size() - 1);
      taken[id.get<std::size_t>()] = true;
      spelling_[id.get<std::size_t>()] = bytes_of(spelling, where);
      ids_[spelling_[id.get<std::size_t>()]] = id.get<std::int32_t>();
    }
    for (std::size_t byte = 0; byte < 256; ++byte)
      byte_tokens_[byte] =
          id_of(std::string(1, static_cast<char>(static_cast<unsigned char>(byte))), where);
  }

  void read_merges(const fs::path& path) {
    const std::string text = read_text(path);
    std::size_t line_number = 0;
    for (std::size_t at = 0; at < text.size(); ++line_number) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      const std::string_view line = std::string_view(text).substr(at, end - at);
      at = end + 1;
      if (line.empty() || line.starts_with("#version")) continue;
      const std::string where = fmt::format("{}:{}", path.string(), line_number + 1);
      const std::size_t space = line.find(' ');
      if (space == std::string_view::npos || line.find(' ', space + 1) != std::string_view::npos)
        fail(
            "{}: a merge must be two tokens with a space between them (remove it and fetch it "
            "again: {})",
            where, fetch_corpus_command());
      const std::string left = bytes_of(line.substr(0, space), where);
      const std::string right = bytes_of(line.substr(space + 1), where);
      merges_.add(id_of(left, where), id_of(right, where), id_of(left + right, where));
    }
    if (merges_.size() == 0) fail("{}: there are no merges in it", path.string());
  }

  [[nodiscard]] std::int32_t id_of(const std::string& bytes, const std::string& where) const {
    const auto found = ids_.find(bytes);
    if (found == ids_.end())
      fail("{}: \"{}\" is not in the vocabulary (encoder.json and vocab.bpe must belong together)",
           where, spelling_of(bytes));
    return found->second;
  }

  std::vector<std::string> spelling_;  // bytes of each token
  std::unordered_map<std::string, std::int32_t> ids_;
  std::array<std::int32_t, 256> byte_tokens_{};
  MergeTable merges_;
};

}  // namespace

std::unique_ptr<Tokeniser> gpt2_tokeniser(const fs::path& folder) {
  const std::string what = "GPT-2's byte-pair tables";
  if (folder.empty())
    return std::make_unique<Gpt2Tokeniser>(corpus_file("gpt2/encoder.json", what),
                                           corpus_file("gpt2/vocab.bpe", what));
  return std::make_unique<Gpt2Tokeniser>(folder / "encoder.json", folder / "vocab.bpe");
}

}  // namespace isobar::train

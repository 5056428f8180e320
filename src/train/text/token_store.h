// The tokens of a text in the least room: one, two or four bytes each, in memory while they are few
// and else in a file without a name; or left in the text's own file where a byte is a token.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "train/text/text_file.h"

namespace isobar::train {

/// The token that each byte is; below 0 where it is none.
using ByteTokens = std::array<std::int32_t, 256>;

/// A hash of tokens, FNV-1a over four bytes of each, low byte first, and then over their number.
class TokenHash {
 public:
  void add(std::span<const std::int32_t> tokens);
  [[nodiscard]] std::uint64_t value() const;

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325, count_ = 0;
};

class TokenStore {
 public:
  TokenStore() = default;
  /// In memory.
  explicit TokenStore(std::span<const std::int32_t> tokens);
  /// The bytes of a text as tokens, and the hash of those.
  TokenStore(std::shared_ptr<const TextFile> text, const ByteTokens& tokens, std::uint64_t hash);
  /// `count` tokens of 16 bits in a file, from `offset` on, and their hash.
  TokenStore(std::shared_ptr<const TextFile> file, std::uint64_t offset, std::uint64_t count,
             std::uint64_t hash);

  [[nodiscard]] std::uint64_t size() const { return count_; }
  [[nodiscard]] std::uint64_t hash() const { return hash_; }
  /// Tokens `first` and on, which must be there. Throws UserError if their file has changed or
  /// cannot be read.
  [[nodiscard]] std::vector<std::int32_t> read(std::uint64_t first, std::size_t count) const;

 private:
  friend class TokenWriter;
  void bytes_at(std::uint64_t first, std::span<std::byte> bytes) const;

  std::uint64_t count_ = 0, hash_ = TokenHash().value();
  unsigned width_ = 1;                    // bytes of a token
  std::vector<std::byte> memory_;         // either here
  std::shared_ptr<const int> file_;       // or in this descriptor
  std::shared_ptr<const TextFile> text_;  // or in this file, from here on
  std::uint64_t offset_ = 0;
  std::shared_ptr<const ByteTokens> byte_tokens_;  // if a byte of the file is a token
};

/// Takes tokens below `vocabulary` one after the other and makes a store of them.
class TokenWriter {
 public:
  /// Beyond `in_memory` bytes they go to a file in the system's folder for large temporary files.
  explicit TokenWriter(std::uint32_t vocabulary, std::size_t in_memory = std::size_t{64} << 20U);

  /// Throws UserError naming the folder that has no room for them.
  void append(std::span<const std::int32_t> tokens);
  [[nodiscard]] TokenStore finish() &&;

 private:
  void write_out();

  TokenStore store_;
  TokenHash hash_;
  std::size_t in_memory_;
  std::filesystem::path folder_;
};

}  // namespace isobar::train

#include "train/text/token_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace isobar::train {
namespace {

static_assert(std::endian::native == std::endian::little, "tokens are kept low byte first");

constexpr std::uint64_t kPrime = 0x100000001b3;  // FNV's
/// A byte of zero multiplies by the prime and does nothing else, so that a row of them is one step.
constexpr std::uint64_t kPrime3 = kPrime * kPrime * kPrime, kPrime4 = kPrime3 * kPrime;

std::uint64_t add_bytes(std::uint64_t hash, std::uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) hash = (hash ^ (value >> (8 * i) & 0xFFU)) * kPrime;
  return hash;
}

unsigned width_for(std::uint64_t vocabulary) {
  return vocabulary <= 0x100 ? 1 : vocabulary <= 0x1'0000 ? 2 : 4;
}

void pack(std::span<const std::int32_t> tokens, unsigned width, std::vector<std::byte>& bytes) {
  std::size_t at = bytes.size();
  bytes.resize(at + tokens.size() * width);
  for (const std::int32_t token : tokens) {
    std::memcpy(bytes.data() + at, &token, width);
    at += width;
  }
}

/// Where temporary files may be large: /tmp is often memory.
std::filesystem::path large_temporary_folder() {
  const char* chosen = std::getenv("TMPDIR");
  if (chosen != nullptr && *chosen != '\0') return chosen;
  return ::access("/var/tmp", W_OK) == 0 ? "/var/tmp" : "/tmp";
}

/// A file without a name: it is gone with its last descriptor, however this process ends.
std::shared_ptr<const int> unnamed_file(const std::filesystem::path& folder) {
  int descriptor = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0) {  // not every file system has those
    std::string name = (folder / "isobar-tokens-XXXXXX").string();
    descriptor = ::mkostemp(name.data(), O_CLOEXEC);
    if (descriptor >= 0) ::unlink(name.c_str());
  }
  if (descriptor < 0)
    fail("{}: the text's tokens cannot be kept there: {} (TMPDIR names another folder)",
         folder.string(), std::strerror(errno));
  return {new int(descriptor), [](const int* held) {
            ::close(*held);
            delete held;
          }};
}

}  // namespace

void TokenHash::add(std::span<const std::int32_t> tokens) {
  std::uint64_t hash = hash_;
  for (const std::int32_t token : tokens) {
    const auto value = static_cast<std::uint32_t>(token);
    if (value < 0x100)
      hash = (hash ^ value) * kPrime4;
    else if (value < 0x1'0000)
      hash = (((hash ^ (value & 0xFFU)) * kPrime) ^ value >> 8U) * kPrime3;
    else
      hash = add_bytes(hash, value, 4);
  }
  hash_ = hash;
  count_ += tokens.size();
}

std::uint64_t TokenHash::value() const { return add_bytes(hash_, count_, 8); }

TokenStore::TokenStore(std::span<const std::int32_t> tokens) : count_(tokens.size()) {
  std::uint32_t largest = 0;
  for (const std::int32_t token : tokens)
    largest = std::max(largest, static_cast<std::uint32_t>(token));
  width_ = width_for(std::uint64_t{largest} + 1);
  pack(tokens, width_, memory_);
  TokenHash hash;
  hash.add(tokens);
  hash_ = hash.value();
}

TokenStore::TokenStore(std::shared_ptr<const TextFile> text, const ByteTokens& tokens,
                       std::uint64_t hash)
    : count_(text->size()),
      hash_(hash),
      text_(std::move(text)),
      byte_tokens_(std::make_shared<ByteTokens>(tokens)) {}

TokenStore::TokenStore(std::shared_ptr<const TextFile> file, std::uint64_t offset,
                       std::uint64_t count, std::uint64_t hash)
    : count_(count), hash_(hash), width_(2), text_(std::move(file)), offset_(offset) {}

void TokenStore::bytes_at(std::uint64_t first, std::span<std::byte> bytes) const {
  if (text_ != nullptr) return text_->read(offset_ + first, bytes);
  if (file_ == nullptr) {
    std::ranges::copy(std::span(memory_).subspan(first, bytes.size()), bytes.begin());
    return;
  }
  while (!bytes.empty()) {
    const ssize_t got = ::pread(*file_, bytes.data(), bytes.size(), static_cast<off_t>(first));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      fail("the text's tokens cannot be read again from the temporary file: {}",
           got == 0 ? "it has become shorter" : std::strerror(errno));
    bytes = bytes.subspan(static_cast<std::size_t>(got));
    first += static_cast<std::uint64_t>(got);
  }
}

std::vector<std::int32_t> TokenStore::read(std::uint64_t first, std::size_t count) const {
  std::vector<std::byte> bytes(count * width_);
  bytes_at(first * width_, bytes);
  std::vector<std::int32_t> tokens(count, 0);
  if (byte_tokens_ != nullptr)
    std::ranges::transform(bytes, tokens.begin(), [&](std::byte byte) {
      return (*byte_tokens_)[std::to_integer<std::size_t>(byte)];
    });
  else
    for (std::size_t i = 0; i < count; ++i)
      std::memcpy(&tokens[i], bytes.data() + i * width_, width_);
  return tokens;
}

TokenWriter::TokenWriter(std::uint32_t vocabulary, std::size_t in_memory) : in_memory_(in_memory) {
  store_.width_ = width_for(vocabulary);
}

void TokenWriter::append(std::span<const std::int32_t> tokens) {
  hash_.add(tokens);
  store_.count_ += tokens.size();
  pack(tokens, store_.width_, store_.memory_);
  if (store_.memory_.size() > in_memory_) write_out();
}

/// To the end of the file, which begins with the first tokens that memory was not to hold.
void TokenWriter::write_out() {
  if (store_.file_ == nullptr) {
    folder_ = large_temporary_folder();
    store_.file_ = unnamed_file(folder_);
  }
  std::span<const std::byte> bytes = store_.memory_;
  while (!bytes.empty()) {
    const ssize_t written = ::write(*store_.file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0)
      fail("{}: has no room for the text's tokens, {} bytes each: {} (TMPDIR names another folder)",
           folder_.string(), store_.width_, std::strerror(errno));
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  store_.memory_.clear();
}

TokenStore TokenWriter::finish() && {
  if (store_.file_ != nullptr) {
    write_out();
    store_.memory_.shrink_to_fit();
  }
  store_.hash_ = hash_.value();
  return std::move(store_);
}

}  // namespace isobar::train

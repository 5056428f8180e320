#include "train/format/llmc_format.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>

#include "base/error.h"
#include "base/file/file.h"

namespace isobar::train {
namespace {

static_assert(std::endian::native == std::endian::little, "llm.c writes as the machine does");

constexpr std::int32_t kTokensMagic = 20240520, kTokensVersion = 1;
constexpr std::int32_t kLlamaTokensMagic = 20240801;
constexpr std::int32_t kCheckpointMagic = 20240326, kFloat32Version = 3, kBfloat16Version = 5;
constexpr std::uint32_t kVocabularyMultiple = 128;

using Header = std::array<std::int32_t, 256>;

Header header_of(std::span<const std::byte> file, const std::string& where) {
  Header header;
  if (file.size() < sizeof(header))
    fail("{}: {} bytes are too few for llm.c's header of {} (cut short?)", where, file.size(),
         sizeof(header));
  std::memcpy(header.data(), file.data(), sizeof(header));
  return header;
}

void append(std::vector<std::byte>& bytes, std::span<const std::byte> more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

/// Checks a token file's header, and its length against it.
LlmcTokens layout_of(const Header& header, std::uint64_t size, const std::string& where) {
  if (header[0] == kLlamaTokensMagic)
    fail("{}: it holds Llama 3's tokens, but only GPT-2's are read", where);
  if (header[0] != kTokensMagic)
    fail("{}: it starts with {}, but llm.c's token files with {}", where, header[0], kTokensMagic);
  if (header[1] != kTokensVersion)
    fail("{}: it is of version {}, but only {} is read", where, header[1], kTokensVersion);
  const std::uint64_t data = size - sizeof(Header);
  if (header[2] < 0 || data != 2 * static_cast<std::uint64_t>(header[2]))
    fail("{}: its header speaks of {} tokens, but {} bytes of them follow (cut short?)", where,
         header[2], data);
  return {sizeof(Header), static_cast<std::uint64_t>(header[2])};
}

}  // namespace

std::vector<std::int32_t> parse_llmc_tokens(std::span<const std::byte> file,
                                            const std::string& where) {
  const LlmcTokens layout = layout_of(header_of(file, where), file.size(), where);
  const auto data = file.subspan(layout.offset);
  std::vector<std::int32_t> tokens(layout.count);
  for (std::size_t i = 0; i < tokens.size(); ++i)
    tokens[i] = static_cast<std::int32_t>(std::to_integer<std::uint32_t>(data[2 * i]) |
                                          std::to_integer<std::uint32_t>(data[2 * i + 1]) << 8U);
  return tokens;
}

LlmcTokens llmc_tokens_in(const TextFile& file) {
  std::vector<std::byte> start(std::min<std::uint64_t>(file.size(), sizeof(Header)));
  file.read(0, start);
  const std::string where = file.path().string();
  return layout_of(header_of(start, where), file.size(), where);
}

std::vector<std::int32_t> read_llmc_tokens(const std::filesystem::path& path) {
  return parse_llmc_tokens(read_file(path), path.string());
}

void write_llmc_tokens(const std::filesystem::path& path, std::span<const std::int32_t> tokens) {
  if (tokens.size() > std::numeric_limits<std::int32_t>::max())
    fail("{}: {} tokens are more than a token file can count (2^31 - 1)", path.string(),
         tokens.size());
  std::vector<std::uint16_t> narrow(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] < 0 || tokens[i] > 0xFFFF)
      fail("{}: token number {} is {}, which does not fit the format's 16 bits", path.string(), i,
           tokens[i]);
    narrow[i] = static_cast<std::uint16_t>(tokens[i]);
  }
  Header header{};
  header[0] = kTokensMagic;
  header[1] = kTokensVersion;
  header[2] = static_cast<std::int32_t>(tokens.size());
  std::vector<std::byte> bytes;
  append(bytes, std::as_bytes(std::span(header)));
  append(bytes, std::as_bytes(std::span(narrow)));
  write_file_atomically(path, bytes);
}

bool is_llmc_tokens(const TextFile& file) {
  std::int32_t magic = 0;
  if (file.size() < sizeof(magic)) return false;
  file.read(0, std::as_writable_bytes(std::span(&magic, 1)));
  return magic == kTokensMagic || magic == kLlamaTokensMagic;
}

namespace {

/// The tensors in the order of the file, each with its parameter's name: all layers' of one kind
/// follow each other (train_gpt2.py, write_tensors).
std::vector<model::ParameterInfo> in_file_order(const model::GptShape& shape) {
  static constexpr std::array kKinds{"ln_1.weight",      "ln_1.bias",          "attn.c_attn.weight",
                                     "attn.c_attn.bias", "attn.c_proj.weight", "attn.c_proj.bias",
                                     "ln_2.weight",      "ln_2.bias",          "mlp.c_fc.weight",
                                     "mlp.c_fc.bias",    "mlp.c_proj.weight",  "mlp.c_proj.bias"};
  std::map<std::string, model::ParameterInfo> by_name;
  for (model::ParameterInfo& info : model::parameters(shape)) by_name[info.name] = info;
  std::vector<model::ParameterInfo> order{by_name.at("wte.weight"), by_name.at("wpe.weight")};
  for (const char* kind : kKinds)
    for (std::uint32_t layer = 0; layer < shape.layers; ++layer)
      order.push_back(by_name.at(fmt::format("h.{}.{}", layer, kind)));
  order.push_back(by_name.at("ln_f.weight"));
  order.push_back(by_name.at("ln_f.bias"));
  return order;
}

struct FileShape {
  model::GptShape model;
  std::uint32_t padded_vocabulary;
};

/// The elements a file of this shape holds, in double so that no header overflows it: below 2^53,
/// where it matters, it is exact.
double elements_of(const FileShape& s) {
  const double layers = s.model.layers, width = s.model.width, context = s.model.context;
  const double per_layer = 12 * width * width + 13 * width;  // 4 matrices; 9 C biases, 4 C of norms
  return (s.padded_vocabulary + context) * width + layers * per_layer + 2 * width;
}

FileShape shape_of(const Header& header, const std::string& where) {
  static constexpr std::array kNames{"context", "vocabulary", "layers",
                                     "heads",   "width",      "padded vocabulary"};
  std::array<std::uint32_t, 6> values{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (header[2 + i] <= 0)
      fail("{}: its header gives {} as the {}, which must be positive", where, header[2 + i],
           kNames[i]);
    values[i] = static_cast<std::uint32_t>(header[2 + i]);
  }
  FileShape shape;
  shape.model.context = values[0];
  shape.model.vocabulary = values[1];
  shape.model.layers = values[2];
  shape.model.heads = values[3];
  shape.model.width = values[4];
  shape.model.bias = true;
  shape.model.gelu = model::Gelu::kTanh;
  shape.padded_vocabulary = values[5];
  if (shape.padded_vocabulary < shape.model.vocabulary)
    fail("{}: its vocabulary of {} is padded to {}, which is less", where, shape.model.vocabulary,
         shape.padded_vocabulary);
  return shape;
}

float number_at(std::span<const std::byte> data, std::size_t index, bool is_float32) {
  std::uint32_t bits = 0;
  if (is_float32) {
    std::memcpy(&bits, data.data() + 4 * index, 4);
  } else {
    std::uint16_t half = 0;  // bfloat16 is the upper half of a float32
    std::memcpy(&half, data.data() + 2 * index, 2);
    bits = std::uint32_t{half} << 16U;
  }
  return std::bit_cast<float>(bits);
}

}  // namespace

LlmcCheckpoint parse_llmc_checkpoint(std::span<const std::byte> file, const std::string& where) {
  const Header header = header_of(file, where);
  if (header[0] != kCheckpointMagic)
    fail("{}: it starts with {}, but llm.c's checkpoints with {}", where, header[0],
         kCheckpointMagic);
  const bool is_float32 = header[1] == kFloat32Version;
  if (!is_float32 && header[1] != kBfloat16Version)
    fail("{}: it is of version {}, but only 3 (float32) and 5 (bfloat16) are read", where,
         header[1]);
  const FileShape shape = shape_of(header, where);
  const auto data = file.subspan(sizeof(Header));
  // Before anything is made from the header's numbers, the file must be as long as they say.
  const double bytes = elements_of(shape) * (is_float32 ? 4 : 2);
  if (bytes != static_cast<double>(data.size()))
    fail("{}: its header's shape needs {:.0f} bytes, but {} follow (cut short?)", where, bytes,
         data.size());
  model::check(shape.model, where);

  LlmcCheckpoint checkpoint{shape.model, {}};
  std::size_t next = 0;
  for (const model::ParameterInfo& info : in_file_order(shape.model)) {
    std::vector<float>& values = checkpoint.weights[info.name];
    values.resize(info.elements());
    for (float& value : values) value = number_at(data, next++, is_float32);
    if (info.name == "wte.weight")
      next += std::size_t{shape.padded_vocabulary - shape.model.vocabulary} * shape.model.width;
  }
  return checkpoint;
}

LlmcCheckpoint read_llmc_checkpoint(const std::filesystem::path& path) {
  return parse_llmc_checkpoint(read_file(path), path.string());
}

void write_llmc_checkpoint(const std::filesystem::path& path, const LlmcCheckpoint& checkpoint) {
  const model::GptShape& shape = checkpoint.shape;
  const std::string where = path.string();
  if (!shape.bias || !shape.tied_embeddings || shape.gelu != model::Gelu::kTanh)
    fail(
        "{}: llm.c's format holds models with bias, tied embeddings and the tanh GELU only (write "
        "safetensors instead)",
        where);
  model::check(shape, where);
  if (shape.vocabulary == 0) fail("{}: the model has no vocabulary yet (0 tokens)", where);
  const std::uint32_t padded =
      (shape.vocabulary + kVocabularyMultiple - 1) / kVocabularyMultiple * kVocabularyMultiple;
  Header header{kCheckpointMagic, kFloat32Version};
  const std::array numbers{shape.context, shape.vocabulary, shape.layers,
                           shape.heads,   shape.width,      padded};
  for (std::size_t i = 0; i < numbers.size(); ++i)
    header[2 + i] = static_cast<std::int32_t>(numbers[i]);

  std::vector<std::byte> bytes;
  append(bytes, std::as_bytes(std::span(header)));
  for (const model::ParameterInfo& info : in_file_order(shape)) {
    const auto found = checkpoint.weights.find(info.name);
    if (found == checkpoint.weights.end() || found->second.size() != info.elements())
      fail("{}: the parameter \"{}\" is missing, or has not {} elements", where, info.name,
           info.elements());
    append(bytes, std::as_bytes(std::span(found->second)));
    if (info.name == "wte.weight")
      bytes.resize(bytes.size() + sizeof(float) * (padded - shape.vocabulary) * shape.width);
  }
  write_file_atomically(path, bytes);
}

}  // namespace isobar::train

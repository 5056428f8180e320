#include "train/format/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "base/file/file.h"

namespace isobar::train {
namespace {

using nlohmann::json;
static_assert(std::endian::native == std::endian::little, "tensors are kept as the file has them");

constexpr std::uint64_t kLongestHeader = 100'000'000;  // as the reference implementation has it
constexpr std::string_view kMetadata = "__metadata__";

struct Dtype {
  std::string_view name;
  std::uint64_t bits;
};
// All that the reference implementation has: huggingface/safetensors at 24b0b2857fef (May 2026),
// safetensors/src/tensor.rs, Dtype::bitsize.
constexpr std::array<Dtype, 22> kDtypes{
    {{"F64", 64},        {"I64", 64},    {"U64", 64},    {"C64", 64},    {"F32", 32},
     {"I32", 32},        {"U32", 32},    {"F16", 16},    {"BF16", 16},   {"I16", 16},
     {"U16", 16},        {"F8_E4M3", 8}, {"F8_E5M2", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8},
     {"F8_E5M2FNUZ", 8}, {"I8", 8},      {"U8", 8},      {"BOOL", 8},    {"F6_E2M3", 6},
     {"F6_E3M2", 6},     {"F4", 4}}};

/// Of an element; 0 for a dtype that is not known.
std::uint64_t bits_of(std::string_view dtype) {
  const auto* found = std::ranges::find(kDtypes, dtype, &Dtype::name);
  return found == kDtypes.end() ? 0 : found->bits;
}

/// Bits of a tensor; nothing if they do not fit 64 bits.
std::optional<std::uint64_t> bits_of(std::uint64_t element, std::span<const std::uint64_t> shape) {
  if (std::ranges::find(shape, 0U) != shape.end()) return 0;
  std::uint64_t bits = element;
  for (const std::uint64_t extent : shape) {
    if (extent > std::numeric_limits<std::uint64_t>::max() / bits) return std::nullopt;
    bits *= extent;
  }
  return bits;
}

/// What JSON's readers let pass, and the format does not: anything but spaces behind the object,
/// and the zero byte, which some take for the end of the text.
void check_padding(std::string_view text, const std::string& where) {
  if (text.find('\0') != std::string_view::npos)
    fail("{}: its header holds a zero byte (only spaces may fill it up)", where);
  const std::size_t end = text.find_last_of('}');
  const std::size_t other = text.find_first_not_of(' ', end + 1);
  if (end != std::string_view::npos && other != std::string_view::npos)
    fail("{}: its header is filled up with the byte 0x{:02x} (only spaces may follow its \"}}\")",
         where, static_cast<unsigned>(static_cast<unsigned char>(text[other])));
}

/// The header as JSON. nlohmann-json keeps the last of two equal names, so names are watched as
/// they are read.
json parse_header(std::string_view text, const std::string& where) {
  std::set<std::string> names, members;
  std::string twice;
  bool too_deep = false;
  const json::parser_callback_t watch = [&](int depth, json::parse_event_t event, json& value) {
    if (depth > 3) too_deep = true;
    if (event == json::parse_event_t::object_start && depth == 1) members.clear();
    if (event == json::parse_event_t::key) {
      const auto& name = value.get_ref<const std::string&>();
      if (!(depth == 1 ? names : members).insert(name).second) twice = name;
    }
    return !too_deep;
  };
  const json header = json::parse(text.begin(), text.end(), watch, false);
  if (too_deep) fail("{}: its header is nested deeper than the format allows", where);
  if (!header.is_object()) fail("{}: its header is not a JSON object", where);
  if (!twice.empty()) fail("{}: its header has \"{}\" twice", where, twice);
  return header;
}

struct Entry {
  std::string name;
  std::uint64_t begin, end;
  StoredTensor tensor;  // its bytes still to come
};

std::vector<std::uint64_t> numbers(const json& tensor, const char* member,
                                   const std::string& what) {
  const auto found = tensor.find(member);
  const bool good =
      found != tensor.end() && found->is_array() &&
      std::ranges::all_of(*found, [](const json& n) { return n.is_number_unsigned(); });
  if (!good) fail("{}: its \"{}\" is not a list of natural numbers", what, member);
  return found->get<std::vector<std::uint64_t>>();
}

Entry parse_entry(const std::string& name, const json& value, std::uint64_t data_size,
                  const std::string& where) {
  const std::string what = fmt::format("{}: tensor \"{}\"", where, name);
  if (!value.is_object()) fail("{}: it is described by something else than a JSON object", what);
  const auto dtype = value.find("dtype");
  if (dtype == value.end() || !dtype->is_string()) fail("{}: its \"dtype\" is not a text", what);
  Entry entry{name, 0, 0, {dtype->get<std::string>(), numbers(value, "shape", what), {}}};
  const std::uint64_t element = bits_of(entry.tensor.dtype);
  if (element == 0) {
    std::string names;
    for (const Dtype& known : kDtypes)
      names += fmt::format("{}{}", names.empty() ? "" : ", ", known.name);
    fail("{}: its dtype \"{}\" is not known (there are {})", what, entry.tensor.dtype, names);
  }
  const std::vector<std::uint64_t> offsets = numbers(value, "data_offsets", what);
  if (offsets.size() != 2 || offsets[0] > offsets[1])
    fail("{}: its \"data_offsets\" are not a begin and an end after it", what);
  entry.begin = offsets[0];
  entry.end = offsets[1];
  if (entry.end > data_size)
    fail("{}: its data end at byte {}, but there are {} (the file is cut short?)", what, entry.end,
         data_size);
  const std::optional<std::uint64_t> bits = bits_of(element, entry.tensor.shape);
  if (!bits) fail("{}: its shape is larger than any memory", what);
  if (*bits % 8 != 0)
    fail("{}: its {} bits of {} do not fill whole bytes", what, *bits, entry.tensor.dtype);
  if (*bits / 8 != entry.end - entry.begin)
    fail("{}: its shape needs {} bytes, but its data_offsets hold {}", what, *bits / 8,
         entry.end - entry.begin);
  return entry;
}

std::map<std::string, std::string> parse_metadata(const json& value, const std::string& where) {
  if (value.is_null()) return {};  // as the reference implementation has it
  const bool good =
      value.is_object() && std::ranges::all_of(value, [](const json& v) { return v.is_string(); });
  if (!good) fail("{}: its {} is not an object of texts", where, kMetadata);
  return value.get<std::map<std::string, std::string>>();
}

/// Every byte of the data must belong to exactly one tensor.
void check_cover(std::vector<Entry>& entries, std::uint64_t data_size, const std::string& where) {
  std::ranges::sort(entries, {}, [](const Entry& e) { return std::tie(e.begin, e.end); });
  std::uint64_t reached = 0;
  for (const Entry& entry : entries) {
    if (entry.begin < reached)
      fail("{}: tensor \"{}\" begins at byte {}, within the one before it, which ends at {}", where,
           entry.name, entry.begin, reached);
    if (entry.begin > reached)
      fail("{}: the bytes {} to {} before tensor \"{}\" belong to none", where, reached,
           entry.begin, entry.name);
    reached = entry.end;
  }
  if (reached != data_size)
    fail("{}: {} bytes follow the last tensor's", where, data_size - reached);
}

}  // namespace

std::vector<float> StoredTensor::floats(const std::string& where) const {
  if (dtype != "F32") fail("{}: its dtype is {}, but F32 is needed here", where, dtype);
  std::vector<float> values(bytes.size() / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

StoredTensor StoredTensor::from_floats(std::vector<std::uint64_t> shape,
                                       std::span<const float> values) {
  const auto bytes = std::as_bytes(values);
  return {"F32", std::move(shape), {bytes.begin(), bytes.end()}};
}

SafetensorsFile parse_safetensors(std::span<const std::byte> file, const std::string& where) {
  std::uint64_t length = 0;
  if (file.size() < sizeof(length))
    fail("{}: {} bytes are too few for a safetensors file (is it half-written?)", where,
         file.size());
  std::memcpy(&length, file.data(), sizeof(length));
  if (length > kLongestHeader)
    fail("{}: its header would be {} bytes long, but at most {} are allowed (not safetensors?)",
         where, length, kLongestHeader);
  if (length > file.size() - sizeof(length))
    fail("{}: its header should be {} bytes long, but the file ends after {} (cut short?)", where,
         length, file.size() - sizeof(length));
  const auto data = file.subspan(sizeof(length) + length);
  const std::string_view text(reinterpret_cast<const char*>(file.data()) + sizeof(length), length);
  if (!text.starts_with('{')) fail("{}: its header does not start with \"{{\"", where);

  SafetensorsFile result;
  std::vector<Entry> entries;
  const json header = parse_header(text, where);
  check_padding(text, where);
  for (const auto& [name, value] : header.items()) {
    if (name == kMetadata)
      result.metadata = parse_metadata(value, where);
    else
      entries.push_back(parse_entry(name, value, data.size(), where));
  }
  check_cover(entries, data.size(), where);
  for (Entry& entry : entries) {
    const auto bytes = data.subspan(entry.begin, entry.end - entry.begin);
    entry.tensor.bytes.assign(bytes.begin(), bytes.end());
    result.tensors.emplace(std::move(entry.name), std::move(entry.tensor));
  }
  return result;
}

SafetensorsFile read_safetensors(const std::filesystem::path& path) {
  return parse_safetensors(read_file(path), path.string());
}

std::vector<std::byte> serialise(const SafetensorsFile& file) {
  // Wide elements first, as the reference implementation has them: all tensors are then aligned.
  std::vector<std::pair<const std::string*, const StoredTensor*>> order;
  order.reserve(file.tensors.size());
  for (const auto& [name, tensor] : file.tensors) order.emplace_back(&name, &tensor);
  std::ranges::sort(order, [](const auto& a, const auto& b) {
    const std::uint64_t first = bits_of(a.second->dtype), second = bits_of(b.second->dtype);
    return first != second ? first > second : *a.first < *b.first;
  });
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!file.metadata.empty()) header[std::string(kMetadata)] = file.metadata;
  std::uint64_t end = 0;
  for (const auto& [name, tensor] : order) {
    const std::uint64_t element = bits_of(tensor->dtype);
    if (element == 0 || bits_of(element, tensor->shape) != 8 * tensor->bytes.size())
      fail("tensor \"{}\": its {} bytes are not what its dtype {} and its shape need", *name,
           tensor->bytes.size(), tensor->dtype);
    if (*name == kMetadata) fail("a tensor cannot be called \"{}\"", kMetadata);
    const std::uint64_t begin = std::exchange(end, end + tensor->bytes.size());
    header[*name] = {
        {"dtype", tensor->dtype}, {"shape", tensor->shape}, {"data_offsets", {begin, end}}};
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::exception& error) {
    fail("a tensor's name or the metadata cannot be written: {}", error.what());
  }
  text.append((8 - text.size() % 8) % 8, ' ');
  if (text.size() > kLongestHeader)
    fail("the header would be {} bytes long, but at most {} are allowed", text.size(),
         kLongestHeader);

  const std::uint64_t length = text.size();
  std::vector<std::byte> bytes;
  bytes.reserve(sizeof(length) + length + end);
  const auto append = [&](std::span<const std::byte> more) {
    bytes.insert(bytes.end(), more.begin(), more.end());
  };
  append(std::as_bytes(std::span(&length, 1)));
  append(std::as_bytes(std::span(text)));
  for (const auto& [name, tensor] : order) append(tensor->bytes);
  return bytes;
}

void write_safetensors(const std::filesystem::path& path, const SafetensorsFile& file) {
  write_file_atomically(path, serialise(file));
}

}  // namespace isobar::train

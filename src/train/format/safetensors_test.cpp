#include "train/format/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <map>

#include "base/error.h"
#include "base/file/file.h"
#include "train/testing/test_folder.h"

namespace isobar::train {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A file with this header and so many bytes of data: 0, 1, 2, ...
std::vector<std::byte> file_of(const std::string& header, std::size_t data_size) {
  const std::uint64_t length = header.size();
  std::vector<std::byte> bytes(8 + header.size() + data_size);
  std::memcpy(bytes.data(), &length, 8);
  std::memcpy(bytes.data() + 8, header.data(), header.size());
  for (std::size_t i = 0; i < data_size; ++i)
    bytes[8 + header.size() + i] = static_cast<std::byte>(i);
  return bytes;
}

std::string error_in(const std::string& header, std::size_t data_size) {
  return error_of([&] { (void)parse_safetensors(file_of(header, data_size), "FILE"); });
}

TEST(Safetensors, ReadsTheExampleOfTheFormat) {
  // Spaces after the header, metadata, a scalar, an empty tensor, and members in another order.
  const SafetensorsFile file = parse_safetensors(
      file_of(R"({"__metadata__":{"format":"pt"},"b":{"shape":[2,3],"dtype":"BF16",)"
              R"("data_offsets":[4,16]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},)"
              R"("none":{"dtype":"I64","shape":[7,0],"data_offsets":[4,4]}}   )",
              16),
      "FILE");
  EXPECT_EQ(file.metadata.at("format"), "pt");
  ASSERT_EQ(file.tensors.size(), 3U);
  EXPECT_EQ(file.tensors.at("b").dtype, "BF16");
  EXPECT_THAT(file.tensors.at("b").shape, ElementsAre(2, 3));
  EXPECT_EQ(file.tensors.at("b").bytes.front(), std::byte{4});
  EXPECT_EQ(file.tensors.at("b").bytes.back(), std::byte{15});
  EXPECT_TRUE(file.tensors.at("a").shape.empty());
  EXPECT_TRUE(file.tensors.at("none").bytes.empty());
  EXPECT_TRUE(parse_safetensors(file_of("{}", 0), "FILE").tensors.empty());
}

TEST(Safetensors, ComesBackBitForBit) {
  SafetensorsFile file;
  const std::vector<float> values{1.5F,
                                  -0.0F,
                                  std::numeric_limits<float>::denorm_min(),
                                  std::numeric_limits<float>::infinity(),
                                  std::numeric_limits<float>::quiet_NaN(),
                                  3.0F};
  file.tensors["weights"] = StoredTensor::from_floats({2, 3}, values);
  file.tensors["bytes"] = {"U8", {3}, {std::byte{1}, std::byte{2}, std::byte{3}}};
  file.tensors["wide"] = {"I64", {1}, std::vector<std::byte>(8, std::byte{9})};
  file.tensors["empty"] = StoredTensor::from_floats({0}, {});
  file.metadata = {{"step", "100"}, {"text", "quote \" newline \n \u00e9"}};
  const std::vector<std::byte> bytes = serialise(file);
  EXPECT_EQ(serialise(file), bytes);
  const SafetensorsFile back = parse_safetensors(bytes, "FILE");
  EXPECT_EQ(back.metadata, file.metadata);
  ASSERT_EQ(back.tensors.size(), file.tensors.size());
  for (const auto& [name, tensor] : file.tensors) {
    EXPECT_EQ(back.tensors.at(name).dtype, tensor.dtype);
    EXPECT_EQ(back.tensors.at(name).shape, tensor.shape);
    EXPECT_EQ(back.tensors.at(name).bytes, tensor.bytes);
  }
  const std::vector<float> floats = back.tensors.at("weights").floats("FILE");
  EXPECT_EQ(std::memcmp(floats.data(), values.data(), sizeof(float) * values.size()), 0);
}

TEST(Safetensors, WritesAlignedTensorsAsTheReferenceDoes) {
  SafetensorsFile file;
  file.tensors["a"] = {"U8", {1}, {std::byte{1}}};
  file.tensors["b"] = {"F64", {1}, std::vector<std::byte>(8)};
  file.tensors["c"] = StoredTensor::from_floats({1}, std::vector<float>{1});
  const std::vector<std::byte> bytes = serialise(file);
  const std::string header = R"({"b":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},)"
                             R"("c":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},)"
                             R"("a":{"dtype":"U8","shape":[1],"data_offsets":[12,13]}})";
  const std::size_t padded = (header.size() + 7) / 8 * 8;
  ASSERT_EQ(bytes.size(), 8 + padded + 13);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(bytes.data()) + 8, header.size()), header);
}

TEST(Safetensors, RefusesAFileCutShortAnywhere) {
  SafetensorsFile file;
  file.tensors["w"] = StoredTensor::from_floats({4}, std::vector<float>{1, 2, 3, 4});
  file.metadata["k"] = "v";
  const std::vector<std::byte> bytes = serialise(file);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_THAT(error_of([&] { (void)parse_safetensors(std::span(bytes).first(size), "FILE"); }),
                testing::StartsWith("FILE: "))
        << size;
  std::vector<std::byte> longer = bytes;
  longer.push_back(std::byte{0});
  EXPECT_THAT(error_of([&] { (void)parse_safetensors(longer, "FILE"); }),
              HasSubstr("1 bytes follow the last tensor's"));
}

TEST(Safetensors, RefusesHeadersThatAreNotThose) {
  std::vector<std::byte> huge(16, std::byte{0xFF});
  EXPECT_THAT(error_of([&] { (void)parse_safetensors(huge, "FILE"); }),
              HasSubstr("at most 100000000 are allowed"));
  EXPECT_THAT(error_in("", 0), HasSubstr("does not start with"));
  EXPECT_THAT(error_in(" {}", 0), HasSubstr("does not start with"));
  EXPECT_THAT(error_in("[]", 0), HasSubstr("does not start with"));
  EXPECT_THAT(error_in("{", 0), HasSubstr("not a JSON object"));
  EXPECT_THAT(error_in("{}x", 0), HasSubstr("not a JSON object"));
  EXPECT_THAT(error_in("{\"\xff\":1}", 0), HasSubstr("not a JSON object"));
  EXPECT_THAT(error_in("{\"a\":" + std::string(100000, '['), 0), HasSubstr("deeper"));
  const std::string a = R"("a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]})";
  EXPECT_THAT(error_in("{" + a + "," + a + "}", 1), HasSubstr("has \"a\" twice"));
  EXPECT_THAT(error_in(R"({"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1),
              HasSubstr("has \"dtype\" twice"));
  EXPECT_THAT(error_in(R"({"__metadata__":{"k":1}})", 0), HasSubstr("not an object of texts"));
  EXPECT_THAT(error_in(R"({"__metadata__":"k"})", 0), HasSubstr("not an object of texts"));
  EXPECT_THAT(error_in(R"({"__metadata__":{"k":"a","\u006b":"b"}})", 0), HasSubstr("\"k\" twice"));
  EXPECT_EQ(error_in(R"({"__metadata__":null})", 0), "no error");
}

TEST(Safetensors, IsFilledUpWithSpacesAlone) {
  EXPECT_EQ(error_in("{}" + std::string(70, ' '), 0), "no error");
  for (const char* byte : {"\n", "\t", "\r"}) {
    EXPECT_THAT(error_in("{}" + std::string(byte), 0), HasSubstr("only spaces may follow"));
    EXPECT_THAT(error_in("{}  " + std::string(byte) + " ", 0), HasSubstr("only spaces may follow"));
    // Between the header's own words they are JSON.
    EXPECT_EQ(error_in("{" + std::string(byte) + "} ", 0), "no error");
  }
  // JSON's readers may take a zero byte for the end, and hide what follows.
  const std::string zero(1, '\0');
  EXPECT_THAT(error_in("{}" + zero, 0), HasSubstr("zero byte"));
  EXPECT_THAT(error_in("{}" + zero + zero + "{}", 0), HasSubstr("zero byte"));
  EXPECT_THAT(error_in("{} " + zero + " }", 0), HasSubstr("zero byte"));
}

TEST(Safetensors, KnowsEveryDtypeOfTheReferenceWithItsSize) {
  // Bits of eight elements: huggingface/safetensors, safetensors/src/tensor.rs (Dtype::bitsize).
  const std::map<std::string, std::size_t> sizes{
      {"BOOL", 8},        {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"U8", 8},
      {"I8", 8},          {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8},
      {"F8_E5M2FNUZ", 8}, {"I16", 16},    {"U16", 16},    {"F16", 16},    {"BF16", 16},
      {"I32", 32},        {"U32", 32},    {"F32", 32},    {"C64", 64},    {"F64", 64},
      {"I64", 64},        {"U64", 64}};
  EXPECT_EQ(sizes.size(), 22U);
  for (const auto& [dtype, bytes] : sizes) {
    const auto header = [&](std::size_t elements, std::size_t end) {
      return fmt::format(R"({{"w":{{"dtype":"{}","shape":[{}],"data_offsets":[0,{}]}}}})", dtype,
                         elements, end);
    };
    EXPECT_EQ(error_in(header(8, bytes), bytes), "no error") << dtype;
    EXPECT_THAT(error_in(header(8, bytes + 1), bytes + 1), HasSubstr("shape needs")) << dtype;
    const SafetensorsFile file = parse_safetensors(file_of(header(16, 2 * bytes), 2 * bytes), "x");
    const SafetensorsFile again = parse_safetensors(serialise(file), "again");
    EXPECT_EQ(again.tensors.at("w").bytes, file.tensors.at("w").bytes) << dtype;
    if (bytes < 8)
      EXPECT_THAT(error_in(header(3, 2), 2), HasSubstr("do not fill whole bytes")) << dtype;
  }
}

TEST(Safetensors, RefusesTensorsThatDoNotFitTheirDescription) {
  const auto error = [](const std::string& tensor, std::size_t size) {
    return error_in("{\"w\":" + tensor + "}", size);
  };
  EXPECT_THAT(error("7", 0), HasSubstr("FILE: tensor \"w\": it is described by something else"));
  EXPECT_THAT(error(R"({"shape":[1],"data_offsets":[0,1]})", 1), HasSubstr("\"dtype\" is not"));
  EXPECT_THAT(error(R"({"dtype":"X9","shape":[1],"data_offsets":[0,1]})", 1),
              HasSubstr("dtype \"X9\" is not known"));
  EXPECT_THAT(error(R"({"dtype":"","shape":[1],"data_offsets":[0,1]})", 1),
              HasSubstr("dtype \"\" is not known"));
  EXPECT_THAT(error(R"({"dtype":"U8","data_offsets":[0,1]})", 1), HasSubstr("\"shape\" is not"));
  EXPECT_THAT(error(R"({"dtype":"U8","shape":[-1],"data_offsets":[0,1]})", 1),
              HasSubstr("\"shape\" is not a list of natural numbers"));
  EXPECT_THAT(error(R"({"dtype":"U8","shape":[1.0],"data_offsets":[0,1]})", 1),
              HasSubstr("\"shape\" is not"));
  EXPECT_THAT(error(R"({"dtype":"U8","shape":[1]})", 1), HasSubstr("\"data_offsets\" is not"));
  EXPECT_THAT(error(R"({"dtype":"U8","shape":[1],"data_offsets":[0]})", 1),
              HasSubstr("not a begin and an end"));
  EXPECT_THAT(error(R"({"dtype":"U8","shape":[1],"data_offsets":[1,0]})", 1),
              HasSubstr("not a begin and an end"));
  EXPECT_THAT(error(R"({"dtype":"U8","shape":[2],"data_offsets":[0,2]})", 1),
              HasSubstr("end at byte 2, but there are 1"));
  EXPECT_THAT(error(R"({"dtype":"F32","shape":[2],"data_offsets":[0,4]})", 4),
              HasSubstr("needs 8 bytes, but its data_offsets hold 4"));
  // 2^32 * 2^32 wraps to 0.
  EXPECT_THAT(error(R"({"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]})", 0),
              HasSubstr("larger than any memory"));
  EXPECT_THAT(error(R"({"dtype":"U8","shape":[18446744073709551616],"data_offsets":[0,0]})", 0),
              HasSubstr("\"shape\" is not"));
}

TEST(Safetensors, RefusesOverlapsAndGaps) {
  const auto two = [](const std::string& first, const std::string& second, std::size_t size) {
    return error_in(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":)" + first +
                        R"(},"b":{"dtype":"U8","shape":[2],"data_offsets":)" + second + "}}",
                    size);
  };
  EXPECT_EQ(two("[2,4]", "[0,2]", 4), "no error");
  EXPECT_THAT(two("[0,2]", "[1,3]", 3), HasSubstr("\"b\" begins at byte 1, within the one before"));
  EXPECT_THAT(two("[0,2]", "[0,2]", 2), HasSubstr("within the one before"));
  EXPECT_THAT(two("[0,2]", "[3,5]", 5), HasSubstr("the bytes 2 to 3 before tensor \"b\""));
  EXPECT_THAT(two("[1,3]", "[3,5]", 5), HasSubstr("the bytes 0 to 1 before tensor \"a\""));
}

TEST(Safetensors, RefusesToWriteWhatCouldNotBeRead) {
  const auto error = [](const std::string& name, StoredTensor tensor) {
    SafetensorsFile file;
    file.tensors[name] = std::move(tensor);
    return error_of([&] { (void)serialise(file); });
  };
  const std::vector<float> two{1, 2};
  EXPECT_THAT(error("w", StoredTensor::from_floats({3}, two)), HasSubstr("tensor \"w\": its 8"));
  EXPECT_THAT(error("w", {"X", {1}, std::vector<std::byte>(1)}), HasSubstr("its dtype X"));
  EXPECT_THAT(error("__metadata__", StoredTensor::from_floats({2}, two)), HasSubstr("be called"));
  EXPECT_THAT(error("\xff", StoredTensor::from_floats({2}, two)), HasSubstr("cannot be written"));
  EXPECT_THAT(error_of([] { (void)StoredTensor{"F16", {0}, {}}.floats("RUN: w"); }),
              HasSubstr("RUN: w: its dtype is F16, but F32 is needed"));
}

TEST(Safetensors, WritesFilesWholeOrNotAtAll) {
  const TestFolder folder;
  SafetensorsFile file;
  file.tensors["w"] = StoredTensor::from_floats({1}, std::vector<float>{7});
  write_safetensors(folder / "a", file);
  EXPECT_THAT(read_safetensors(folder / "a").tensors.at("w").floats("a"), ElementsAre(7.0F));
  EXPECT_THAT(error_of([&] { write_safetensors(folder / "no" / "b", file); }),
              HasSubstr("cannot be written"));
  EXPECT_THAT(error_of([&] { (void)read_safetensors(folder / "c"); }), HasSubstr("cannot be read"));
  write_text_atomically(folder / "a", "half");
  EXPECT_THAT(error_of([&] { (void)read_safetensors(folder / "a"); }),
              HasSubstr("a: 4 bytes are too few for a safetensors file"));
}

}  // namespace
}  // namespace isobar::train

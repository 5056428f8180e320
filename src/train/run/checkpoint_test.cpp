// Checkpoints: what comes back, and what damage says.
#include "train/run/checkpoint.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>

#include "base/file/file.h"
#include "train/initial_weights.h"
#include "train/testing/made_up_run.h"

namespace isobar::train {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(Checkpoint, ComesBackAsItWas) {
  const TestFolder folder;
  const Checkpoint before = made_up(12);
  write_checkpoint(folder / "c.safetensors", before);
  const Checkpoint after = read_checkpoint(folder / "c.safetensors");
  EXPECT_EQ(after.model, before.model);
  EXPECT_TRUE(after.shape == before.shape);
  EXPECT_EQ(after.step, before.step);
  EXPECT_EQ(after.data_position, before.data_position);
  EXPECT_EQ(after.seed, before.seed);
  EXPECT_EQ(after.batch, before.batch);
  EXPECT_EQ(after.data_fingerprint, before.data_fingerprint);
  EXPECT_EQ(after.tokeniser, before.tokeniser);
  EXPECT_EQ(after.train_loss, before.train_loss);
  EXPECT_EQ(to_json(after.totals), to_json(before.totals));
  EXPECT_EQ(after.totals.device.counters.front().launches, 7U);
  EXPECT_EQ(after.validation_loss, before.validation_loss);
  EXPECT_EQ(after.best_validation_loss, before.best_validation_loss);
  ASSERT_EQ(after.tensors.size(), before.tensors.size());
  for (const auto& [name, tensor] : before.tensors)
    EXPECT_TRUE(after.tensors.at(name).bytes == tensor.bytes) << name;
}

TEST(Checkpoint, EachBitOfTheHeaderThatFlipsIsFound) {
  const TestFolder folder;
  write_checkpoint(folder / "c.safetensors", made_up(1));
  std::vector<std::byte> file = read_file(folder / "c.safetensors");
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), sizeof length);
  for (std::size_t bit = 0; bit < 8 * (sizeof length + length); ++bit) {
    const auto flip = std::byte{1} << (bit % 8);
    file[bit / 8] ^= flip;
    ASSERT_THAT(error_of([&] { (void)parse_checkpoint(file, "c"); }), HasSubstr("c: ")) << bit;
    file[bit / 8] ^= flip;
  }
  EXPECT_EQ(parse_checkpoint(file, "c").step, 1U);
}

TEST(Checkpoint, ABitOfATensorThatFlipsIsFound) {
  const TestFolder folder;
  write_checkpoint(folder / "c.safetensors", made_up(1));
  std::vector<std::byte> file = read_file(folder / "c.safetensors");
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), sizeof length);
  // 41 is odd: every place of a bit in its byte is met.
  for (std::size_t bit = 8 * (sizeof length + length); bit < 8 * file.size(); bit += 41) {
    const auto flip = std::byte{1} << (bit % 8);
    file[bit / 8] ^= flip;
    ASSERT_THAT(error_of([&] { (void)parse_checkpoint(file, "c"); }), HasSubstr("c: damaged"));
    file[bit / 8] ^= flip;
  }
}

TEST(Checkpoint, AFileCutShortAnywhereIsFound) {
  const TestFolder folder;
  write_checkpoint(folder / "c.safetensors", made_up(1));
  const std::vector<std::byte> file = read_file(folder / "c.safetensors");
  for (std::size_t size = 0; size < file.size(); size += 97)
    EXPECT_THAT(error_of([&] { (void)parse_checkpoint(std::span(file).first(size), "c"); }),
                HasSubstr("c: "))
        << size;
}

TEST(Checkpoint, OfTheFirstFormatIsRefusedWithItsRemedy) {
  const TestFolder folder;
  write_safetensors(folder / "c.safetensors", {{}, {{"format", "isobar-checkpoint-1"}}});
  EXPECT_THAT(error_of([&] { (void)read_checkpoint(folder / "c.safetensors"); }),
              AllOf(HasSubstr("an older Isobar wrote it"), HasSubstr("isobar train --init ")));
}

TEST(Checkpoint, WeightsToStartFromAreCheckedLikeACheckpointToGoOnFrom) {
  const TestFolder folder;
  const fs::path path = folder / "c.safetensors";
  write_checkpoint(path, made_up(1));
  EXPECT_EQ(read_initial_weights(path, tiny_shape()).weights.size(),
            model::parameters(tiny_shape()).size());
  std::string file = read_text(path);
  file.back() = static_cast<char>(file.back() ^ 1);
  write_text_atomically(path, file);
  EXPECT_THAT(error_of([&] { (void)read_initial_weights(path, tiny_shape()); }),
              HasSubstr("c.safetensors: damaged"));
}

TEST(Checkpoint, WeightsToStartFromThatAreNotNumbersAreNamed) {
  const TestFolder folder;
  for (const float bad : {NAN, INFINITY}) {
    Checkpoint c = made_up(1);
    StoredTensor& tensor = c.tensors.at("h.0.ln_1.weight");
    std::vector<float> values = tensor.floats("");
    values[2] = bad;
    tensor = StoredTensor::from_floats(tensor.shape, values);
    write_checkpoint(folder / "c.safetensors", c);
    EXPECT_THAT(
        error_of([&] { (void)read_initial_weights(folder / "c.safetensors", tiny_shape()); }),
        HasSubstr(fmt::format("the tensor \"h.0.ln_1.weight\" holds {} at 2", bad)));
    EXPECT_EQ(first_not_finite(c), fmt::format("\"h.0.ln_1.weight\" holds {} at 2", bad));
  }
  EXPECT_EQ(first_not_finite(made_up(1)), std::nullopt);
}

TEST(Checkpoint, WhatIsMissingOrWrongIsNamed) {
  const TestFolder folder;
  const fs::path path = folder / "c.safetensors";
  const auto error = [&](const auto& change) {
    Checkpoint c = made_up(1);
    change(c);
    write_checkpoint(path, c);
    return error_of([&] { (void)read_checkpoint(path); });
  };
  EXPECT_THAT(error([](Checkpoint& c) { c.tensors.erase("moment2/ln_f.weight"); }),
              HasSubstr("the tensor \"moment2/ln_f.weight\" is missing"));
  EXPECT_THAT(error([](Checkpoint& c) { c.tensors["x"] = c.tensors["wte.weight"]; }),
              HasSubstr("tensors, but its model has"));
  EXPECT_THAT(error([](Checkpoint& c) { c.shape.vocabulary = 6; }), HasSubstr("\"wte.weight\""));
  EXPECT_THAT(error([](Checkpoint& c) { c.shape.layers = 2'000'000'000; }),
              HasSubstr("layers is 2000000000 (it must be from 1 to 1000)"));
  EXPECT_THAT(error([](Checkpoint& c) { c.shape.layers = 999; }), HasSubstr("claims 999 layers"));
  EXPECT_THAT(error([](Checkpoint& c) { c.shape.heads = 3; }), HasSubstr("heads"));
  write_safetensors(path, {});
  EXPECT_THAT(error_of([&] { (void)read_checkpoint(path); }),
              HasSubstr("its metadata has no \"format\""));
}

TEST(Checkpoint, AShapeThatIsNotOneIsNamed) {
  for (const char* text : {"", "[]", "{}", R"({"layers":"two"})", R"({"layers":-1})", "null"})
    EXPECT_THAT(error_of([&] { (void)shape_from_json(text, "a file"); }), HasSubstr("a file: "))
        << text;
  EXPECT_THAT(error_of([&] { (void)shape_from_json(R"({"layers":1,"layers":2})", "a file"); }),
              HasSubstr("the key \"layers\" stands there twice"));
}

}  // namespace
}  // namespace isobar::train

// Checkpoints and the run's folder: what comes back, what damage says, which folder is chosen.
#include "train/checkpoint.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "train/run_directory.h"
#include "train/test_folder.h"

namespace isobar::train {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

model::GptShape tiny_shape() {
  return {.layers = 1, .heads = 2, .width = 8, .context = 4, .vocabulary = 5};
}

/// Made without a device: each tensor counts up.
Checkpoint made_up(std::uint64_t step) {
  Checkpoint c{.model = "tiny", .shape = tiny_shape(), .step = step, .data_position = step + 1};
  c.seed = 0xFFFF'FFFF'FFFF'FFF0U;
  c.batch = 3;
  c.data_fingerprint = 0xFEDC'BA98'7654'3210U;
  c.tokeniser = "{\"kind\":\"a \\\"kind\\\"\"}";
  c.validation_loss = 2.3283064e-10F;
  c.best_validation_loss = 0.1F;
  float next = 0;
  for (const model::ParameterInfo& info : model::parameters(c.shape))
    for (const char* prefix : {"", "moment1/", "moment2/"}) {
      std::vector<float> values(info.elements());
      for (float& value : values) value = next++;
      c.tensors[prefix + info.name] =
          StoredTensor::from_floats({info.shape.begin(), info.shape.end()}, values);
    }
  return c;
}

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
  EXPECT_EQ(after.validation_loss, before.validation_loss);
  EXPECT_EQ(after.best_validation_loss, before.best_validation_loss);
  ASSERT_EQ(after.tensors.size(), before.tensors.size());
  for (const auto& [name, tensor] : before.tensors)
    EXPECT_TRUE(after.tensors.at(name).bytes == tensor.bytes) << name;
}

TEST(Checkpoint, AnyBitThatFlipsOrByteThatIsMissingIsFound) {
  const TestFolder folder;
  const fs::path path = folder / "c.safetensors";
  write_checkpoint(path, made_up(1));
  const std::string good = read_text(path);
  for (std::size_t at = 0; at < good.size(); at += 97) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    write_text_atomically(path, bad);
    // A flip in the metadata may leave another whole checkpoint; one in a tensor may not.
    const std::string error = error_of([&] { (void)read_checkpoint(path); });
    if (at >= good.size() - 1000) {
      EXPECT_THAT(error, HasSubstr("c.safetensors: damaged")) << at;
    }
    write_text_atomically(path, std::string_view(good).substr(0, at));
    EXPECT_THAT(error_of([&] { (void)read_checkpoint(path); }), HasSubstr("c.safetensors: ")) << at;
  }
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
}

TEST(RunDirectory, NeverTakesAFolderThatIsThere) {
  const TestFolder folder;
  EXPECT_EQ(RunDirectory::create_fresh(folder.path(), "a").path(), folder / "a-1");
  EXPECT_EQ(RunDirectory::create_fresh(folder.path(), "a").path(), folder / "a-2");
  EXPECT_EQ(RunDirectory::create_fresh(folder.path(), "b").path(), folder / "b-1");
  EXPECT_THAT(error_of([&] { (void)RunDirectory::create(folder.path()); }), HasSubstr("not empty"));
  for (const char* name : {"", "../x", "a/b", ".hidden"})
    EXPECT_THAT(error_of([&] { (void)RunDirectory::create_fresh(folder.path(), name); }),
                HasSubstr("one folder's name"));
}

TEST(RunDirectory, SaysWhatIsNoRun) {
  const TestFolder folder;
  EXPECT_THAT(error_of([&] { (void)RunDirectory::open(folder / "none"); }),
              HasSubstr("there is no such run"));
  EXPECT_THAT(error_of([&] { (void)RunDirectory::open(folder.path()); }),
              HasSubstr("it has no config.toml"));
  const RunDirectory run = RunDirectory::create(folder / "run");
  EXPECT_THAT(error_of([&] { (void)run.load_latest(); }),
              HasSubstr("holds no checkpoint that can be used"));
}

TEST(RunDirectory, AFullDiskLeavesTheEarlierCheckpointTheLatest) {
  const TestFolder folder;
  RunDirectory run = RunDirectory::create(folder / "run");
  (void)run.save(made_up(1));
  std::string message;
  {
    const FileSizeLimit full(1000);
    message = error_of([&] { (void)run.save(made_up(2)); });
  }
  EXPECT_THAT(message, HasSubstr("step-2.safetensors: cannot be written"));
  EXPECT_EQ(run.latest_path(), run.file("checkpoints") / "step-1.safetensors");
  EXPECT_EQ(run.load_latest().checkpoint.step, 1U);
  // Nothing half-written stays behind: the checkpoint, and its name in `latest`.
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(run.file("checkpoints")))
    files += entry.is_regular_file() ? 1 : 0;
  EXPECT_EQ(files, 2U);
}

TEST(RunDirectory, GoesBackToTheNewestThatCanBeRead) {
  const TestFolder folder;
  RunDirectory run = RunDirectory::create(folder / "run");
  (void)run.save(made_up(9));
  (void)run.save(made_up(10));  // 10 after 9, though "10" sorts before "9"
  EXPECT_EQ(run.load_latest().checkpoint.step, 10U);
  write_text_atomically(run.file("checkpoints") / "step-10.safetensors", "");
  const FoundCheckpoint found = run.load_latest();
  EXPECT_EQ(found.checkpoint.step, 9U);
  ASSERT_EQ(found.warnings.size(), 1U);
  EXPECT_THAT(found.warnings.front(), HasSubstr("step-10.safetensors"));
  write_text_atomically(run.file("checkpoints") / "step-9.safetensors", "x");
  EXPECT_THAT(error_of([&] { (void)run.load_latest(); }), HasSubstr("start again: isobar train"));
}

}  // namespace
}  // namespace isobar::train

// Names as published tables of training runs write them.
#include "model/catalogue.h"

#include <gmock/gmock.h>

namespace isobar::model {
namespace {

std::string found(std::string_view name) {
  std::vector<std::pair<std::string, std::size_t>> candidates;
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(ISOBAR_SOURCE_DIR "/models")) {
    if (entry.path().stem() == "gpt-nano") continue;
    const TransformerModel model = read_transformer(entry.path());
    candidates.emplace_back(model.name, names.size());
    for (const std::string& alias : model.aliases) candidates.emplace_back(alias, names.size());
    names.push_back(model.name);
  }
  const auto index = best_match(name, candidates);
  return index ? names[*index] : "none";
}

TEST(Catalogue, AModelIsFoundHoweverItsNameIsWritten) {
  for (const auto& [written, model] :
       {std::pair{"Kimi_K2", "kimi-k2"},
        {"LLAMA3.1_405B", "llama-3.1-405b"},
        {"Llama 3.1 70b FP8", "llama-3-70b"},
        {"DeepSeekV3 (dropless)", "deepseek-v3"},
        {"DeepSeekV3 (w/o MTP)", "deepseek-v3"},
        {"GPT OSS 120B", "gpt-oss-120b"},
        {"Qwen3_235B_a22B (tokendrop)", "qwen3-235b-a22b"},
        {"Nemotron_3_Super", "nemotron-3-super"},
        {"Grok1 314b BF16", "grok-1"},
        {"GPT-3 175B", "gpt3-175b"},
        {"GLM-130B", "glm-130b"},
        {"Pangu Ultra MoE", "pangu-ultra-moe-718b"},
        {"Pangu Ultra 135B", "pangu-ultra-135b"},
        {"LLAMA3_70B LoRA Performance", "llama-3-70b"},
        {"MPT-7b", "mpt-7b"},
        {"Nemotron 340b FP8 GB200 Strong Scaling", "nemotron-4-340b"},
        {"PaLM 540B", "palm-540b"}})
    EXPECT_EQ(found(written), model) << written;
}

TEST(Catalogue, AnotherSizeOrVersionIsNotTaken) {
  for (const char* name : {"GPT2-20B", "GPT2-1B", "DeepSeekV4 Flash", "DeepSeek-V3.2", "GPT-195B",
                           "MPT-1b5", "Llama", "", "???", "gpt3-175"})
    EXPECT_EQ(found(name), "none") << name;
}

}  // namespace
}  // namespace isobar::model

// What a misspelt name is answered with.
#include "base/text/nearest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "base/file/named_file.h"
#include "base/file/temporary_folder.h"

namespace isobar {
namespace {
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(Nearest, CaseAndSeparatorsAreNoDifference) {
  EXPECT_EQ(plain_name("ISOBAR_1"), plain_name("isobar-1"));
  EXPECT_EQ(plain_name("Llama 3.1 405B"), "llama3.1405b");
  EXPECT_NE(plain_name("qwen3-1.7b"), plain_name("qwen3-17b"));
  EXPECT_EQ(plain_name("end."), "end");
}

TEST(Nearest, OneSlipIsFoundWhateverItsKind) {
  const std::vector<std::string> commands{"train", "sample", "run", "explain", "plan", "chip"};
  for (const char* slip : {"trian", "tran", "traiin", "trayn", "Train"})
    EXPECT_EQ(nearest_names(slip, commands).front(), "train") << slip;
}

TEST(Nearest, TheNearestComesFirstAndTiesKeepTheirOrder) {
  const std::vector<std::string> models{"llama-2-70b", "llama-3-70b", "llama-3.1-405b", "gpt2"};
  EXPECT_EQ(nearest_names("llama-3.1-70b", models).front(), "llama-3-70b");
  EXPECT_THAT(nearest_names("ab", std::vector<std::string>{"ac", "ad", "xy"}),
              ElementsAre("ac", "ad"));
}

TEST(Nearest, APartOfANameFindsIt) {
  const std::vector<std::string> clusters{"deepseek-h800", "dgx-a100-superpod"};
  EXPECT_THAT(nearest_names("superpod", clusters), ElementsAre("dgx-a100-superpod"));
}

TEST(Nearest, WhatIsFarIsNotSuggested) {
  const std::vector<std::string> names{"train", "sample"};
  EXPECT_THAT(nearest_names("quantum", names), IsEmpty());
  EXPECT_THAT(nearest_names("", names), IsEmpty());
  EXPECT_THAT(nearest_names(std::string(100000, 'x'), names), IsEmpty());
  EXPECT_EQ(did_you_mean("quantum", names), "");
  EXPECT_EQ(did_you_mean("trein", names), "did you mean train?");
}

TEST(NamedFile, IsFoundInAnyCaseAndOtherwiseTheNearestAreNamed) {
  const TemporaryFolder folder("isobar-named");
  NamedFiles chips{"chip", "a path works too", {}};
  for (int i = 0; i < 20; ++i) {
    chips.files.push_back(folder.path() / fmt::format("chip-{}00.toml", i));
    std::ofstream(chips.files.back()) << "x = 1\n";
  }
  EXPECT_EQ(find_named_file("CHIP_700", chips), chips.files[7]);
  try {
    (void)find_named_file("chip-70", chips);
    FAIL() << "there is no chip-70";
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr("no chip is called \"chip-70\" (did you mean chip-700"));
    EXPECT_THAT(error.what(), HasSubstr("isobar info lists all 20"));
    EXPECT_THAT(error.what(), Not(HasSubstr("chip-1200")));
  }
}

TEST(NamedFile, AnEmptyCatalogueIsAnIncompleteInstallation) {
  EXPECT_THROW((void)find_named_file("a", {"chip", "a path works too", {}}), UserError);
}

}  // namespace
}  // namespace isobar

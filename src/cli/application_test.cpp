// The command line as declared: help in one style, suggestions for slips, manual and completion
// that leave nothing out.
#include "cli/application.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>

#include "cli/help/completion.h"
#include "cli/help/format.h"
#include "cli/help/manual.h"
#include "cli/help/parse_errors.h"

namespace isobar::cli {
namespace {
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class CommandLine : public testing::Test {
 protected:
  void SetUp() override { declare(app_, chosen_); }

  /// What the arguments are answered with, where they are not understood.
  std::string answer(std::vector<std::string> arguments) {
    try {
      app_.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::ParseError& error) {
      return explain_parse_error(app_, error, arguments);
    }
    return "understood";
  }

  CLI::App app_;
  Action chosen_;
};

void for_each_option(const CLI::App& app, const auto& look) {
  for (const CLI::App* command : app.get_subcommands({})) {
    for (const CLI::Option* option : command->get_options()) look(*command, *option);
    for_each_option(*command, look);
  }
}

TEST_F(CommandLine, EachOptionIsExplainedInOneSentenceOfOneStyle) {
  int seen = 0;
  for_each_option(app_, [&](const CLI::App& command, const CLI::Option& option) {
    const std::string help = option.get_description();
    const std::string where = command.get_name() + " " + option.get_name();
    ASSERT_GE(help.size(), 8U) << where;
    const auto first = static_cast<unsigned char>(help.front());
    EXPECT_FALSE(std::islower(first)) << where << ": " << help;
    EXPECT_FALSE(help.ends_with('.')) << where << ": " << help;
    EXPECT_THAT(help, AllOf(Not(HasSubstr("->")), Not(HasSubstr("  ")), Not(HasSubstr("()"))))
        << where;
    ++seen;
  });
  EXPECT_GT(seen, 120);
}

TEST_F(CommandLine, ASlipInACommandIsAnsweredWithTheNearest) {
  EXPECT_EQ(answer({"trian"}),
            "isobar: no command is called \"trian\" (did you mean train? isobar help lists them)");
  EXPECT_THAT(answer({"quantum"}), HasSubstr("(isobar help lists them)"));
}

TEST_F(CommandLine, ASlipInAnOptionIsAnsweredWithTheNearestOfThatCommand) {
  EXPECT_THAT(answer({"plan", "--modle", "gpt2"}),
              AllOf(HasSubstr("isobar plan: no option is called \"--modle\""),
                    HasSubstr("did you mean --model?"), HasSubstr("isobar plan --help")));
  EXPECT_THAT(answer({"info", "--jsno=1"}), HasSubstr("did you mean --json?"));
}

TEST_F(CommandLine, AnArgumentTooManyIsNamed) {
  EXPECT_THAT(answer({"info", "everything"}),
              HasSubstr("isobar info: \"everything\" is not expected here"));
}

TEST_F(CommandLine, QuietAndVerboseAreThereForEachCommandButNotTogether) {
  EXPECT_EQ(answer({"info", "--quiet"}), "understood");
  app_.clear();
  EXPECT_THAT(answer({"info", "-q", "-v"}), HasSubstr("excludes"));
}

TEST_F(CommandLine, TheManualHasEveryCommandAndOption) {
  const std::string page = manual_page(app_);
  for_each_option(app_, [&](const CLI::App& command, const CLI::Option& option) {
    EXPECT_THAT(page, HasSubstr(troff_text(describe(option).names))) << command.get_name();
  });
  EXPECT_THAT(page, HasSubstr(".SH EXIT STATUS"));
}

TEST(Manual, WhatTroffWouldTakeForItsOwnIsEscaped) {
  EXPECT_EQ(troff_text("--a \\b"), "\\-\\-a \\eb");
  EXPECT_EQ(troff_text(".toml\n'x'"), "\\&.toml\n\\&'x'");
}

TEST_F(CommandLine, EachShellIsToldOfEveryCommandAndOption) {
  for (const std::string& script :
       {bash_completion(app_), zsh_completion(app_), fish_completion(app_)}) {
    for (const CLI::App* command : app_.get_subcommands({})) {
      EXPECT_THAT(script, HasSubstr(command->get_name()));
      for (const CLI::Option* option : command->get_options())
        for (const std::string& name : option->get_lnames()) EXPECT_THAT(script, HasSubstr(name));
    }
  }
}

TEST(Help, LinesAreBrokenAtSpacesAndLongWordsStandAlone) {
  EXPECT_EQ(wrapped("one two three", 7, 2), "one two\n  three");
  EXPECT_EQ(wrapped("a incomprehensible b", 6, 0), "a\nincomprehensible\nb");
  EXPECT_EQ(wrapped("", 6, 0), "");
}

TEST_F(CommandLine, AChoiceIsShownAsItsValues) {
  const CLI::Option* fidelity = app_.get_subcommand("run")->get_option("--fidelity");
  EXPECT_EQ(describe(*fidelity).value, "functional|sampled|timed");
  const CLI::Option* resume = app_.get_subcommand("train")->get_option("--resume");
  EXPECT_THAT(describe(*resume).help, HasSubstr("not with --batch"));
}

}  // namespace
}  // namespace isobar::cli

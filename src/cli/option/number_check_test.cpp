// Every option of every command that takes a number refuses what is none, by its own name.
#include "cli/option/number_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/command/commands.h"

namespace isobar::cli {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

/// The error of an option given this value alone; empty if it takes it.
std::string error_of(CLI::Option& option, const std::string& value) {
  option.clear();
  try {
    option.add_result(value);
    option.run_callback();
  } catch (const CLI::ParseError& error) {
    return error.what();
  }
  return {};
}

/// All options of the program whose value is converted to a number.
struct Options {
  CLI::App app{"", "isobar"};
  Action chosen;
  std::vector<CLI::Option*> numbers;

  Options() {
    for (const auto add : {add_train, add_sample, add_run, add_exec, add_explain, add_bench,
                           add_plan, add_chip, add_info})
      add(app, chosen);
    collect(app);
  }

  void collect(CLI::App& command) {
    for (CLI::Option* option : command.get_options()) {
      const std::string type = option->get_type_name();
      if (type.find("INT") != std::string::npos || type.find("FLOAT") != std::string::npos)
        numbers.push_back(option);
    }
    for (CLI::App* below : command.get_subcommands([](CLI::App*) { return true; })) collect(*below);
  }
};

TEST(NumberOptions, RefuseWhatIsNoNumberByName) {
  Options options;
  ASSERT_GE(options.numbers.size(), 45U) << "or this test looks at too little";
  for (CLI::Option* option : options.numbers)
    for (const char* value : {"nan",
                              "NAN",
                              "-nan",
                              "inf",
                              "-inf",
                              "infinity",
                              "1e400",
                              "-1e400",
                              "1e-400",
                              "99999999999999999999999999",
                              "18446744073709551617",
                              "-1",
                              "-1e300",
                              "1e300",
                              "0x10",
                              "0x1p3",
                              "010x",
                              "1x",
                              "1 ",
                              " 1",
                              "1,5",
                              "1_0",
                              "five",
                              "-",
                              "\xD9\xA3"}) {
      // Where several are taken, a comma is between two.
      if (option->get_delimiter() == ',' && std::string(value) == "1,5") continue;
      const std::string error = error_of(*option, value);
      EXPECT_THAT(error, HasSubstr("\"" + std::string(value) + "\", but must be"))
          << option->get_name();
      EXPECT_THAT(error, HasSubstr(option->get_name())) << value;
    }
}

TEST(NumberOptions, RefuseAnEmptyValue) {
  Options options;
  for (CLI::Option* option : options.numbers)
    EXPECT_THAT(error_of(*option, ""), HasSubstr("\"\", but must be")) << option->get_name();
}

TEST(NumberOptions, TakeOrdinaryOnes) {
  Options options;
  for (CLI::Option* option : options.numbers)
    EXPECT_EQ(error_of(*option, "1"), "") << option->get_name();
}

TEST(NumberOptions, ReadWhatTheyChecked) {
  std::vector<std::uint32_t> several;
  double share = 0;
  std::uint64_t seed = 0;
  CLI::App app;
  app.add_option("--several", several)->delimiter(',')->check(whole_number(1, 100));
  app.add_option("--share", share)->check(number(0, 10));
  app.add_option("--seed", seed)->check(whole_number(0, kLargestSeed));
  app.parse("--several 1,99 --share 1e-3 --seed 4611686018427387904");
  EXPECT_THAT(several, testing::ElementsAre(1, 99));
  EXPECT_EQ(share, 1e-3);
  EXPECT_EQ(seed, std::uint64_t{1} << 62U);
  EXPECT_THROW(app.parse("--several 1,010"), CLI::ValidationError);
  EXPECT_THROW(app.parse("--several 1,101"), CLI::ValidationError);
}

}  // namespace
}  // namespace isobar::cli

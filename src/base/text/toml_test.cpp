#include "base/text/toml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace isobar {
namespace {

std::string error_of(const std::string& text) {
  try {
    (void)parse_toml(text, "FILE");
  } catch (const UserError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Toml, HasFiniteNumbersAlone) {
  EXPECT_EQ(error_of("a = 1e300\nb = -0.0\n[c]\nd = [1, 2.5]\n"), "no error");
  EXPECT_EQ(error_of("x = 1\na = nan\n"), "FILE:2: a is nan, but must be a finite number");
  EXPECT_EQ(error_of("a = +inf"), "FILE:1: a is inf, but must be a finite number");
  EXPECT_EQ(error_of("[t]\n\n[t.u]\nk = -inf"),
            "FILE:4: t.u.k is -inf, but must be a finite number");
  EXPECT_EQ(error_of("a = [1.0, [2.0, nan]]"), "FILE:1: a is nan, but must be a finite number");
  EXPECT_EQ(error_of("[[t]]\nk = 1\n[[t]]\nk = nan"),
            "FILE:4: t.k is nan, but must be a finite number");
  EXPECT_EQ(error_of("a = {b = inf}"), "FILE:1: a.b is inf, but must be a finite number");
  EXPECT_EQ(error_of("a = 'nan'"), "no error");
  EXPECT_NE(error_of("a = 1e999"), "no error");  // too large for a double, in whatever words
}

}  // namespace
}  // namespace isobar

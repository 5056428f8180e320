#include "compiler/build_options.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace isobar::compiler {
namespace {

constexpr std::array kPlain{"-w",
                            "-Werror",
                            "-cl-single-precision-constant",
                            "-cl-denorms-are-zero",
                            "-cl-fp32-correctly-rounded-divide-sqrt",
                            "-cl-opt-disable",
                            "-cl-mad-enable",
                            "-cl-no-signed-zeros",
                            "-cl-unsafe-math-optimizations",
                            "-cl-finite-math-only",
                            "-cl-fast-relaxed-math"};
// Nothing is to be done for these: what they allow or ask for holds anyway.
constexpr std::array kIdle{"-cl-kernel-arg-info", "-g", "-cl-no-subgroup-ifp",
                           "-cl-strict-aliasing", "-cl-uniform-work-group-size"};
constexpr std::array kVersions{"CL1.0", "CL1.1", "CL1.2", "CL2.0", "CL3.0",
                               "cl1.0", "cl1.1", "cl1.2", "cl2.0", "cl3.0"};
constexpr std::array kLinking{"-create-library", "-enable-link-options"};

bool contains(const auto& list, std::string_view option) {
  return std::ranges::find(list, option) != list.end();
}

/// Options that a link may repeat: those that speak of arithmetic.
bool is_math(std::string_view option) {
  return option.starts_with("-cl-") && contains(kPlain, option) && option != "-cl-opt-disable";
}

void check_version(const std::string& option) {
  const std::string_view version = std::string_view(option).substr(option.find('=') + 1);
  if (!contains(kVersions, version))
    fail("error: {}: this compiler knows CL1.0, CL1.1, CL1.2, CL2.0 and CL3.0\n", option);
}

}  // namespace

std::vector<std::string> split_options(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool escapes =
        c == '\\' && i + 1 < text.size() && quote != '\'' &&
        (text[i + 1] == '"' || text[i + 1] == '\\' || text[i + 1] == ' ' || text[i + 1] == '\'');
    if (escapes) {
      word += text[++i];
      in_word = true;
    } else if (quote != 0 && c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
      in_word = true;
    } else if (quote == 0 && (c == ' ' || c == '\t' || c == '\n' || c == '\r')) {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote != 0) fail("error: a quote in the build options is not closed\n");
  if (in_word) words.push_back(std::move(word));
  return words;
}

std::vector<std::string> front_end_options(std::string_view text, Purpose purpose) {
  std::vector<std::string> result;
  const std::vector<std::string> words = split_options(text);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (purpose == Purpose::kLink) {
      if (!contains(kLinking, word) && !is_math(word))
        fail("error: {}: not an option of clLinkProgram\n", word);
      continue;
    }
    if (word == "-D" || word == "-I" || word == "-U") {
      if (i + 1 >= words.size()) fail("error: {} lacks its value\n", word);
      result.insert(result.end(), {word, words[++i]});
    } else if (word.starts_with("-D") || word.starts_with("-I") || word.starts_with("-U") ||
               (word.starts_with("-W") && word.find(',') == std::string::npos) || word == "-O0" ||
               word == "-O1" || word == "-O2" || word == "-O3") {
      if (!word.starts_with("-O")) result.push_back(word);
    } else if (word.starts_with("-cl-std=")) {
      check_version(word);
      result.push_back(word);
    } else if (contains(kPlain, word) || contains(kIdle, word)) {
      if (!contains(kIdle, word)) result.push_back(word);
    } else {
      fail("error: {}: unknown build option\n", word);
    }
  }
  return result;
}

bool creates_library(std::string_view text) {
  return contains(split_options(text), "-create-library");
}

}  // namespace isobar::compiler

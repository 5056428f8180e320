// Model files as the planner reads them: the `[shape]` the trainer knows, and beyond it everything
// a dense or expert transformer can have (docs/MODELS.md). What others published about the model,
// its number of parameters above all, stands beside it with its source, so that a test can compare.
//
// Hugging Face's config.json describes models too: hugging_face.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/text/toml.h"
#include "model/transformer_shape.h"

namespace isobar::model {

/// Counts that others published; 0: none. Published to so many decimal digits, 0 of them meaning
/// all: 671 B is 671'000'000'000 to 3 digits.
struct Published {
  std::uint64_t parameters = 0;
  std::uint32_t digits = 0;
  bool with_embedding = true;  // the table of input tokens is counted among them
  std::uint64_t activated = 0;
  std::uint32_t activated_digits = 0;
  bool activated_with_embedding = true;
  std::string source;
};

struct TransformerModel {
  std::string name;
  std::string description;
  std::string source;                // of the shape
  std::vector<std::string> aliases;  // other names of the same shape
  std::filesystem::path path;
  TransformerShape shape;
  Published published;
};

/// Reads a model file, or a config.json by its ending. Throws UserError "<file>:<line>: <what is
/// wrong> (<what would be right>)".
[[nodiscard]] TransformerModel read_transformer(const std::filesystem::path& path);
/// A model file from text; `path` is only what errors call it.
[[nodiscard]] TransformerModel parse_transformer(std::string_view text,
                                                 const std::filesystem::path& path);
/// Finds a model by path (.toml or .json), or by name among share/isobar/models; a wrong name lists
/// the right ones.
[[nodiscard]] TransformerModel find_transformer(const std::string& name_or_path);

/// Is its vocabulary 0, the tokeniser's of the trainer's data? False also where it cannot be read.
[[nodiscard]] bool takes_vocabulary_from_data(const std::filesystem::path& path);

/// The trainer builds GPT-2's shape only. Throws UserError naming the first key that asks for more.
void refuse_more_than_gpt(const toml::table& file, const std::string& path);

/// Is `published` what `count` gives, rounded or cut to `digits`? 0 digits: exactly.
[[nodiscard]] bool agrees(std::uint64_t count, std::uint64_t published, std::uint32_t digits);

}  // namespace isobar::model

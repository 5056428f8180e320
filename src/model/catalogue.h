// Which of the models that came with Isobar somebody means who writes its name in his own way:
// "Kimi_K2", "LLAMA3.1_405B", "DeepSeekV3 (dropless)".
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "model/file/transformer_file.h"

namespace isobar::model {

/// The model whose name or alias `name` begins with, letters and digits alone and in any case; the
/// longest of several. What follows must not be a digit, which would be another size. Nothing if
/// there is none.
[[nodiscard]] std::optional<TransformerModel> model_called(std::string_view name);

/// The model whose name or alias `name` is, letters and digits alone and in any case.
[[nodiscard]] std::optional<TransformerModel> model_named(std::string_view name);

/// As model_called, among given (name, index) pairs: the index.
[[nodiscard]] std::optional<std::size_t> best_match(
    std::string_view name, std::span<const std::pair<std::string, std::size_t>> candidates);

}  // namespace isobar::model

// Hugging Face's config.json as a description of a model. Each architecture names its sizes its own
// way and leaves out what it always does (biases, norms, tied embeddings): the table in
// hugging_face.cpp says both, one row per architecture.
//
// The context is max_position_embeddings, which is what a model can serve, not what it was trained
// with: the planner's --sequence says the latter.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "model/file/transformer_file.h"

namespace isobar::model {

/// Throws UserError naming file and key; an architecture not in the table lists those that are.
[[nodiscard]] TransformerModel read_hugging_face(const std::filesystem::path& path);
/// The same from text; `path` is only what errors call it.
[[nodiscard]] TransformerModel parse_hugging_face(std::string_view text,
                                                  const std::filesystem::path& path);
/// The architectures that are known, sorted.
[[nodiscard]] std::vector<std::string> hugging_face_architectures();

}  // namespace isobar::model

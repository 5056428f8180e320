// Every key of a model file that describes a shape, declared once: reader, trainer's refusal and
// docs/MODELS.md come from this table.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "model/transformer_shape.h"

namespace isobar::model {

struct ShapeKey {
  const char* table;  // "shape", "latent", "experts" or "state_space"
  const char* key;
  const char* fallback;  // what holds where the key is not given, as the page says it
  const char* help;
  // Exactly one of the following.
  std::uint32_t& (*whole)(TransformerShape&) = nullptr;
  std::uint64_t low = 0, high = 0;
  bool& (*truth)(TransformerShape&) = nullptr;
  std::string& (*text)(TransformerShape&) = nullptr;
  std::span<const char* const> names = {};  // of a choice, in the order of its enumeration
  std::size_t (*chosen)(const TransformerShape&) = nullptr;
  void (*choose)(TransformerShape&, std::size_t) = nullptr;
  bool trainable = false;  // the trainer knows it too
};
[[nodiscard]] std::span<const ShapeKey> shape_keys();

}  // namespace isobar::model

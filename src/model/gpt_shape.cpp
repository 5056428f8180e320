#include "model/gpt_shape.h"

#include <functional>
#include <numeric>

#include "base/error.h"

namespace isobar::model {

std::uint64_t ParameterInfo::elements() const {
  return std::accumulate(shape.begin(), shape.end(), std::uint64_t{1}, std::multiplies<>());
}

std::vector<ParameterInfo> parameters(const GptShape& s) {
  std::vector<ParameterInfo> list;
  const auto vector = [&](const std::string& name, std::uint32_t n) {
    list.push_back({name, {n}, false});
  };
  const auto norm = [&](const std::string& name) {
    vector(name + ".weight", s.width);
    if (s.bias) vector(name + ".bias", s.width);
  };
  const auto linear = [&](const std::string& name, std::uint32_t out, std::uint32_t in) {
    list.push_back({name + ".weight", {out, in}, true});
    if (s.bias) vector(name + ".bias", out);
  };
  list.push_back({"wte.weight", {s.vocabulary, s.width}, true});
  list.push_back({"wpe.weight", {s.context, s.width}, true});
  for (std::uint32_t layer = 0; layer < s.layers; ++layer) {
    const std::string h = fmt::format("h.{}.", layer);
    norm(h + "ln_1");
    linear(h + "attn.c_attn", 3 * s.width, s.width);
    linear(h + "attn.c_proj", s.width, s.width);
    norm(h + "ln_2");
    linear(h + "mlp.c_fc", 4 * s.width, s.width);
    linear(h + "mlp.c_proj", s.width, 4 * s.width);
  }
  norm("ln_f");
  if (!s.tied_embeddings) list.push_back({"lm_head.weight", {s.vocabulary, s.width}, true});
  return list;
}

std::uint64_t parameter_count(const GptShape& shape) {
  std::uint64_t count = 0;
  for (const ParameterInfo& parameter : parameters(shape)) count += parameter.elements();
  return count;
}

std::uint64_t training_flops_per_token(const GptShape& s) {
  std::uint64_t n = parameter_count(s) - std::uint64_t{s.context} * s.width;
  if (!s.tied_embeddings) n -= std::uint64_t{s.vocabulary} * s.width;
  return 6 * n + 12ULL * s.layers * s.width * s.context;  // heads * width of a head = width
}

void check(const GptShape& s, const std::string& where) {
  if (s.layers == 0 || s.heads == 0 || s.width == 0 || s.context == 0)
    fail("{}: layers, heads, width and context must be given and positive", where);
  if (s.width % s.heads != 0)
    fail("{}: width is {}, but {} heads must divide it (try {} or {})", where, s.width, s.heads,
         s.width / s.heads * s.heads == 0 ? s.heads : s.width / s.heads * s.heads,
         (s.width / s.heads + 1) * s.heads);
  if (!(s.dropout >= 0 && s.dropout < 1))
    fail("{}: dropout is {}, but must be a probability below 1 (try 0.1)", where, s.dropout);
  if (!(s.layer_norm_epsilon > 0))
    fail("{}: layer_norm_epsilon is {}, but must be positive (try 1e-5)", where,
         s.layer_norm_epsilon);
  if (parameter_count(s) > (1ULL << 31U))
    fail(
        "{}: the model has {} parameters, but at most 2^31 are supported (fewer layers or a "
        "smaller width)",
        where, parameter_count(s));
}

}  // namespace isobar::model

#include "model/transformer_shape.h"

#include <algorithm>

#include "base/error.h"
#include "model/transformer_counts.h"

namespace isobar::model {

LayerKind layer_kind(const TransformerShape& s, std::uint32_t layer) {
  LayerKind kind;
  if (!s.pattern.empty()) {
    const char letter = s.pattern.at(layer);
    kind.attention = letter == '*';
    kind.state_space = letter == 'M';
    kind.dense = letter == '-';
    kind.experts = letter == 'E';
  } else if (s.has_experts() && layer >= s.experts.first_dense) {
    kind.experts = (layer - s.experts.first_dense) % s.experts.every == s.experts.every - 1;
    kind.dense = !kind.experts;
  }
  kind.windowed =
      kind.attention && s.window > 0 && (s.full_every == 0 || (layer + 1) % s.full_every != 0);
  return kind;
}

LayerKind prediction_kind(const TransformerShape& shape) {
  if (shape.pattern.empty()) return layer_kind(shape, shape.layers - 1);
  return {.dense = !shape.has_experts(), .experts = shape.has_experts()};
}

std::vector<LayerGroup> layer_groups(const TransformerShape& shape) {
  std::vector<LayerGroup> groups;
  for (std::uint32_t layer = 0; layer < shape.layers; ++layer) {
    const LayerKind kind = layer_kind(shape, layer);
    const auto group = std::ranges::find(groups, kind, &LayerGroup::kind);
    if (group == groups.end())
      groups.push_back({kind, 1});
    else
      ++group->count;
  }
  return groups;
}

TransformerShape to_transformer(const GptShape& gpt) {
  TransformerShape s;
  s.layers = gpt.layers;
  s.width = gpt.width;
  s.heads = s.kv_heads = gpt.heads;
  s.head_width = gpt.heads == 0 ? 0 : gpt.width / gpt.heads;
  s.context = gpt.context;
  s.vocabulary = gpt.vocabulary;
  s.feed_forward = 4 * gpt.width;
  s.tied_embeddings = gpt.tied_embeddings;
  s.norm_bias = s.query_key_value_bias = s.output_bias = s.feed_forward_bias = gpt.bias;
  return s;
}

namespace {

void check_attention(const TransformerShape& s, const std::string& where) {
  if (s.heads == 0 || s.kv_heads == 0 || (s.head_width == 0 && !s.is_latent()))
    fail("{}: heads, kv_heads and head_width must be positive", where);
  if (s.heads % s.kv_heads != 0)
    fail("{}: {} query heads cannot share {} heads of keys and values (a divisor of {})", where,
         s.heads, s.kv_heads, s.heads);
  if (s.is_latent() &&
      (s.latent.plain_width + s.latent.rotary_width == 0 || s.latent.value_width == 0))
    fail(
        "{}: latent attention needs plain_width or rotary_width, and value_width (DeepSeek-V3 has "
        "128, 64 and 128)",
        where);
}

void check_experts(const Experts& e, std::uint32_t layers, const std::string& where) {
  if (e.count == 0) return;
  if (e.active == 0 || e.active > e.count)
    fail("{}: a token visits {} of {} experts (at least 1, at most all)", where, e.active, e.count);
  if (e.width == 0) fail("{}: the experts' width is not given", where);
  if (e.every == 0)
    fail("{}: experts.every is 0 (1: every layer above the first dense ones)", where);
  if (e.first_dense > layers)
    fail("{}: {} dense layers at the bottom, but the model has {}", where, e.first_dense, layers);
  if (e.groups == 0 || e.active_groups == 0 || e.active_groups > e.groups ||
      e.count % e.groups != 0)
    fail("{}: {} experts in {} groups, of which a token may visit {} (equal groups, at least 1)",
         where, e.count, e.groups, e.active_groups);
  if (e.active > e.count / e.groups * e.active_groups)
    fail("{}: a token visits {} experts, but the {} groups it may visit hold {}", where, e.active,
         e.active_groups, e.count / e.groups * e.active_groups);
}

void check_pattern(const TransformerShape& s, const std::string& where) {
  if (s.pattern.empty()) return;
  if (s.pattern.size() != s.layers)
    fail("{}: the pattern has {} letters, but there are {} layers (one each)", where,
         s.pattern.size(), s.layers);
  if (const auto at = s.pattern.find_first_not_of("*ME-"); at != std::string::npos)
    fail(
        "{}: letter {} of the pattern is not a kind of layer (*: attention, M: state space, E: "
        "experts, -: feed-forward)",
        where, at + 1);
  if (s.pattern.find('M') != std::string::npos) {
    const StateSpace& m = s.state_space;
    if (m.heads == 0 || m.head_width == 0 || m.state == 0 || m.groups == 0 || m.chunk == 0 ||
        m.heads % m.groups != 0)
      fail(
          "{}: state-space layers need heads, head_width, state, chunk and groups that divide the "
          "heads",
          where);
  }
  if (s.pattern.find('E') != std::string::npos && !s.has_experts())
    fail("{}: the pattern has layers of experts, but no experts are described", where);
}

}  // namespace

void check(const TransformerShape& s, const std::string& where) {
  if (s.layers == 0 || s.width == 0 || s.context == 0 || s.vocabulary == 0)
    fail("{}: layers, width, context and vocabulary must be given and positive", where);
  check_pattern(s, where);
  check_attention(s, where);
  check_experts(s.experts, s.layers, where);
  const std::vector<LayerGroup> groups = layer_groups(s);
  if (s.feed_forward == 0 &&
      std::ranges::any_of(groups, [](const LayerGroup& g) { return g.kind.dense; }))
    fail("{}: the width of the feed-forward block is not given", where);
  constexpr std::uint64_t kMost = 1'000'000'000'000'000;
  if (const std::uint64_t count = count_parameters(s).total; count > kMost)
    fail(
        "{}: the model has {} parameters, but at most 10^15 are supported (fewer layers or a "
        "smaller width)",
        where, count);
}

}  // namespace isobar::model

#include "model/models_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "model/file/hugging_face.h"
#include "model/file/shape_keys.h"
#include "model/transformer_counts.h"

namespace isobar::model {
namespace {

constexpr std::string_view kIntroduction = R"(# Models

This page is generated from `models/*.toml` and `src/model/file/shape_keys.cpp`. A test compares it with
them, and `ISOBAR_UPDATE_PAGES=1 model_test` writes it anew.

A model is a shape: the number and width of its layers, the kind of attention, the number of experts.
Parameters, FLOPs and bytes follow from the operators of its layers (`src/model/operators.cpp`); the
planner predicts the time of each operator. `isobar plan` takes a model by a name from the table below, by
the path of a model file, or by the path of a Hugging Face `config.json`.

## Models that come with Isobar

*Parameters* is the number that Isobar counts. *Published* is the number of the source, to as many digits
as the source prints ("all": every digit agrees); a test compares the two. *Activated* is the number of
parameters that one token uses. Both numbers include the embeddings, unless the source leaves them out.
The FLOPs are those of training on one token of a sequence of *context* tokens, forward and backward. In
*full*, every query meets every key; in *causal*, only the keys before it. Modules for multi-token
prediction count in the FLOPs, but not in the parameters.

| model | layers | width | context | parameters | published | activated | published | GFLOP/token full | causal |
|---|---|---|---|---|---|---|---|---|---|
)";

constexpr std::string_view kOwn = R"(
## A model file of your own

A model file is TOML:

```toml
name = "mine"
description = "what it is"
source = "where its sizes come from"

[shape]
layers = 32
heads = 32
kv_heads = 8
width = 4096
feed_forward = 14336
context = 8192
vocabulary = 128_256
activation = "swiglu"
norm = "rms"
positions = "rotary"
tied_embeddings = false
```

Keys that the file leaves out are as in GPT-2. `[latent]` describes latent attention (DeepSeek-V2),
`[experts]` the experts of layers, `[state_space]` the Mamba-2 layers of a `pattern`. `[published]` may
hold `parameters`, `activated`, the number of `digits` that were printed, and their `source`. `[recipe]`,
`gelu`, `dropout` and `layer_norm_epsilon` are for the trainer. It builds only GPTs like GPT-2, and
refuses a file that asks for more. An error message for a wrong value or an unknown key names the file and
the line.

)";

constexpr std::string_view kCannot = R"(
The context of a `config.json` is `max_position_embeddings`, the longest sequence that the model can
serve; give the length of the training sequence with `--sequence`. Keys that change neither FLOPs nor bytes
are not read.

## What cannot be described

Encoders and cross-attention (T5), relative positions with a projection of their own (Gopher), linear
attention other than Mamba-2, and attention over compressed or selected keys (DeepSeek-V3.2 and V4).
Vision and audio parts are left out: if a model has them, only its language model is read.
)";

/// 671,026,419,200
std::string grouped(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string published(std::uint64_t count, std::uint32_t digits, bool with_embedding) {
  if (count == 0) return "-";
  if (digits == 0) return with_embedding ? "all" : "all, without embedding";
  const bool billions = count >= 1'000'000'000;
  std::string text = fmt::format("{:.15g} {}", static_cast<double>(count) / (billions ? 1e9 : 1e6),
                                 billions ? "B" : "M");
  // Some numbers are printed to more digits than the published sizes give.
  std::string significant = std::to_string(count);
  significant.erase(significant.find_last_not_of('0') + 1);
  if (significant.size() > digits) text += fmt::format(", to {} digits", digits);
  return text + (with_embedding ? "" : ", without embedding");
}

std::string model_row(const TransformerModel& model) {
  const TransformerShape& s = model.shape;
  const Published& p = model.published;
  const ParameterCounts counts = count_parameters(s);
  const auto gflop = [&](AttentionConvention convention) {
    return training_flops_per_token(s, s.context, convention) / 1e9;
  };
  return fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} | {:.4g} | {:.4g} |\n", model.name,
                     s.layers, s.width, s.context, grouped(counts.total),
                     published(p.parameters, p.digits, p.with_embedding),
                     counts.activated == counts.total ? "all" : grouped(counts.activated),
                     published(p.activated, p.activated_digits, p.activated_with_embedding),
                     gflop(AttentionConvention::kFull), gflop(AttentionConvention::kCausal));
}

std::string range_of(const ShapeKey& row) {
  if (row.whole != nullptr) return fmt::format("{} to {}", row.low, row.high);
  if (row.truth != nullptr) return "true or false";
  if (row.text != nullptr) return "text";
  std::string names;
  for (const char* name : row.names) names += (names.empty() ? "" : ", ") + std::string(name);
  return names;
}

std::string key_tables() {
  std::string page;
  std::string_view table;
  for (const ShapeKey& row : shape_keys()) {
    if (row.table != table) {
      table = row.table;
      page +=
          fmt::format("{}### [{}]\n\n| key | default | range | what it is |\n|---|---|---|---|\n",
                      page.empty() ? "" : "\n", table);
      if (table == "shape")
        page +=
            "| `bias` | false | true or false | Biases of all linear layers and layer norms; the "
            "keys below set single ones. |\n";
    }
    page +=
        fmt::format("| `{}` | {} | {} | {} |\n", row.key, row.fallback, range_of(row), row.help);
  }
  return page;
}

}  // namespace

std::string format_count(double count) {
  const auto scaled = [&](double unit, const char* suffix) {
    const double value = count / unit;
    return fmt::format("{:.{}f} {}", value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0, suffix);
  };
  if (count >= 999.5e9) return scaled(1e12, "T");
  if (count >= 999.5e6) return scaled(1e9, "B");
  if (count >= 999.5e3) return scaled(1e6, "M");
  return fmt::format("{:.0f}", count);
}

std::string models_page(const std::filesystem::path& folder) {
  std::vector<TransformerModel> models;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::filesystem::path& path = entry.path();
    if (path.extension() != ".toml" || path.stem() == "gpt-nano") continue;  // the trainer's own
    models.push_back(read_transformer(path));
  }
  std::ranges::sort(models, {}, &TransformerModel::name);
  std::string page(kIntroduction);
  for (const TransformerModel& model : models) page += model_row(model);
  page += "\nSources of the shapes and of the counts:\n\n";
  for (const TransformerModel& model : models)
    page += fmt::format("- **{}**: {}. Counted by: {}.\n", model.name, model.source,
                        model.published.source);
  page += kOwn;
  page += key_tables();
  page += "\n## Hugging Face's config.json\n\nArchitectures that Isobar reads:\n\n";
  for (const std::string& name : hugging_face_architectures())
    page += fmt::format("- `{}`\n", name);
  page += kCannot;
  return page;
}

}  // namespace isobar::model

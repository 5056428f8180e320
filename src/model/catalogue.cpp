#include "model/catalogue.h"

#include <vector>

#include "base/error.h"
#include "base/text/nearest.h"
#include "model/file/model_file.h"

namespace isobar::model {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// All that can be read, once per process: a lookup is then a comparison of names.
struct Catalogue {
  std::vector<TransformerModel> models;
  std::vector<std::pair<std::string, std::size_t>> names;
};
Catalogue read_catalogue() {
  Catalogue catalogue;
  for (const std::filesystem::path& path : list_models()) {
    try {
      TransformerModel model = read_transformer(path);
      catalogue.names.emplace_back(model.name, catalogue.models.size());
      for (const std::string& alias : model.aliases)
        catalogue.names.emplace_back(alias, catalogue.models.size());
      catalogue.models.push_back(std::move(model));
    } catch (const UserError&) {
      continue;  // the trainer's own, or a file that `isobar info` complains of
    }
  }
  return catalogue;
}

const Catalogue& catalogue() {
  static const Catalogue all = read_catalogue();
  return all;
}

}  // namespace

std::optional<std::size_t> best_match(
    std::string_view name, std::span<const std::pair<std::string, std::size_t>> candidates) {
  const std::string wanted = plain_name(name);
  std::optional<std::size_t> best;
  std::size_t longest = 0;
  for (const auto& [candidate, index] : candidates) {
    const std::string known = plain_name(candidate);
    if (known.size() <= longest || !wanted.starts_with(known)) continue;
    const std::string_view rest = std::string_view(wanted).substr(known.size());
    if (!rest.empty() && (is_digit(rest.front()) || rest.front() == '.')) continue;
    longest = known.size();
    best = index;
  }
  return best;
}

std::optional<TransformerModel> model_called(std::string_view name) {
  const auto index = best_match(name, catalogue().names);
  return index ? std::optional(catalogue().models[*index]) : std::nullopt;
}

std::optional<TransformerModel> model_named(std::string_view name) {
  const std::string plain = plain_name(name);
  for (const auto& [known, index] : catalogue().names)
    if (!plain.empty() && plain_name(known) == plain) return catalogue().models[index];
  return std::nullopt;
}

}  // namespace isobar::model

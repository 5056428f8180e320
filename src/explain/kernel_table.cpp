#include "explain/kernel_table.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file/file.h"
#include "base/file/paths.h"
#include "base/text/toml_file.h"

namespace isobar::explain {
namespace {

/// By KernelGroup.
constexpr std::array kGroupNames{"gemm", "attention", "vector", "communication", "copy"};
constexpr std::array kPasses{"forward", "backward"};
constexpr std::size_t kMostClasses = 1000;

/// One expression, or a list of them.
std::vector<Pattern> patterns(TomlTable& entry) {
  const toml::node* const node = entry.find("match");
  std::vector<std::string> texts;
  if (node != nullptr && node->is_string())
    texts.push_back(node->as_string()->get());
  else
    entry.texts("match", texts);
  if (texts.empty())
    fail("{}: {} needs match = ['...'], regular expressions for kernel names", entry.where("match"),
         entry.called());
  std::vector<Pattern> found;
  for (const std::string& text : texts) found.emplace_back(text, entry.where("match"));
  return found;
}

/// One of the names, which has to be there.
std::size_t needed_choice(TomlTable& entry, const char* key, std::span<const char* const> names) {
  std::size_t place = 0;
  (void)entry.needed_text(key);
  entry.choice(key, place, names);
  return place;
}

/// 2 x the product of the factors; 0 where that is beyond any real launch.
std::uint64_t twice(std::initializer_list<std::uint64_t> factors) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 60U;
  std::uint64_t product = 2;
  for (const std::uint64_t factor : factors) {
    if (factor == 0 || factor > kMost / product) return 0;
    product *= factor;
  }
  return product;
}

}  // namespace

std::uint64_t AttentionLaunch::flops() const {
  const std::uint64_t all = twice({heads, sequence, sequence, query_key_width + value_width});
  return (causal ? all / 2 : all) * (backward ? 2 : 1);
}

KernelTable KernelTable::read(const std::filesystem::path& user) {
  std::vector<std::string> texts, names;
  const auto add_file = [&](const std::filesystem::path& path) {
    texts.push_back(read_text(path, kMostToml));
    names.push_back(path.string());
  };
  if (!user.empty()) add_file(user);
  add_file(share_directory() / "explain" / "kernel_classes.toml");
  return parse(texts, names);
}

KernelTable KernelTable::parse(std::span<const std::string> texts,
                               std::span<const std::string> names) {
  KernelTable table;
  table.other_ = table.add_class("other", KernelGroup::kVector, "");
  table.copy_ = table.add_class("copy", KernelGroup::kCopy, "");
  for (std::size_t i = 0; i < texts.size(); ++i) table.add(texts[i], names[i]);
  if (!table.operands_.empty()) {
    const auto product = table.find_class(table.operand_product_name_);
    if (!product)
      fail("{}: [[operand]] names the class \"{}\", which the table does not have", names.back(),
           table.operand_product_name_);
    table.operand_product_ = *product;
  }
  return table;
}

std::uint32_t KernelTable::add_class(const std::string& name, KernelGroup group,
                                     const std::string& place) {
  if (const auto known = find_class(name)) {
    if (classes_[*known].group != group)
      fail("{}: the class \"{}\" belongs to another group already", place, name);
    return *known;
  }
  if (classes_.size() == kMostClasses) fail("{}: more than {} classes", place, kMostClasses);
  classes_.push_back({name, group});
  return static_cast<std::uint32_t>(classes_.size() - 1);
}

void KernelTable::add(const std::string& text, const std::string& name) {
  const toml::table file = parse_toml(text, name);
  TomlTable top(file, name, "a kernel table");
  std::vector<TomlTable> classes = top.sections("class"), attentions = top.sections("attention"),
                         operands = top.sections("operand");
  top.finish();
  for (TomlTable& entry : classes) {
    entry.only({"name", "group", "match"});
    const std::string class_name = entry.needed_text("name");
    const auto group = static_cast<KernelGroup>(needed_choice(entry, "group", kGroupNames));
    const std::uint32_t klass = add_class(class_name, group, entry.where("name"));
    for (Pattern& pattern : patterns(entry)) matches_.push_back({std::move(pattern), klass});
  }
  for (TomlTable& entry : attentions) {
    entry.only({"pass", "match"});
    const bool backward = needed_choice(entry, "pass", kPasses) == 1;
    for (Pattern& pattern : patterns(entry)) attentions_.push_back({std::move(pattern), backward});
  }
  for (TomlTable& entry : operands) {
    entry.only({"rows_per_block_y", "columns_per_block_x", "product", "match"});
    const auto rows = static_cast<std::uint32_t>(entry.needed_whole("rows_per_block_y", 1, 65536));
    const auto columns =
        static_cast<std::uint32_t>(entry.needed_whole("columns_per_block_x", 1, 65536));
    const std::string product = entry.needed_text("product");
    if (!operand_product_name_.empty() && product != operand_product_name_)
      fail("{}: all operands must name the same product class, \"{}\"", entry.where("product"),
           operand_product_name_);
    operand_product_name_ = product;
    for (Pattern& pattern : patterns(entry))
      operands_.push_back({std::move(pattern), rows, columns});
  }
}

std::optional<std::uint32_t> KernelTable::find_class(std::string_view name) const {
  const auto found = std::ranges::find(classes_, name, &KernelClass::name);
  if (found == classes_.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - classes_.begin());
}

std::uint32_t KernelTable::class_of(std::string_view kernel, DeviceWork work) const {
  if (work == DeviceWork::kCopy) return copy_;
  for (const Match& match : matches_)
    if (match.pattern.matches(kernel)) return match.klass;
  return other_;
}

std::optional<AttentionLaunch> KernelTable::attention(std::string_view kernel,
                                                      const DeviceEvent& launch) const {
  if (blocks(launch) == 0) return std::nullopt;
  for (const AttentionRule& rule : attentions_) {
    const auto width = rule.pattern.group(kernel, "qk");
    const auto block = rule.pattern.group(kernel, "block");
    if (!width || !block) continue;
    AttentionLaunch found;
    found.backward = rule.backward;
    found.causal = rule.pattern.group(kernel, "causal").value_or("true") == "true";
    found.query_key_width = number_of(*width).value_or(0);
    found.value_width =
        number_of(rule.pattern.group(kernel, "v").value_or(*width)).value_or(found.query_key_width);
    found.sequence = launch.grid[0] * number_of(*block).value_or(0);
    found.heads = std::uint64_t{launch.grid[1]} * launch.grid[2];
    return found;
  }
  return std::nullopt;
}

std::optional<Operand> KernelTable::operand(std::string_view kernel,
                                            const DeviceEvent& launch) const {
  if (blocks(launch) == 0) return std::nullopt;
  for (const OperandRule& rule : operands_)
    if (rule.pattern.matches(kernel))
      return Operand{std::uint64_t{launch.grid[1]} * rule.rows_per_block,
                     std::uint64_t{launch.grid[0]} * rule.columns_per_block};
  return std::nullopt;
}

}  // namespace isobar::explain

#include "explain/kernel_table.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"
#include "base/file/file.h"
#include "base/file/paths.h"
#include "base/text/toml.h"

namespace isobar::explain {
namespace {

constexpr std::array<std::pair<std::string_view, KernelGroup>, 5> kGroups{
    {{"gemm", KernelGroup::kGemm},
     {"attention", KernelGroup::kAttention},
     {"vector", KernelGroup::kVector},
     {"communication", KernelGroup::kCommunication},
     {"copy", KernelGroup::kCopy}}};
constexpr std::size_t kMostClasses = 1000;

/// One [[...]] entry: keys are asked for once, and what nobody asked for is an error.
class Entry {
 public:
  Entry(const toml::table& table, const std::string& file, std::string_view kind)
      : table_(table), place_(fmt::format("{}:{}", file, table.source().begin.line)), kind_(kind) {}

  [[nodiscard]] std::string text(const char* key) {
    known_.emplace_back(key);
    const auto value = table_[key].value_exact<std::string>();
    if (!value || value->empty()) fail("{}: [[{}]] needs {} = \"...\"", place_, kind_, key);
    return *value;
  }
  [[nodiscard]] std::uint32_t whole(const char* key) {
    known_.emplace_back(key);
    const auto value = table_[key].value_exact<std::int64_t>();
    if (!value || *value < 1 || *value > 65536)
      fail("{}: [[{}]] needs {}, a whole number from 1 to 65536", place_, kind_, key);
    return static_cast<std::uint32_t>(*value);
  }
  /// One expression, or a list of them.
  [[nodiscard]] std::vector<Pattern> patterns() {
    known_.emplace_back("match");
    std::vector<Pattern> found;
    const toml::node* const node = table_.get("match");
    if (node != nullptr && node->is_array()) {
      for (const toml::node& element : *node->as_array()) {
        const auto text = element.value_exact<std::string>();
        if (!text) fail("{}: [[{}]] match must hold texts in quotes", place_, kind_);
        found.emplace_back(*text, place_);
      }
    } else if (node != nullptr && node->is_string()) {
      found.emplace_back(node->as_string()->get(), place_);
    }
    if (found.empty())
      fail("{}: [[{}]] needs match = ['...'], regular expressions for kernel names", place_, kind_);
    return found;
  }
  void finish() const {
    for (const auto& [key, node] : table_)
      if (std::ranges::find(known_, key.str()) == known_.end())
        fail("{}:{}: {} is not a key of [[{}]]", place_.substr(0, place_.rfind(':')),
             key.source().begin.line, key.str(), kind_);
  }
  [[nodiscard]] const std::string& place() const { return place_; }

 private:
  const toml::table& table_;
  std::string place_;
  std::string_view kind_;
  std::vector<std::string> known_;
};

KernelGroup group_of(const std::string& name, const std::string& place) {
  for (const auto& [text, group] : kGroups)
    if (text == name) return group;
  fail("{}: group \"{}\" is not one (gemm, attention, vector, communication or copy)", place, name);
}

template <class Read>
void for_each(const toml::table& file, const char* kind, const std::string& name,
              const Read& read) {
  const toml::node* const list = file.get(kind);
  if (list == nullptr) return;
  if (!list->is_array_of_tables())
    fail("{}:{}: {} must be written [[{}]]", name, list->source().begin.line, kind, kind);
  for (const toml::node& node : *list->as_array()) {
    Entry entry(*node.as_table(), name, kind);
    read(entry);
    entry.finish();
  }
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
  for (const auto& [key, node] : file)
    if (key != "class" && key != "attention" && key != "operand")
      fail("{}:{}: {} is not known (a kernel table has [[class]], [[attention]], [[operand]])",
           name, key.source().begin.line, key.str());
  for_each(file, "class", name, [&](Entry& entry) {
    const std::string class_name = entry.text("name");
    const std::uint32_t klass =
        add_class(class_name, group_of(entry.text("group"), entry.place()), entry.place());
    for (Pattern& pattern : entry.patterns()) matches_.push_back({std::move(pattern), klass});
  });
  for_each(file, "attention", name, [&](Entry& entry) {
    const std::string pass = entry.text("pass");
    if (pass != "forward" && pass != "backward")
      fail("{}: pass is \"forward\" or \"backward\"", entry.place());
    for (Pattern& pattern : entry.patterns())
      attentions_.push_back({std::move(pattern), pass == "backward"});
  });
  for_each(file, "operand", name, [&](Entry& entry) {
    const std::uint32_t rows = entry.whole("rows_per_block_y");
    const std::uint32_t columns = entry.whole("columns_per_block_x");
    if (operand_product_name_.empty())
      operand_product_name_ = entry.text("product");
    else if (entry.text("product") != operand_product_name_)
      fail("{}: all operands must name the same product class, \"{}\"", entry.place(),
           operand_product_name_);
    for (Pattern& pattern : entry.patterns())
      operands_.push_back({std::move(pattern), rows, columns});
  });
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

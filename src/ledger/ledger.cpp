#include "ledger/ledger.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "base/text/json_text.h"

namespace isobar::ledger {
namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();

nlohmann::ordered_json json_of(const Cause& cause) {
  nlohmann::ordered_json json{{"name", cause.name}, {"charge", cause.total()}};
  if (!cause.explanation.empty()) json["explanation"] = cause.explanation;
  if (!cause.children.empty()) {
    json["children"] = nlohmann::ordered_json::array();
    for (const Cause& child : cause.children) json["children"].push_back(json_of(child));
  }
  return json;
}

}  // namespace

std::uint64_t Cause::total() const {
  std::uint64_t sum = charge;
  for (const Cause& child : children) sum += child.total();
  return sum;
}

Ledger::Ledger(std::uint64_t capacity, Convention convention)
    : capacity_(capacity), convention_(std::move(convention)) {
  if (capacity > kMost) throw std::invalid_argument("ledger capacity above 2^63 - 1");
  root_.name = "peak";
}

void Ledger::charge(const std::vector<std::string>& path, std::uint64_t amount,
                    std::string_view explanation) {
  if (path.empty()) throw std::logic_error("a charge needs a cause");
  if (amount > kMost - charged_) throw std::overflow_error("charges above 2^63 - 1");
  Cause* cause = &root_;
  for (const std::string& name : path) {
    if (cause != &root_ && cause->charge != 0)
      throw std::logic_error("cause \"" + cause->name + "\" is a charged leaf, not a parent");
    auto child = std::ranges::find(cause->children, name, &Cause::name);
    if (child == cause->children.end()) {
      cause->children.push_back({name, "", 0, {}});
      child = cause->children.end() - 1;
    }
    cause = &*child;
  }
  if (!cause->children.empty())
    throw std::logic_error("cause \"" + cause->name + "\" has parts; charge one of them");
  cause->charge += amount;
  charged_ += amount;
  if (!explanation.empty()) cause->explanation = explanation;
}

std::uint64_t Ledger::capacity() const { return capacity_; }
const Cause& Ledger::root() const { return root_; }
std::uint64_t Ledger::charged() const { return charged_; }
std::int64_t Ledger::unattributed() const {
  return static_cast<std::int64_t>(capacity_) - static_cast<std::int64_t>(charged_);
}
const Convention& Ledger::convention() const { return convention_; }

std::string Ledger::to_json() const {
  nlohmann::ordered_json json{{"source", convention_.source},  {"flops", convention_.flops},
                              {"peak", convention_.peak},      {"unit", convention_.unit},
                              {"capacity", capacity_},         {"charged", charged_},
                              {"unattributed", unattributed()}};
  json["causes"] = nlohmann::ordered_json::array();
  for (const Cause& cause : root_.children) json["causes"].push_back(json_of(cause));
  // Names come from users' kernels: bytes that are not UTF-8 are replaced, not thrown over.
  return json_text(json, 2);
}

}  // namespace isobar::ledger

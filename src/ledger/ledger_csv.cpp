#include "ledger/ledger_csv.h"

#include <string>

namespace isobar::ledger {
namespace {

void add(const Cause& cause, const std::string& path, double capacity, CsvSheet& sheet) {
  if (cause.children.empty() && !path.empty())
    sheet.add("ledger", {{"cause", path},
                         {"charge", std::to_string(cause.charge)},
                         {"share", csv_number(static_cast<double>(cause.charge) / capacity)}});
  for (const Cause& child : cause.children)
    add(child, path.empty() ? child.name : path + "/" + child.name, capacity, sheet);
}

}  // namespace

void add_to_csv(const Ledger& ledger, CsvSheet& sheet) {
  add(ledger.root(), "", static_cast<double>(ledger.capacity()), sheet);
}

}  // namespace isobar::ledger

#include "device/views/hot_spots.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "isa/instruction.h"

namespace isobar::device {

HotCharges& HotCharges::operator+=(const HotCharges& other) {
  issues += other.issues;
  lanes += other.lanes;
  for (std::size_t i = 0; i < charges.size(); ++i) charges[i] += other.charges[i];
  return *this;
}

std::uint64_t HotCharges::total() const {
  return std::accumulate(charges.begin(), charges.end(), std::uint64_t{0});
}

void HotSpots::add(const timing::LaunchTimes& times, std::uint32_t lanes,
                   const LoadedProgram& program) {
  for (std::uint32_t i = 0; i < times.operations.size(); ++i) {
    const timing::OperationTimes& each = times.operations[i];
    if (each.issues == 0) continue;
    const auto [place, is_new] =
        places_.try_emplace(std::pair(program.id(), i), operations_.size());
    if (is_new) {
      HotOperation& operation = operations_.emplace_back();
      operation.pc = program.decoded().pc_of(i);
      operation.text = isa::disassemble(program.decoded().instructions()[i], operation.pc);
      if (const auto where = program.lines().find(operation.pc)) {
        operation.file = where->file;
        operation.line = where->line;
        operation.source = where->text;
      }
    }
    HotCharges charges;
    charges.issues = each.issues;
    charges.lanes = each.lanes;
    charges.charges = each.charges(lanes);
    operations_[place->second] += charges;
  }
}

void merge(std::vector<HotOperation>& into, const std::vector<HotOperation>& from) {
  for (const HotOperation& each : from) {
    const auto same =
        std::ranges::find_if(into, [&](const HotOperation& mine) { return mine.is_same(each); });
    if (same == into.end())
      into.push_back(each);
    else
      *same += each;
  }
}

std::vector<HotLine> hot_lines(const std::vector<HotOperation>& operations) {
  std::map<std::pair<std::string, std::uint32_t>, HotLine> by_line;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const HotOperation& each = operations[i];
    HotLine& line = by_line[{each.file, each.line}];
    line.file = each.file;
    line.line = each.line;
    line.source = each.source;
    line += each;
    line.operations.push_back(i);
  }
  std::vector<HotLine> lines;
  for (auto& [where, line] : by_line) {
    std::ranges::sort(line.operations, [&](std::size_t a, std::size_t b) {
      const std::uint64_t x = operations[a].total(), y = operations[b].total();
      return x != y ? x > y : a < b;
    });
    lines.push_back(std::move(line));
  }
  std::ranges::sort(lines, [](const HotLine& a, const HotLine& b) {
    const std::uint64_t x = a.total(), y = b.total();
    return x != y ? x > y : std::tie(a.file, a.line) < std::tie(b.file, b.line);
  });
  return lines;
}

std::vector<ledger::CycleCause> main_causes(const ledger::CycleCharges& charges) {
  std::vector<ledger::CycleCause> causes;
  for (std::size_t i = 0; i < charges.size(); ++i)
    if (charges[i] > 0) causes.push_back(static_cast<ledger::CycleCause>(i));
  const auto slots = [&](ledger::CycleCause cause) {
    return charges[static_cast<std::size_t>(cause)];
  };
  std::ranges::sort(causes, [&](ledger::CycleCause a, ledger::CycleCause b) {
    return slots(a) != slots(b) ? slots(a) > slots(b) : a < b;
  });
  return causes;
}

}  // namespace isobar::device

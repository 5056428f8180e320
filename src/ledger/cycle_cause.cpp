#include "ledger/cycle_cause.h"

namespace isobar::ledger {
namespace {

constexpr std::array<CycleCauseName, kCycleCauses> kNames{{
    {"issued", "arithmetic", "active lanes of floating-point instructions that count FLOPs"},
    {"issued", "other floating point", "active lanes of moves, conversions and comparisons"},
    {"issued", "integer and address", "active lanes of integer instructions"},
    {"issued", "loads and stores", "issue slots of memory instructions, not their waiting"},
    {"issued", "branches", "active lanes of branches and jumps"},
    {"issued", "synchronisation and system", "barriers, fences, shuffles, special registers"},
    {"divergence", "idle lanes", "lanes of issued instructions masked off or missing"},
    {"front end", "instruction fetch",
     "the next instruction was not there: the cache missed, or the front end is slower"},
    {"front end", "branch latency", "a warp waits for its own branch"},
    {"dependency", "integer", "the result of the integer pipe"},
    {"dependency", "half precision", "the result of the half-precision pipe"},
    {"dependency", "single precision", "the result of the single-precision pipe"},
    {"dependency", "double precision", "the result of the double-precision pipe"},
    {"dependency", "division and square root", "the result of the special pipe"},
    {"dependency", "across lanes", "a shuffle or a vote"},
    {"memory", "local memory", "latency of local memory without conflicts"},
    {"memory", "local bank conflicts", "lanes that met in a bank of local memory, and its port"},
    {"memory", "L1 latency", "a hit in the first-level cache, or the lookup of a miss"},
    {"memory", "L1 banks", "banks and bandwidth of the first-level cache"},
    {"memory", "L1 miss registers", "no miss register or store buffer of the first level was free"},
    {"memory", "request network", "to the second-level cache"},
    {"memory", "L2", "the second-level cache: queue, banks, lookup"},
    {"memory", "L2 miss registers", "no miss register of the second level was free"},
    {"memory", "DRAM queue", "behind other requests: bandwidth"},
    {"memory", "DRAM rows", "precharge, activate, refresh, turnaround"},
    {"memory", "DRAM access", "column access and burst of an idle channel"},
    {"memory", "response network", "back from the second-level cache"},
    {"synchronisation", "barrier", "other warps of the work-group had not arrived"},
    {"synchronisation", "fence", "a fence waits for the warp's stores"},
    {"front end", "operand reads", "more source operands than are read in a cycle"},
    {"front end", "issue gap", "a warp may not issue in every cycle"},
    {"pipe busy", "integer", "a warp was ready, the integer pipe was not"},
    {"pipe busy", "half precision", "a warp was ready, the half-precision pipe was not"},
    {"pipe busy", "single precision", "a warp was ready, the single-precision pipe was not"},
    {"pipe busy", "double precision", "a warp was ready, the double-precision pipe was not"},
    {"pipe busy", "special", "a warp was ready, the special pipe was not"},
    {"pipe busy", "branch", "a warp was ready, the branch pipe was not"},
    {"pipe busy", "load-store", "a warp was ready, the load-store pipe was not"},
    {"no warp", "launch", "before the first work-group arrives"},
    {"no warp", "occupancy",
     "work-groups remain, but there is no room for one or it is on its way"},
    {"no warp", "tail", "no work-group is left for this scheduler"},
}};

}  // namespace

const CycleCauseName& name(CycleCause cause) { return kNames[static_cast<std::size_t>(cause)]; }

}  // namespace isobar::ledger

#include "bench/random/random_program.h"

#include <Random123/philox.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace isobar::bench {
namespace {

/// A stream of random numbers: Philox counters (number, position) under the seed.
class Stream {
 public:
  Stream(std::uint32_t seed, std::uint32_t number) : key_{{seed, 0x15'0ba7}}, number_(number) {}

  std::uint32_t word() {
    if (used_ == block_.size()) {
      block_ = r123::Philox4x32()({{number_, position_++, 0, 0}}, key_);
      used_ = 0;
    }
    return block_[used_++];
  }
  std::uint32_t below(std::uint32_t limit) { return word() % limit; }
  bool chance(std::uint32_t percent) { return below(100) < percent; }
  template <class T>
  const T& of(const std::vector<T>& values) {
    return values.at(below(static_cast<std::uint32_t>(values.size())));
  }

 private:
  r123::Philox4x32::key_type key_;
  r123::Philox4x32::ctr_type block_{};
  std::uint32_t number_, position_ = 0;
  std::size_t used_ = 4;
};

constexpr std::array kScalars{"uint", "ushort", "uchar", "ulong", "int", "short", "char", "float"};
constexpr std::size_t kLocalBytes = 48 << 10;  // of every device
constexpr std::array kWidths{2, 3, 4, 8, 16};

/// A value in a structure: how to write it, and how to read it as a uint.
struct Leaf {
  std::string path;  // ".a.b[" index "].s3"
  std::string type;  // scalar
};

struct Structure {
  std::string name;
  std::vector<Leaf> leaves;
  std::size_t bytes = 0;  // an upper bound, for the room it needs
};
constexpr std::size_t kMostLeaves = 6;  // after which no member is added

class Generator {
 public:
  Generator(std::uint32_t seed, std::uint32_t number)
      : random_(seed, number), id_(fmt::format("{}_{}", seed, number)) {}

  RandomProgram make() {
    result_.name = "k_" + id_;
    result_.groups = 1 + random_.below(3);
    structure();
    if (random_.chance(40)) structure();
    table();
    for (const Structure& s : structures_) struct_functions(s);
    for (int i = 0, n = 1 + number(2); i < n; ++i) function();
    kernel();
    return std::move(result_);
  }

 private:
  int number(std::uint32_t limit) { return static_cast<int>(random_.below(limit)); }
  void line(int depth, const std::string& text) {
    result_.source += std::string(static_cast<std::size_t>(2 * depth), ' ') + text + "\n";
  }

  // ---- types

  /// One member: a scalar, vector, array, union of equal sizes, or an earlier structure.
  void structure() {
    Structure made;
    made.name = fmt::format("S{}_{}", structures_.size(), id_);
    std::string body;
    for (int i = 0, n = 2 + number(4); i < n && made.leaves.size() < kMostLeaves; ++i) {
      const std::string member = fmt::format("m{}", i);
      const std::string scalar = kScalars.at(random_.below(kScalars.size()));
      switch (number(structures_.empty() ? 4 : 5)) {
        case 0:
          body += fmt::format("  {} {};\n", scalar, member);
          made.leaves.push_back({"." + member, scalar});
          break;
        case 1: {
          const int width = kWidths.at(random_.below(kWidths.size()));
          body += fmt::format("  {}{} {};\n", scalar, width, member);
          for (int k = 0; k < width; ++k)
            made.leaves.push_back({fmt::format(".{}.s{:x}", member, k), scalar});
          break;
        }
        case 2: {
          const int count = 2 + number(9);
          body += fmt::format("  {} {}[{}];\n", scalar, member, count);
          for (int k = 0; k < count; ++k)
            made.leaves.push_back({fmt::format(".{}[{}]", member, k), scalar});
          break;
        }
        case 3:
          body += fmt::format(
              "  union {{ uint4 q; uint w[4]; ushort8 h; uchar c[16]; ulong2 l; }} {};\n", member);
          for (int k = 0; k < 4; ++k)
            made.leaves.push_back({fmt::format(".{}.w[{}]", member, k), "uint"});
          made.leaves.push_back({fmt::format(".{}.c[{}]", member, number(16)), "uchar"});
          made.leaves.push_back({fmt::format(".{}.h.s{}", member, number(8)), "ushort"});
          made.leaves.push_back({fmt::format(".{}.q.s{}", member, number(4)), "uint"});
          made.leaves.push_back({fmt::format(".{}.l.s{}", member, number(2)), "ulong"});
          break;
        default: {
          const Structure& inner = random_.of(structures_);
          const int count = 1 + number(2);
          body += fmt::format("  {} {}[{}];\n", inner.name, member, count);
          for (int k = 0; k < count; ++k)
            for (const Leaf& leaf : inner.leaves)
              made.leaves.push_back({fmt::format(".{}[{}]{}", member, k, leaf.path), leaf.type});
        }
      }
    }
    // Eight bytes a leaf, the fourth element of vectors of three, and what aligns a member.
    made.bytes = 11 * made.leaves.size() + 128 * 5;
    result_.source += fmt::format("typedef struct {{\n{}}} {};\n", body, made.name);
    structures_.push_back(std::move(made));
  }

  /// A value of a scalar type made of a uint expression.
  static std::string to(const std::string& type, const std::string& value) {
    if (type == "float") return fmt::format("(float)(({}) & 1023u)", value);
    if (type == "ulong") return fmt::format("((ulong)({0}) * 0x100000001ul)", value);
    return fmt::format("({})({})", type, value);
  }
  /// A uint made of a value of a scalar type.
  static std::string from(const std::string& type, const std::string& value) {
    if (type == "ulong") return fmt::format("(uint)({0} ^ ({0} >> 32))", value);
    return fmt::format("(uint){}", value);
  }

  /// A constant table of plain words, and one of structures that the words alone would not be.
  void table() {
    std::string words;
    for (int i = 0; i < 16; ++i) words += fmt::format("{}{:#x}u", i ? ", " : "", random_.word());
    result_.source += fmt::format("constant uint t_{}[16] = {{{}}};\n", id_, words);
    result_.source +=
        fmt::format("typedef struct {{ uint a[3]; ushort2 b; uint4 c; }} T_{};\n", id_);
    std::string entries;
    for (int i = 0; i < 4; ++i) {
      entries += fmt::format(
          "{}{{{{{:#x}u, {:#x}u, {:#x}u}}, (ushort2)({}, {}), (uint4)({:#x}u, 1, 2, {})}}",
          i ? ", " : "", random_.word(), random_.word(), random_.word(), random_.below(65536),
          random_.below(65536), random_.word(), random_.below(9));
    }
    result_.source += fmt::format("constant T_{0} s_{0}[4] = {{{1}}};\n", id_, entries);
  }

  // ---- functions of structures

  const char* never_inlined(std::uint32_t percent) {
    return random_.chance(percent) ? "__attribute__((noinline)) " : "";
  }

  void struct_functions(const Structure& s) {
    const std::string never = never_inlined(60);
    line(0, fmt::format("{0}{1} make_{1}(uint x) {{", never, s.name));
    line(1, s.name + " s;");
    for (std::size_t i = 0; i < s.leaves.size(); ++i)
      line(1, fmt::format("s{} = {};", s.leaves[i].path,
                          to(s.leaves[i].type, fmt::format("x * {}u + {}u", 2 * i + 1, i))));
    line(1, "return s;");
    line(0, "}");
    line(0, fmt::format("{1}uint hash_{0}({0} s) {{", s.name, never_inlined(75)));
    line(1, "uint h = 1;");
    for (const Leaf& leaf : s.leaves)
      line(1, fmt::format("h = h * 31 + {};", from(leaf.type, "s" + leaf.path)));
    line(1, "return h;");
    line(0, "}");
    line(0, fmt::format("{0}void change_{1}({1}* s, uint x) {{", never_inlined(60), s.name));
    const auto store = [&](int depth) {
      const Leaf& leaf = random_.of(s.leaves);
      line(depth,
           fmt::format(
               "s->{} = {};", leaf.path.substr(1),
               to(leaf.type, fmt::format("x ^ {}", from(leaf.type, "s->" + leaf.path.substr(1))))));
    };
    store(1);
    line(1, fmt::format("if (x % {}u == 0) return;", 2 + number(5)));
    store(1);
    store(1);
    line(0, "}");
    line(0, fmt::format("{0}{1} pass_{1}({1} s, uint x) {{", never_inlined(60), s.name));
    line(1, fmt::format("if (x & {}u) return s;", 1U << random_.below(5)));
    line(1, fmt::format("{} t = s;", s.name));
    line(1, fmt::format("change_{}(&t, x + 1);", s.name));
    line(1, fmt::format("if (x % 3 == 1) return t;"));
    line(1, fmt::format("change_{}(&s, x);", s.name));
    line(1, fmt::format("return x % 5 == 2 ? t : s;"));
    line(0, "}");
  }

  // ---- expressions of uint

  std::string leaf(const std::vector<std::string>& names) {
    if (random_.chance(70)) return random_.of(names);
    if (random_.chance(60))
      return fmt::format("{}u", random_.chance(50) ? random_.below(40) : random_.word());
    return fmt::format("t_{}[{} & 15]", id_, random_.of(names));
  }
  std::string expression(const std::vector<std::string>& names, int depth) {
    if (depth == 0) return leaf(names);
    const std::string a = expression(names, depth - 1), b = expression(names, depth - 1);
    switch (number(22)) {
      case 0:
        return fmt::format("({} + {})", a, b);
      case 1:
        return fmt::format("({} - {})", a, b);
      case 2:
        return fmt::format("({} * {})", a, b);
      case 3:
        return fmt::format("({} & {})", a, b);
      case 4:
        return fmt::format("({} | {})", a, b);
      case 5:
        return fmt::format("({} ^ {})", a, b);
      case 6:
        return fmt::format("({} << ({} & 31))", a, b);
      case 7:
        return fmt::format("({} >> ({} & 31))", a, b);
      case 8:
        return fmt::format("({} / ({} | 1u))", a, b);
      case 9:
        return fmt::format("({} % ({} | 1u))", a, b);
      case 10:
        return fmt::format("({} < {} ? {} : {})", a, b, leaf(names), leaf(names));
      case 11:
        return fmt::format("(uint)((int)({}) >> ({} & 15))", a, b);
      case 12:
        return fmt::format("rotate({}, {})", a, b);
      case 13:
        return fmt::format("mul_hi({}, {})", a, b);
      case 14:
        return fmt::format("(clz({}) + popcount({}))", a, b);
      case 15:
        return fmt::format("abs_diff({}, {})", a, b);
      case 16:
        return fmt::format("add_sat(min({0}, {1}), hadd({0}, {1}))", a, b);
      case 17:
        return fmt::format("(uint)((float)({} & 1023u) * (float)({} & 511u) + (float)({} & 255u))",
                           a, b, leaf(names));
      case 18:
        return vector_expression(a, b, names);
      case 19:
        return fmt::format("(uint)((ulong)({}) * ({}) >> {})", a, b, number(40));
      case 20:
        return fmt::format("(uint)(short)({} + {})", a, b);
      default:
        return may_call() ? call(a, b) : fmt::format("max({}, {})", a, b);
    }
  }
  /// Not in loops of functions, which are called in loops: programs are to end.
  bool may_call() const { return functions_ != 0 && loops_ <= (in_kernel_ ? 1 : 0); }
  std::string call(const std::string& a, const std::string& b) {
    return fmt::format("f{}_{}({}, {})", random_.below(functions_), id_, a, b);
  }
  std::string vector_expression(const std::string& a, const std::string& b,
                                const std::vector<std::string>& names) {
    switch (number(6)) {
      case 0:
        return fmt::format("((uint4)({}, {}, {}, {}) * (uint4)({}, 3, 5, 7)).s{}", a, b,
                           leaf(names), leaf(names), a, number(4));
      case 1:
        return fmt::format("as_uint((convert_uchar4_sat((uint4)({}, {}, {}, 9))).wzyx)", a, b,
                           leaf(names));
      case 2:
        return fmt::format("as_uint2(((ushort4)({0}, {1}, {0} >> 16, 5)).s{2}).y", a, b,
                           random_.chance(50) ? "3120" : "0213");
      case 3:
        return fmt::format("dot_{}((uint3)({}, {}, {}))", id_, a, b, leaf(names));
      case 4:
        return fmt::format("select({}, {}, (uint)({} > {}))", a, b, leaf(names), leaf(names));
      default:
        return fmt::format("(((uint8)((uint4)({}), (uint4)({}))).{}.s{})", a, b,
                           random_.chance(50) ? "even" : "odd", number(4));
    }
  }

  // ---- statements

  std::string condition(const std::vector<std::string>& names) {
    const std::string x = random_.of(names);
    switch (number(5)) {
      case 0:
        return fmt::format("({} & {}u) == 0", x, (1U << (1 + random_.below(4))) - 1);
      case 1:
        return fmt::format("{} % {}u == {}u", x, 2 + random_.below(9), random_.below(2));
      case 2:
        return fmt::format("({} >> {}) & 1", x, number(16));
      case 3:
        return fmt::format("{} < {}", x, leaf(names));
      default:
        return fmt::format("({} & 31u) {} {}u", x, random_.chance(50) ? "<" : ">",
                           random_.below(32));
    }
  }

  /// `leave` is what ends the function early: "return x;", or the kernel's store and return.
  void statements(std::vector<std::string> names, const std::string& leave, int depth, int budget) {
    for (int i = 0, n = 1 + number(3); i < n; ++i) {
      const std::string target = names.at(random_.below(2));  // the first two are variables
      switch (budget == 0 ? number(2) : number(7)) {
        case 0:
        case 1:
          line(depth, fmt::format("{} {} {};", target,
                                  random_.chance(30) ? "=" : "+=", expression(names, 2)));
          break;
        case 2:
          line(depth, fmt::format("if ({}) {{ {} ^= {}; {} }}", condition(names), target,
                                  expression(names, 1), leave));
          break;
        case 3:
          line(depth, fmt::format("if ({}) {{", condition(names)));
          statements(names, leave, depth + 1, budget - 1);
          if (random_.chance(50)) {
            line(depth, "} else {");
            statements(names, leave, depth + 1, budget - 1);
          }
          line(depth, "}");
          break;
        case 4:
          loop(names, leave, depth, budget);
          break;
        case 5: {
          line(depth, fmt::format("switch ({} & 3u) {{", random_.of(names)));
          for (int k = 0; k < 3; ++k) {
            line(depth + 1, fmt::format("case {}:", k));
            line(depth + 2, fmt::format("{} += {};", target, expression(names, 1)));
            const int end = number(3);
            line(depth + 2, end == 0 ? "break;" : end == 1 ? leave : ";");
          }
          line(depth + 1, fmt::format("default: {} ^= 5;", target));
          line(depth, "}");
          break;
        }
        default:
          array(names, target, depth);
      }
    }
  }

  void loop(std::vector<std::string> names, const std::string& leave, int depth, int budget) {
    const std::string i = fmt::format("i{}", counter_++);
    // One in four of the outermost is longer than the scheduler waits before it turns to others.
    const bool is_long = depth == 1 && in_kernel_ && random_.chance(25);
    const std::string count =
        is_long ? fmt::format("{}u + ({} & 255u)", 520 + number(300), random_.of(names))
                : fmt::format("({} & {}u) + {}u", random_.of(names), random_.chance(50) ? 7 : 15,
                              number(4));
    line(depth, fmt::format("for (uint {0} = 0, n{0} = {1}; {0} < n{0}; ++{0}) {{", i, count));
    const std::string target = names.at(random_.below(2));
    ++loops_;
    if (is_long) {
      line(depth + 1, fmt::format("{0} = {0} * 1664525u + ({1} ^ {2});", target, i, leaf(names)));
      if (random_.chance(50))
        line(depth + 1, fmt::format("if (({} >> 7) % {}u == 3) {}", target, 300 + number(3000),
                                    random_.chance(50) ? "break;" : leave));
    } else {
      names.push_back(i);
      line(depth + 1, fmt::format("{} += {};", target, expression(names, 1)));
      if (random_.chance(40))
        line(depth + 1, fmt::format("if ({}) {}", condition(names),
                                    random_.chance(50) ? "continue;" : "break;"));
      if (random_.chance(30))
        line(depth + 1, fmt::format("if ({} % 61u == 7) {{ {} }}", target, leave));
      if (budget > 1) statements(names, leave, depth + 1, budget - 2);
    }
    --loops_;
    line(depth, "}");
  }

  /// A private array that is indexed at run time.
  void array(const std::vector<std::string>& names, const std::string& target, int depth) {
    const std::string a = fmt::format("a{}", counter_++);
    line(depth, fmt::format("uint {}[8] = {{{}, {}, {}, 1, 2, 3, {}, 5}};", a, leaf(names),
                            leaf(names), leaf(names), leaf(names)));
    line(depth, fmt::format("{}[{} & 7] += {};", a, random_.of(names), leaf(names)));
    line(depth, fmt::format("{0} ^= {1}[{0} & 7] + {1}[{2} & 7];", target, a, random_.of(names)));
  }

  void function() {
    if (functions_ == 0)
      line(0, fmt::format("uint dot_{}(uint3 v) {{ return v.x * 3 + v.y * 5 + v.z * 7; }}", id_));
    line(0, fmt::format("{}uint f{}_{}(uint x, uint y) {{", never_inlined(60), functions_, id_));
    counter_ = 0;
    line(1, fmt::format("if ({}) return y * 3 + 1;", condition({"x", "y"})));
    statements({"x", "y"}, "return x - y;", 1, 2);
    if (random_.chance(60)) {
      line(1, fmt::format("if ({}) return x;", condition({"x", "y"})));
      line(1, fmt::format("y ^= {};", expression({"x", "y"}, 2)));
    }
    line(1, "return x + y;");
    line(0, "}");
    ++functions_;
  }

  // ---- the kernel

  /// A place that holds a structure: of the work-item's own, in some address space.
  struct Place {
    std::string text;
    bool may_write = true;
  };

  void copies(const Structure& s, const std::vector<Place>& places) {
    for (int i = 0, n = 2 + number(2); i < n; ++i) {
      const Place& to_place = places.at(random_.below(static_cast<std::uint32_t>(places.size())));
      const Place& from_place = places.at(random_.below(static_cast<std::uint32_t>(places.size())));
      switch (number(5)) {
        case 0:
        case 1:
          line(1, fmt::format("{} = {};", to_place.text, from_place.text));
          break;
        case 2:
          line(1, fmt::format("{} = pass_{}({}, x);", to_place.text, s.name, from_place.text));
          break;
        case 3:
          line(1, fmt::format("{{ {0} t = {1}; change_{0}(&t, y); if ({2}) {3} = t; }}", s.name,
                              from_place.text, condition({"x", "y"}), to_place.text));
          break;
        default: {
          const Leaf& leaf = random_.of(s.leaves);
          line(1, fmt::format("{}{} = {};", to_place.text, leaf.path, to(leaf.type, "x + y")));
        }
      }
      if (random_.chance(40)) line(1, fmt::format("x += hash_{}({});", s.name, to_place.text));
    }
  }

  void kernel() {
    in_kernel_ = true;
    counter_ = 0;
    constexpr std::array<std::size_t, 8> kLocalSizes{1, 7, 31, 32, 33, 48, 64, 100};
    const Structure& s = random_.of(structures_);
    const int rounds = random_.chance(50) ? 1 + number(2) : 0;
    const bool exits = rounds == 0 || random_.chance(25);
    result_.exits_and_barriers = exits && rounds != 0;
    const std::size_t size = std::min(kLocalSizes.at(random_.below(8)), kLocalBytes / s.bytes);
    result_.local_size = size;
    line(0,
         fmt::format(
             "kernel void k_{}(global uint* out, global const uint* in, global uchar* scratch) {{",
             id_));
    line(1, "const uint id = get_global_id(0), lid = get_local_id(0);");
    line(1, fmt::format("local {} shared[{}];", s.name, size));
    line(1, fmt::format("local uint words[{}];", size));
    line(1, fmt::format("global {0}* g = (global {0}*)(scratch + id * {1});", s.name,
                        kRandomScratchBytes));
    line(1, "uint x = in[id & 255], y = in[(id * 7 + 3) & 255] ^ id;");
    line(1, fmt::format("{} p[2];", s.name));
    line(1, fmt::format(
                "p[0] = make_{0}(x); p[1] = make_{0}(y); g[0] = p[y & 1]; g[1] = make_{0}(x ^ y);",
                s.name));
    line(1, fmt::format("T_{0} c = s_{0}[x & 3]; x += c.a[y % 3] + c.b.y + c.c.w;", id_));
    line(1,
         fmt::format("local T_{0} tables[{1}]; global T_{0}* gt = (global T_{0}*)(scratch + id * "
                     "{2} + {3});",
                     id_, size, kRandomScratchBytes, kRandomScratchBytes - 256));
    line(1, fmt::format("tables[lid] = s_{0}[y & 3]; gt[0] = s_{0}[x & 3]; gt[1] = tables[lid];",
                        id_));
    line(1, "c.a[x % 3] += y; gt[y & 1] = c; tables[lid] = gt[x & 1]; c = tables[lid];");
    line(1, "x += c.a[y % 3] ^ gt[0].c.x ^ gt[1].b.x ^ tables[lid].a[x % 3];");
    line(1, fmt::format("shared[lid] = g[x & 1]; words[lid] = x;"));
    if (exits && random_.chance(30)) group_exit();
    const std::vector<Place> own{{"p[0]"}, {"p[1]"},     {"p[x & 1]"},   {"g[0]"},
                                 {"g[1]"}, {"g[y & 1]"}, {"shared[lid]"}};
    copies(s, own);
    for (int i = 0; i < rounds; ++i) {
      statements_without_exit();
      line(1, "barrier(CLK_LOCAL_MEM_FENCE);");
      line(1, fmt::format("const uint from{} = (lid + {}u) % {}u;", i, 1 + number(40), size));
      line(1, fmt::format(
                  "y += words[from{0}] + hash_{1}(shared[from{0}]); p[y & 1] = shared[from{0}];", i,
                  s.name));
      line(1, "barrier(CLK_LOCAL_MEM_FENCE);");
      line(1, fmt::format("words[lid] = y; shared[lid] = p[x & 1];"));
      copies(s, own);
    }
    const std::string leave = exits ? "{ out[id] = x ^ y; return; }" : "x += 77;";
    statements({"x", "y", "id", "lid"}, leave, 1, 2);
    loop({"x", "y", "id", "lid"}, leave, 1, 2);
    copies(s, own);
    line(1, fmt::format("x ^= {};", call("x", "y")));
    if (random_.chance(40)) statements({"x", "y", "id", "lid"}, leave, 1, 1);
    line(1, fmt::format("out[id] = x + y + hash_{0}(p[0]) + 3 * hash_{0}(p[1]) + 5 * "
                        "hash_{0}(g[0]) + 7 * hash_{0}(g[1]) + 9 * hash_{0}(shared[lid]);",
                        s.name));
    line(0, "}");
  }

  /// A whole work-group ends, which may come before barriers.
  void group_exit() {
    line(1,
         fmt::format("if (get_group_id(0) == {}u) {{ out[id] = x; return; }}", random_.below(3)));
  }
  /// Divergent code between barriers, through which everybody comes.
  void statements_without_exit() {
    line(1, fmt::format("if ({}) {{ x += {}; }} else {{ y ^= {}; }}", condition({"x", "y", "lid"}),
                        call("x", "lid"), expression({"x", "y", "id"}, 2)));
  }

  Stream random_;
  std::string id_;
  RandomProgram result_;
  std::vector<Structure> structures_;
  std::uint32_t functions_ = 0;
  int counter_ = 0, loops_ = 0;
  bool in_kernel_ = false;
};

}  // namespace

RandomProgram random_program(std::uint32_t seed, std::uint32_t number) {
  return Generator(seed, number).make();
}

}  // namespace isobar::bench

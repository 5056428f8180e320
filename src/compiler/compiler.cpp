#include "compiler/compiler.h"

#include <fmt/format.h>

#include <cstdlib>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/file/file.h"
#include "base/file/paths.h"
#include "base/file/private_folder.h"
#include "base/file/temporary_folder.h"
#include "base/subprocess.h"
#include "base/terminal.h"
#include "base/units.h"
#include "compiler/build_options.h"
#include "compiler/kernel_cache.h"

namespace isobar::compiler {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kCacheBytes = 256ULL << 20;
// How a compiled object begins, so that clCreateProgramWithBinary can tell it from a program.
constexpr std::string_view kObjectMagic = "isobar-object-1\n";

fs::path compiler_path() { return libexec_directory() / "isobar-clc"; }

/// What the result depends on beside source and options: this very compiler.
std::string identity() {
  std::string text;
  for (const fs::path& path : {compiler_path(), libexec_directory() / "builtins.bc"}) {
    std::error_code error;
    text += fmt::format("{}:{}:{}\n", path.string(), fs::file_size(path, error),
                        fs::last_write_time(path, error).time_since_epoch().count());
  }
  for (const char* variable : {"ISOBAR_CLANG", "ISOBAR_LLD"}) {
    const char* value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): only read
    text += fmt::format("{}={}\n", variable, value != nullptr ? value : "");
  }
  return text;
}

/// Length before text, so that no two lists of texts make the same key.
void add(std::string& key, std::string_view text) {
  key += fmt::format("{}:{}\n", text.size(), text);
}

std::string cache_key(const Source& source, std::string_view action,
                      const std::vector<std::string>& options) {
  std::string key = identity();
  add(key, action);
  add(key, source.name);
  add(key, source.text);
  for (const std::string& option : options) add(key, option);
  for (const auto& [name, text] : source.headers) {
    add(key, name);
    add(key, text);
  }
  // What a relative path in an option or an #include is relative to.
  std::error_code error;
  add(key, fs::current_path(error).string());
  return key;
}

/// The names in a rule of make: "target: a b\ c \<newline> d".
std::vector<fs::path> dependencies_in(const std::string& rule) {
  std::vector<fs::path> result;
  std::string name;
  for (std::size_t i = rule.find(':') + 1; i <= rule.size(); ++i) {
    const char c = i < rule.size() ? rule[i] : '\n';
    const char next = i + 1 < rule.size() ? rule[i + 1] : '\0';
    if ((c == '\\' && (next == ' ' || next == '#')) || (c == '$' && next == '$')) {
      name += rule[++i];
    } else if (c == ' ' || c == '\n' || (c == '\\' && next == '\n')) {
      if (!name.empty()) result.emplace_back(std::exchange(name, {}));
    } else {
      name += c;
    }
  }
  return result;
}

/// Diagnostics speak of files as the user knows them.
std::string cleaned(std::string log, const TemporaryFolder& workplace) {
  const std::string folder = (workplace / "headers").string() + "/";
  for (std::size_t at = 0; (at = log.find(folder, at)) != std::string::npos;)
    log.erase(at, folder.size());
  return log;
}

std::string quoted(const std::string& name) {
  std::string result;
  for (const char c : name) {
    if (c == '"' || c == '\\') result += '\\';
    result += c == '\n' ? ' ' : c;
  }
  return result;
}

/// Headers of clCompileProgram may have folders in their names; none may climb out of ours.
void write_headers(const Source& source, const TemporaryFolder& workplace) {
  for (const auto& [name, text] : source.headers) {
    const fs::path relative = fs::path(name).lexically_normal();
    if (relative.is_absolute() || relative.empty() || *relative.begin() == "..")
      fail("error: a header cannot be called \"{}\"\n", name);
    const fs::path path = workplace / "headers" / relative;
    fs::create_directories(path.parent_path());
    write_text_atomically(path, text);
  }
}

/// Runs isobar-clc and takes what it wrote.
Result run(const std::vector<std::string>& command, const fs::path& output,
           const TemporaryFolder& workplace) {
  const SubprocessResult process = run_subprocess(command);
  Result result;
  result.log = cleaned(process.errors, workplace);
  result.ok = process.exit_code == 0;
  if (result.ok) {
    result.binary = read_file(output);
  } else if (process.exit_code >= 128) {
    result.log += fmt::format("error: the compiler crashed (signal {})\n", process.exit_code - 128);
  } else if (result.log.empty()) {
    result.log = fmt::format("error: the compiler failed (exit code {})\n", process.exit_code);
  }
  return result;
}

/// Turns what went wrong before the compiler ran into a result that says so.
template <class Work>
Result guarded(const Work& work) {
  try {
    return work();
  } catch (const std::exception& error) {
    Result result;
    result.log = error.what();
    if (!result.log.ends_with('\n')) result.log += '\n';
    return result;
  }
}

Result refused(const UserError& error) {
  Result result;
  result.bad_options = true;
  result.log = error.what();
  return result;
}

Result compile_source(const Source& source, const std::string& action,
                      const std::vector<std::string>& options, const Options& settings) {
  fs::path folder;
  if (settings.use_cache)
    folder = settings.cache_directory.empty() ? private_cache("kernels").value_or(fs::path())
                                              : settings.cache_directory;
  const KernelCache cache(folder, kCacheBytes);
  const std::string key = cache_key(source, action, options);
  if (settings.use_cache) {
    if (auto found = cache.find(key)) {
      detail("{}: its binary is in the cache {}", source.name, folder.string());
      Result result;
      result.ok = result.from_cache = true;
      result.log = std::move(found->log);
      result.binary = std::move(found->binary);
      return result;
    }
  }
  detail("{}: compiling it ({})", source.name,
         folder.empty() ? "there is no cache" : "it is not in the cache " + folder.string());
  const TemporaryFolder workplace("isobar-compile");
  write_text_atomically(workplace / "source.cl",
                        fmt::format("#line 1 \"{}\"\n{}", quoted(source.name), source.text));
  write_headers(source, workplace);
  std::vector<std::string> command{
      compiler_path().string(), action, "--source", (workplace / "source.cl").string(), "--output",
      (workplace / "output").string(), "--dependencies", (workplace / "dependencies").string(),
      "--",
      // The same source gives the same bytes, wherever it is compiled.
      "-ffile-prefix-map=" + (workplace / "").string() + "=", "-fdebug-compilation-dir=."};
  command.insert(command.end(), options.begin(), options.end());
  if (!source.headers.empty())
    command.insert(command.end(), {"-I", (workplace / "headers").string()});
  Result result = run(command, workplace / "output", workplace);
  if (!result.ok || !settings.use_cache) return result;
  CachedProgram entry{result.log, result.binary, {}};
  for (const fs::path& path : dependencies_in(read_text(workplace / "dependencies")))
    if (!path.string().starts_with((workplace / "").string())) entry.dependencies.push_back(path);
  cache.store(key, entry);
  return result;
}

void wrap_object(Result& result) {
  const auto magic = std::as_bytes(std::span(kObjectMagic));
  if (result.ok) result.binary.insert(result.binary.begin(), magic.begin(), magic.end());
}

/// The bitcode behind the magic.
std::span<const std::byte> unwrap_object(const std::vector<std::byte>& object) {
  const std::string_view text(reinterpret_cast<const char*>(object.data()), object.size());
  if (!text.starts_with(kObjectMagic))
    fail("error: one of the objects was not made by clCompileProgram of this device\n");
  return std::span(object).subspan(kObjectMagic.size());
}

}  // namespace

Result build(const Source& source, const Options& options) {
  std::vector<std::string> checked;
  try {
    checked = front_end_options(options.build_options, Purpose::kBuild);
  } catch (const UserError& error) {
    return refused(error);
  }
  return guarded([&] { return compile_source(source, "build", checked, options); });
}

Result compile_only(const Source& source, const Options& options) {
  std::vector<std::string> checked;
  try {
    checked = front_end_options(options.build_options, Purpose::kCompile);
  } catch (const UserError& error) {
    return refused(error);
  }
  Result result = guarded([&] { return compile_source(source, "compile", checked, options); });
  wrap_object(result);
  return result;
}

Result link(const std::vector<std::vector<std::byte>>& objects, const Options& options) {
  bool library = false;
  try {
    (void)front_end_options(options.build_options, Purpose::kLink);
    library = creates_library(options.build_options);
  } catch (const UserError& error) {
    return refused(error);
  }
  return guarded([&] {
    const TemporaryFolder workplace("isobar-compile");
    std::vector<std::string> command{compiler_path().string(), library ? "library" : "link",
                                     "--output", (workplace / "output").string()};
    for (std::size_t i = 0; i < objects.size(); ++i) {
      const fs::path path = workplace / fmt::format("object-{}.bc", i);
      write_file_atomically(path, unwrap_object(objects[i]));
      command.push_back(path.string());
    }
    Result result = run(command, workplace / "output", workplace);
    if (library) wrap_object(result);
    return result;
  });
}

std::string version() {
  const SubprocessResult process = run_subprocess({"clang-19", "--version"});
  const std::string text = process.output.substr(0, process.output.find('\n'));
  const std::size_t start = text.find("clang version ");
  return start == std::string::npos ? text : "clang " + text.substr(start + 14);
}

}  // namespace isobar::compiler

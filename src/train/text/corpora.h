// Where scripts/fetch-corpus puts what it fetches.
#pragma once

#include <filesystem>
#include <string>

namespace isobar::train {

/// The file `name` ("moby-dick.txt", "gpt2/vocab.bpe") in the first of these folders that has it:
/// $ISOBAR_CORPORA (set by ./isobar and ./test), corpora/ of the shared data, corpora/ of the
/// user's cache. Throws UserError that says how to fetch `what` if none has.
[[nodiscard]] std::filesystem::path corpus_file(const std::string& name, const std::string& what);

/// The command that fetches them, with the folder they belong in: what an error says.
[[nodiscard]] std::string fetch_corpus_command();

}  // namespace isobar::train

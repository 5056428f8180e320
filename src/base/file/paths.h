// Where Isobar's own data stands: found from the place of the running program or library, so that a
// build tree, an installation and a moved copy of one all work, and nothing is compiled in.
#pragma once

#include <filesystem>

namespace isobar {

/// The root of the tree this code was loaded from: it holds bin/, lib/, libexec/isobar/ and
/// share/isobar/. Found through the dynamic loader's record of this very function.
[[nodiscard]] std::filesystem::path installation_root();

/// <root>/share/isobar: chips/, models/, kernels/, builtins.
[[nodiscard]] std::filesystem::path share_directory();
/// <root>/libexec/isobar: the OpenCL C compiler and its bitcode libraries.
[[nodiscard]] std::filesystem::path libexec_directory();
/// <root>/lib (or the multi-arch folder in an installation): libisobar-opencl.so.
[[nodiscard]] std::filesystem::path library_directory();
/// $XDG_CACHE_HOME/isobar, else ~/.cache/isobar (the home of HOME, else of the user database);
/// empty where there is neither. Not created and not checked here: use private_folder.h for that.
[[nodiscard]] std::filesystem::path cache_directory();

}  // namespace isobar

# Everything foreign, in one place. docs/DEPENDENCIES.md says why each is here.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(LLVM 19.1 REQUIRED CONFIG HINTS /usr/lib/llvm-19/lib/cmake/llvm)
find_package(OpenCL REQUIRED)   # the loader: OpenCL::OpenCL
find_package(PkgConfig REQUIRED)
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET GLOBAL libpcre2-8)   # GPT-2's pattern
find_package(simdjson REQUIRED)   # traces
find_package(ZLIB REQUIRED)       # traces as gzip
find_package(MPI REQUIRED COMPONENTS C)   # its C interface, from C++

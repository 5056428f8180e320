# What the presets switch: warnings, assertions, sanitizers, coverage, clang-tidy.
option(ISOBAR_WERROR "Treat warnings as errors" OFF)
option(ISOBAR_ASSERTIONS "Keep assert() and the standard library's checks" OFF)
set(ISOBAR_COVERAGE OFF CACHE STRING "Instrument for source-based coverage: ON, or some libraries (cli;plan)")
option(ISOBAR_TIDY "Run clang-tidy on every translation unit" OFF)
option(ISOBAR_LIBFUZZER "Build the fuzz targets with libFuzzer (otherwise they replay and mutate)" OFF)
set(ISOBAR_SANITIZE "" CACHE STRING "address, undefined, thread, or several with commas: address,undefined")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

add_library(isobar_options INTERFACE)
target_compile_options(isobar_options INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wno-missing-field-initializers
  # Comparing and rounding must mean the same in every build of the simulator.
  -ffp-contract=off -fno-fast-math)
target_include_directories(isobar_options INTERFACE
  "${CMAKE_SOURCE_DIR}/src" "${CMAKE_SOURCE_DIR}/include")
if(ISOBAR_WERROR)
  target_compile_options(isobar_options INTERFACE -Werror)
endif()
if(ISOBAR_ASSERTIONS)
  add_compile_options(-UNDEBUG)
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()
include(IsobarSanitizers)
if(ISOBAR_COVERAGE)
  # A list instruments these libraries alone, so that the rest runs at its usual speed.
  if(ISOBAR_COVERAGE STREQUAL "ON")
    add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
  endif()
  add_link_options(-fprofile-instr-generate)
endif()
if(ISOBAR_TIDY)
  find_program(ISOBAR_CLANG_TIDY clang-tidy-19 REQUIRED)
  set(CMAKE_CXX_CLANG_TIDY "${ISOBAR_CLANG_TIDY};--quiet")
endif()
find_program(ISOBAR_CCACHE ccache)
if(ISOBAR_CCACHE AND NOT ISOBAR_TIDY)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${ISOBAR_CCACHE}")
endif()
add_link_options(-fuse-ld=lld)

# Three ways to declare what a folder builds.
#
#   isobar_library(simt SOURCES a.cpp b.cpp DEPENDS isa elf [LINK fmt::fmt])  -> target isobar_simt
#   isobar_test(simt SOURCES a_test.cpp DEPENDS simt [LINK ...] [LABELS slow] [TIMEOUT s])
#   isobar_fuzz_target(elf_loader SOURCE elf_loader_fuzz.cpp DEPENDS elf CORPUS corpus/elf_loader)
#
# DEPENDS names Isobar's own libraries without their prefix, LINK foreign targets.

# Switches clang-tidy checks off for one kind of target, where the preset has it on.
function(isobar_tidy_without target checks)
  if(CMAKE_CXX_CLANG_TIDY)
    set_target_properties(${target} PROPERTIES
      CXX_CLANG_TIDY "${CMAKE_CXX_CLANG_TIDY};--checks=${checks}")
  endif()
endfunction()

function(isobar_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LINK" ${ARGN})
  add_library(isobar_${name} STATIC ${ARG_SOURCES})
  if("${name}" IN_LIST ISOBAR_COVERAGE)
    target_compile_options(isobar_${name} PRIVATE -fprofile-instr-generate -fcoverage-mapping)
  endif()
  list(TRANSFORM ARG_DEPENDS PREPEND isobar_)
  target_link_libraries(isobar_${name} PUBLIC isobar_options ${ARG_DEPENDS} ${ARG_LINK})
endfunction()

function(isobar_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPENDS;LINK;LABELS" ${ARGN})
  add_executable(${name}_test ${ARG_SOURCES})
  set_target_properties(${name}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  list(TRANSFORM ARG_DEPENDS PREPEND isobar_)
  target_link_libraries(${name}_test PRIVATE isobar_options ${ARG_DEPENDS} ${ARG_LINK}
                        GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name}_test PRIVATE
    ISOBAR_SOURCE_DIR="${CMAKE_SOURCE_DIR}" ISOBAR_BUILD_DIR="${CMAKE_BINARY_DIR}")
  # ASSERT_TRUE(optional) is not known to the analysis; messages and small sizes need no care; equal
  # bits are what these tests ask for; and special registers come in threes, of which the first has
  # a name.
  isobar_tidy_without(${name}_test "-bugprone-unchecked-optional-access,-performance-inefficient-*,\
-bugprone-implicit-widening-of-multiplication-result,-bugprone-suspicious-memory-comparison,\
-clang-analyzer-optin.core.EnumCastOutOfRange")
  add_test(NAME ${name} COMMAND ${name}_test)
  if(ARG_LABELS)
    set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}")
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 600)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT})
endfunction()

# isobar_mpi_test(name ranks command...): a command, or a test program, under the MPI launcher. Open
# MPI wants to be told that more ranks than cores, and root in a container, are meant. It also leaks what its
# plug-ins allocate and unloads them, so that no suppression can name them: leaks are looked for where the same
# code runs as a single process.
function(isobar_mpi_test name ranks)
  if(TARGET ${ARGV2})
    list(TRANSFORM ARGN REPLACE "^${ARGV2}$" "$<TARGET_FILE:${ARGV2}>" AT 0)
  endif()
  add_test(NAME ${name} COMMAND "${MPIEXEC_EXECUTABLE}" ${MPIEXEC_NUMPROC_FLAG} ${ranks} ${ARGN})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300 ENVIRONMENT "OMPI_ALLOW_RUN_AS_ROOT=1;\
OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1;OMPI_MCA_rmaps_base_oversubscribe=1;ASAN_OPTIONS=detect_leaks=0")
endfunction()

# A fuzz target defines LLVMFuzzerTestOneInput. With ISOBAR_LIBFUZZER it is coverage-guided; in
# every other build a small driver replays the corpus and then a fixed number of seeded mutations,
# so that the plain test suite exercises the same entry point.
function(isobar_fuzz_target name)
  cmake_parse_arguments(ARG "" "SOURCE;CORPUS" "DEPENDS;LINK" ${ARGN})
  list(TRANSFORM ARG_DEPENDS PREPEND isobar_)
  set(corpus "${CMAKE_CURRENT_SOURCE_DIR}/${ARG_CORPUS}")
  if(ISOBAR_LIBFUZZER)
    add_executable(fuzz_${name} ${ARG_SOURCE})
    target_compile_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    set(work "${CMAKE_BINARY_DIR}/tests/fuzz/${name}")
    file(MAKE_DIRECTORY "${work}")
    add_test(NAME fuzz_${name} COMMAND fuzz_${name} -max_total_time=20 -timeout=10 "${work}" "${corpus}")
  else()
    add_executable(fuzz_${name} ${ARG_SOURCE} "${CMAKE_SOURCE_DIR}/src/base/fuzz_replay_main.cpp")
    add_test(NAME fuzz_${name} COMMAND fuzz_${name} "${corpus}")
  endif()
  isobar_tidy_without(fuzz_${name} "-bugprone-empty-catch")  # a refusal is a good answer
  set_target_properties(fuzz_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  target_link_libraries(fuzz_${name} PRIVATE isobar_options ${ARG_DEPENDS} ${ARG_LINK})
  set_tests_properties(fuzz_${name} PROPERTIES TIMEOUT 300 LABELS fuzz)
endfunction()

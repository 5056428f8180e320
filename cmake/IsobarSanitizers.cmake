# Sanitizers, and how foreign programs run with them. A program that is not ours (clinfo, Python) loads
# our instrumented driver without the sanitizer's run-time: ISOBAR_FOREIGN is the command that starts it
# with that run-time in front, and is empty in every other build. The dynamic loader's --preload reaches
# this one process alone, unlike LD_PRELOAD: its children (clang, lld) are not touched. ThreadSanitizer
# wants a plain address space and would restart the loader to get one; setarch gives it one at once.
# What the run-times are told about foreign code stands in scripts/sanitizers/ (CMakePresets.json).
set(ISOBAR_FOREIGN "")
if(ISOBAR_SANITIZE)
  add_compile_options(-fsanitize=${ISOBAR_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ISOBAR_SANITIZE})
  # Of several (address,undefined) the first one's run-time serves all.
  string(REGEX MATCH "^[a-z]+" first "${ISOBAR_SANITIZE}")
  set(runtime_of_address asan)
  set(runtime_of_undefined ubsan_standalone)
  set(runtime_of_thread tsan)
  execute_process(
    COMMAND "${CMAKE_CXX_COMPILER}"
            -print-file-name=libclang_rt.${runtime_of_${first}}-${CMAKE_SYSTEM_PROCESSOR}.so
    OUTPUT_VARIABLE runtime OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  file(GLOB loader /lib64/ld-linux-*.so.* /lib/ld-linux-*.so.*)
  list(GET loader 0 loader)
  set(ISOBAR_FOREIGN setarch -R "${loader}" --preload "${runtime}")
endif()

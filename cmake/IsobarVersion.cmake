# Writes the commit that is checked out into a source file. Without git (a tarball) it is empty.
#   cmake -DSOURCE=... -DOUTPUT=... -P IsobarVersion.cmake
execute_process(COMMAND git -C "${SOURCE}" rev-parse --short=10 HEAD
                OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
file(WRITE "${OUTPUT}" "namespace isobar {\nextern const char kCommit[] = \"${commit}\";\n}\n")

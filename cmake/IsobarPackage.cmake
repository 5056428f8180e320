# The Debian package: cpack in the build folder makes isobar_VERSION_ARCHITECTURE.deb of what
# `cmake --install` lays out, below /usr, with the .icd file where the loader looks. docs/RELEASE.md says
# how a release is made; tests/package/debian_package.sh installs one and works with it.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME isobar)
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_PACKAGE_CONTACT "The Isobar project <maintainers@isobar.invalid>" CACHE STRING
    "Who maintains the package that is made")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "simulator of RISC-V GPUs and planner of language-model training")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Isobar says where every percent of an AI chip's peak goes when it trains a language model: for a
measured chip from a profiler's trace, for a simulated RISC-V GPU down to the instruction, and for a
planned cluster, with one ledger in which every chip-second has exactly one cause.
.
The package has the command, the OpenCL 3.0 driver of the simulated GPU, chips, models and kernels, and
libisobar with its headers.")

# Staged with DESTDIR, so that files which hold paths hold those they will have.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_CUSTOM_INSTALL_VARIABLES "ISOBAR_ICD_FOLDER=/etc/OpenCL/vendors;ISOBAR_DEBIAN=ON")
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_STRIP_FILES ON)

# Libraries are found by dpkg-shlibdeps; these are run as programs (src/compiler/clc). What is missing of
# the others is said when it is needed.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "clang-19, lld-19")
# npm for fetch-corpus, where the package has no corpora; the others for programmers and many ranks.
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "npm, g++ (>= 4:12), pkg-config, opencl-c-headers, openmpi-bin, clinfo")
set(CPACK_DEBIAN_PACKAGE_PROVIDES opencl-icd)
# Of its own libraries, for those who link with them.
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "${CMAKE_SOURCE_DIR}/cmake/debian/conffiles"
                                       "${CMAKE_SOURCE_DIR}/cmake/debian/triggers")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

# What Debian wants in the package's documentation (policy 12.5 and 12.7), and only there.
install(CODE "
  if(ISOBAR_DEBIAN)
    set(doc \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DOCDIR}\")
    file(COPY_FILE \"${CMAKE_SOURCE_DIR}/cmake/debian/copyright\" \"\${doc}/copyright\")
    file(COPY_FILE \"${CMAKE_SOURCE_DIR}/CHANGELOG.md\" \"\${doc}/changelog\")
    execute_process(COMMAND gzip -9nf \"\${doc}/changelog\" COMMAND_ERROR_IS_FATAL ANY)
  endif()")
include(CPack)

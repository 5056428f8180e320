# What a program of somebody else's needs: libisobar.so, its headers, the CMake package and the
# pkg-config file. tests/package/installed_api.sh builds the examples with both.
include(CMakePackageConfigHelpers)
set(package "${CMAKE_INSTALL_LIBDIR}/cmake/isobar")
install(TARGETS isobar-api EXPORT isobar-targets LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(EXPORT isobar-targets NAMESPACE isobar:: DESTINATION "${package}")
# Before 1.0 a minor version is another interface (docs/RELEASE.md).
write_basic_package_version_file("${CMAKE_BINARY_DIR}/cmake/isobar-config-version.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_SOURCE_DIR}/cmake/isobar-config.cmake"
              "${CMAKE_BINARY_DIR}/cmake/isobar-config-version.cmake" DESTINATION "${package}")
install(DIRECTORY "${CMAKE_SOURCE_DIR}/include/isobar" "${CMAKE_BINARY_DIR}/include/isobar"
        DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.h")

file(RELATIVE_PATH ISOBAR_PREFIX_FROM_PKGCONFIG "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" ISOBAR_PREFIX_FROM_PKGCONFIG "${ISOBAR_PREFIX_FROM_PKGCONFIG}")
configure_file("${CMAKE_SOURCE_DIR}/cmake/isobar.pc.in" "${CMAKE_BINARY_DIR}/cmake/isobar.pc" @ONLY)
install(FILES "${CMAKE_BINARY_DIR}/cmake/isobar.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
install(DIRECTORY "${CMAKE_SOURCE_DIR}/examples" DESTINATION "${CMAKE_INSTALL_DOCDIR}")

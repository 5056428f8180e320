# find_package(isobar): the target isobar::isobar (include/isobar/isobar.h). It needs no other package.
include("${CMAKE_CURRENT_LIST_DIR}/isobar-targets.cmake")

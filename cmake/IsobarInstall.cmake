# `cmake --install` lays out: bin/isobar, lib/libisobar-opencl.so, libexec/isobar/, share/isobar/
# (chips, models, clusters, kernels) and the .icd file with the library's installed path.
foreach(folder chips models clusters kernels)
  # In the build tree the same place holds links to the sources, so that an edit shows at once.
  file(MAKE_DIRECTORY "${ISOBAR_SHARE_DIR}")
  file(CREATE_LINK "${CMAKE_SOURCE_DIR}/${folder}" "${ISOBAR_SHARE_DIR}/${folder}" SYMBOLIC)
  install(DIRECTORY "${CMAKE_SOURCE_DIR}/${folder}/" DESTINATION "${CMAKE_INSTALL_DATADIR}/isobar/${folder}")
endforeach()
file(CREATE_LINK "${CMAKE_SOURCE_DIR}/src/cluster/data" "${ISOBAR_SHARE_DIR}/cluster" SYMBOLIC)
install(DIRECTORY "${CMAKE_SOURCE_DIR}/src/cluster/data/" DESTINATION "${CMAKE_INSTALL_DATADIR}/isobar/cluster")
# The constants of the fabrication models, which a user may edit.
file(CREATE_LINK "${CMAKE_SOURCE_DIR}/src/fab/data" "${ISOBAR_SHARE_DIR}/fab" SYMBOLIC)
install(DIRECTORY "${CMAKE_SOURCE_DIR}/src/fab/data/" DESTINATION "${CMAKE_INSTALL_DATADIR}/isobar/fab")

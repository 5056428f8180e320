# `cmake --install` lays out: bin/isobar, lib/libisobar-opencl.so, libexec/isobar/ (the compiler and
# fetch-corpus), share/isobar/ (chips, models, clusters, kernels, the texts to train on where they have
# been fetched) and share/doc/isobar/. The tree may be moved as a whole.
#
# share/isobar/opencl/isobar.icd is for the system's OpenCL loader: ocl-icd reads /etc/OpenCL/vendors,
# whatever the prefix (libOpenCL(7), ocl-icd 2.3.1). Isobar's own commands do not need it. To offer the
# chip to every program, as root: ln -s PREFIX/share/isobar/opencl/isobar.icd /etc/OpenCL/vendors/, or
# install with -DISOBAR_ICD_FOLDER=/etc/OpenCL/vendors.
foreach(folder chips models clusters kernels)
  # In the build tree the same place holds links to the sources, so that an edit shows at once.
  file(MAKE_DIRECTORY "${ISOBAR_SHARE_DIR}")
  file(CREATE_LINK "${CMAKE_SOURCE_DIR}/${folder}" "${ISOBAR_SHARE_DIR}/${folder}" SYMBOLIC)
  install(DIRECTORY "${CMAKE_SOURCE_DIR}/${folder}/" DESTINATION "${CMAKE_INSTALL_DATADIR}/isobar/${folder}")
endforeach()
file(CREATE_LINK "${CMAKE_SOURCE_DIR}/src/plan/data" "${ISOBAR_SHARE_DIR}/plan" SYMBOLIC)
install(DIRECTORY "${CMAKE_SOURCE_DIR}/src/plan/data/" DESTINATION "${CMAKE_INSTALL_DATADIR}/isobar/plan")
# The constants of the fabrication models, which a user may edit.
file(CREATE_LINK "${CMAKE_SOURCE_DIR}/src/fab/data" "${ISOBAR_SHARE_DIR}/fab" SYMBOLIC)
install(DIRECTORY "${CMAKE_SOURCE_DIR}/src/fab/data/" DESTINATION "${CMAKE_INSTALL_DATADIR}/isobar/fab")

# What error messages name: the script that fetches texts and tables, and the pages.
file(MAKE_DIRECTORY "${ISOBAR_LIBEXEC_DIR}")
file(CREATE_LINK "${CMAKE_SOURCE_DIR}/scripts/fetch-corpus" "${ISOBAR_LIBEXEC_DIR}/fetch-corpus" SYMBOLIC)
install(PROGRAMS "${CMAKE_SOURCE_DIR}/scripts/fetch-corpus" DESTINATION "${CMAKE_INSTALL_LIBEXECDIR}/isobar")
install(DIRECTORY "${CMAKE_SOURCE_DIR}/build/corpora" DESTINATION "${CMAKE_INSTALL_DATADIR}/isobar" OPTIONAL)
install(DIRECTORY "${CMAKE_SOURCE_DIR}/docs/" DESTINATION "${CMAKE_INSTALL_DOCDIR}" FILES_MATCHING PATTERN "*.md")

# The .icd holds the path that the library has then: `cmake --install --prefix` decides late.
set(ISOBAR_ICD_FOLDER "" CACHE PATH "Install the .icd file there too: /etc/OpenCL/vendors for all programs")
install(CODE "
  if(NOT ISOBAR_ICD_FOLDER)  # set by cpack
    set(ISOBAR_ICD_FOLDER \"${ISOBAR_ICD_FOLDER}\")
  endif()
  foreach(folder \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}/isobar/opencl\" \${ISOBAR_ICD_FOLDER})
    if(folder)
      set(icd \"\$ENV{DESTDIR}\${folder}/isobar.icd\")
      message(STATUS \"Installing: \${icd}\")
      file(WRITE \"\${icd}\" \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/libisobar-opencl.so\\n\")
    endif()
  endforeach()")

# The manual page and what shells complete, printed by the command itself, and put where man, bash, zsh
# and fish look.
set(help "${CMAKE_BINARY_DIR}/help")
file(MAKE_DIRECTORY "${help}")
foreach(file "isobar.1:manual" "isobar.bash:completion bash" "_isobar:completion zsh" "isobar.fish:completion fish")
  string(REGEX REPLACE ":.*" "" name "${file}")
  string(REGEX REPLACE ".*:" "" arguments "${file}")
  separate_arguments(arguments UNIX_COMMAND "${arguments}")
  add_custom_command(OUTPUT "${help}/${name}" COMMAND isobar ${arguments} > "${help}/${name}"
                     DEPENDS isobar VERBATIM)
  list(APPEND help_files "${help}/${name}")
endforeach()
add_custom_command(OUTPUT "${help}/isobar.1.gz" COMMAND gzip -9nkf "${help}/isobar.1"
                   DEPENDS "${help}/isobar.1" VERBATIM)
add_custom_target(isobar-help-files ALL DEPENDS ${help_files} "${help}/isobar.1.gz")
add_dependencies(product isobar-help-files)

set(share "${CMAKE_INSTALL_DATAROOTDIR}")
install(FILES "${help}/isobar.1.gz" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
install(FILES "${help}/isobar.bash" DESTINATION "${share}/bash-completion/completions" RENAME isobar)
# Debian's zsh looks in vendor-completions, the one of /usr/local in site-functions.
foreach(folder vendor-completions site-functions)
  install(FILES "${help}/_isobar" DESTINATION "${share}/zsh/${folder}")
endforeach()
install(FILES "${help}/isobar.fish" DESTINATION "${share}/fish/vendor_completions.d")

Shells and man are told of the commands.

  $ isobar completion bash > c
  $ source c
  $ COMP_WORDS=(isobar pl); COMP_CWORD=1; _isobar; echo "${COMPREPLY[@]}"
  plan
  $ COMP_WORDS=(isobar run --fidelity ti); COMP_CWORD=3; _isobar; echo "${COMPREPLY[@]}"
  timed
  $ COMP_WORDS=(isobar plan --cluster deep); COMP_CWORD=3; _isobar; echo "${COMPREPLY[@]}"
  deepseek-h800
  $ isobar completion zsh | head -1
  #compdef isobar
  $ isobar completion fish | grep -c '__fish_use_subcommand'
  11
  $ isobar completion
  isobar: isobar completion: name a shell (bash, zsh or fish), or --names
  [2]
  $ isobar completion --names clusters | grep llama
  llama3-24k
  $ isobar manual | head -1
  .TH ISOBAR 1 "" "isobar *" "User Commands" (glob)

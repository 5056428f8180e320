Each command has a page of help with its usage; isobar help lists them.

  $ isobar train --help | grep ^Usage
  Usage: isobar train [OPTIONS]
  $ isobar sample --help | grep ^Usage
  Usage: isobar sample [OPTIONS] run
  $ isobar run --help | grep ^Usage
  Usage: isobar run [OPTIONS] program...
  $ isobar exec --help | grep ^Usage
  Usage: isobar exec [OPTIONS] program [arguments...]
  $ isobar explain --help | grep ^Usage
  Usage: isobar explain [OPTIONS] trace...
  $ isobar bench --help | grep ^Usage
  Usage: isobar bench [OPTIONS] suite
  $ isobar plan --help | grep ^Usage
  Usage: isobar plan [OPTIONS]
  $ isobar chip --help | grep ^Usage
  Usage: isobar chip [OPTIONS] [chips...]
  $ isobar info --help | grep ^Usage
  Usage: isobar info [OPTIONS] [SUBCOMMAND]
  $ isobar info chip --help | grep ^Usage
  Usage: isobar info chip [OPTIONS] name
  $ isobar completion --help | grep ^Usage
  Usage: isobar completion [OPTIONS] [shell]
  $ isobar manual --help | grep ^Usage
  Usage: isobar manual [OPTIONS]
  $ isobar help | grep -c '^  [a-z]'
  11

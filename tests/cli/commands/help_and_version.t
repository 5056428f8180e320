Help for each command in three spellings, and the version with its commit.

  $ isobar help plan > a; isobar plan --help > b; isobar plan -h | diff - a && diff a b
  $ isobar -V
  isobar [0-9.]+( \([0-9a-f]{10}\))? (re)
  $ isobar 2>&1 | head -3 | tail -1
  Usage: isobar [OPTIONS] SUBCOMMAND

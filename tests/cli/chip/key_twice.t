A key that a file has twice is named with its line.

  $ printf 'name = "x"\nclock = "1 GHz"\nname = "y"\n' > mine.toml
  $ isobar chip ./mine.toml
  isobar: ./mine.toml:3: not TOML: * (glob)
  [2]

A chip that nobody knows is answered with the nearest.

  $ isobar info chip isobar-9
  isobar: no chip is called "isobar-9" (did you mean isobar-1? isobar info lists all *; a path to a .toml file works too) (glob)
  [2]
  $ isobar info chip ISOBAR_NANO | head -1
  */chips/isobar-nano.toml (glob)

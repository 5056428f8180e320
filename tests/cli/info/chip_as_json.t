All of one chip, for a program.

  $ isobar info chip isobar-1 --json | grep core.count
    "core.count": "128",
  $ isobar info | grep -E '^  (isobar-nano|vortex-1c4w4t|a100-80gb) '
    isobar-nano       4 cores x 32 lanes* (glob)
    vortex-1c4w4t     1 core x 4 lanes* (glob)
    a100-80gb *80 GB* (glob)

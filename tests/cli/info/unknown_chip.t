A chip that nobody knows is answered with those that there are.

  $ isobar info chip isobar-9
  isobar: no chip is called "isobar-9" (there are *) (glob)
  [2]

Chips side by side, under the rules of a day, and a sweep below a line.

  $ isobar chip h100 h20 ascend-910c isobar-1 | grep -E '^ *class'
    class +3A090.a +none +3A090.a .* (re)
  $ isobar chip h800 --rule-date 2022-12-01 | grep -E '^ *class'
    class +none (re)
  $ isobar chip h1000
  isobar: no chip is called "h1000" (did you mean h100*) (glob)
  [2]
  $ isobar chip --sweep --designs 1000 --below 3A090.b | grep -c 'over the export threshold'
  1

What a comparison or a sweep cannot do is refused by its name, and options of the other are not passed over.

  $ isobar chip
  isobar: isobar chip: no chip is named (isobar info lists them; --sweep needs none)
  [2]
  $ isobar chip h100 --sweep
  isobar: isobar chip --sweep takes no chips (it makes its own; see docs/FAB.md)
  [2]
  $ isobar chip --sweep --node N99 --designs 100
  isobar: *no design of node "N99"* (glob)
  [2]
  $ isobar chip h100 --rule-date yesterday
  isobar: * (glob)
  [2]
  $ isobar chip --sweep --designs 100 --below 3A091
  isobar: * (glob)
  [2]
  $ isobar chip h100 --run absent
  isobar: absent* (glob)
  [2]
  $ isobar chip h100 --constants absent.toml
  isobar: absent.toml: cannot be read: No such file or directory
  [2]
  $ for option in '--designs 10' '--max-area 100' '--max-power 100' '--max-cost 100' '--below 3A090.a' '--judge roofline' '--node N7'; do isobar chip h100 $option; done
  isobar chip: --designs requires --sweep * (glob)
  isobar chip: --max-area requires --sweep * (glob)
  isobar chip: --max-power requires --sweep * (glob)
  isobar chip: --max-cost requires --sweep * (glob)
  isobar chip: --below requires --sweep * (glob)
  isobar chip: --judge requires --sweep * (glob)
  isobar chip: --node requires --sweep * (glob)
  [2]

A file nested beyond sense is refused before the parser takes it, which would exhaust its stack.

  $ python3 -c 'print("\na." + "a." * 300000 + "a = 1")' > dotted.toml
  $ isobar chip ./dotted.toml
  isobar: ./dotted.toml:2: nested deeper than 64 levels
  [2]
  $ python3 -c 'print("a = " + "[" * 65 + "]" * 65)' > list.toml
  $ isobar chip ./list.toml
  isobar: ./list.toml:1: nested deeper than 64 levels
  [2]
  $ isobar chip h100 --constants ./list.toml
  isobar: ./list.toml:1: nested deeper than 64 levels
  [2]
  $ isobar plan -m gpt2 --cluster ./list.toml -n 8
  isobar: ./list.toml:1: nested deeper than 64 levels
  [2]
  $ isobar plan -m ./list.toml -c h100 -n 8
  isobar: ./list.toml:1: nested deeper than 64 levels
  [2]

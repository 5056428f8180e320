Help says what each value is (a file, a chip, a number), gives every default in one form, and ends
no description with a full stop.

  $ for c in train sample run exec explain bench plan chip info "info chip" completion manual; do
  >   isobar $c --help
  > done > all
  $ grep -oE -- '--[a-z-]+ TEXT' all
  --prompt TEXT
  --only TEXT
  $ tr -s ' \n' ' ' < all | grep -oE '[(;] ?default [^ ]+'
  [1]
  $ grep -E '^ {2,}.*[a-z)]\.$' all
  [1]
  $ isobar plan --help | grep -A 1 -e --failures | tr -s ' \n' ' '
   --failures X Failures per chip-hour (default: Llama 3's, 2.19e-05; only with --tokens)  (no-eol)

Choices that an option's own code checks are shown and completed, too.

  $ isobar plan --help | grep -o -e '--schedule .*'
  --schedule 1f1b|interleaved|zb-h1|dualpipe
  $ isobar completion bash > c
  $ source c
  $ COMP_WORDS=(isobar plan --schedule zb); COMP_CWORD=3; _isobar; echo "${COMPREPLY[@]}"
  zb-h1

The suites of bench stand below its options, and in the manual page.

  $ isobar bench --help | grep -c '^[a-z]*: '
  7
  $ isobar manual | grep -c '^simt:'
  1

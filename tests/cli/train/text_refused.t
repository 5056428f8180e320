A text is a plain file, which is read more than once: what never ends, or can be read once, is named.

  $ isobar train --data /dev/zero --tokeniser byte
  $ isobar train --data /dev/zero
  $ mkfifo pipe
  $ isobar train --data pipe --tokeniser byte
  $ isobar train --data .
  $ isobar train --data missing.txt

A text without a character, or of too few for the model's context, is too.

  $ : > empty.txt
  $ isobar train --data empty.txt
  $ isobar train --data empty.txt --tokeniser byte
  $ printf 'Call me Ishmael.' > short.txt
  $ isobar train --data short.txt
  $ printf 'ab\377' > bytes.txt
  $ isobar train --data bytes.txt
  $ ls

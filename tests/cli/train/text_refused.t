A text is a plain file, which is read more than once: what never ends, or can be read once, is named.

  $ isobar train --data /dev/zero --tokeniser byte
  isobar: /dev/zero: is a device, but a text is read more than once (write it to a file and name that)
  [2]
  $ isobar train --data /dev/zero
  isobar: /dev/zero: is a device, but a text is read more than once (write it to a file and name that)
  [2]
  $ mkfifo pipe
  $ isobar train --data pipe --tokeniser byte
  isobar: */pipe: is a pipe, but a text is read more than once (write it to a file and name that) (glob)
  [2]
  $ isobar train --data "$PWD"
  isobar: *: is a folder, but a text is read more than once (write it to a file and name that) (glob)
  [2]
  $ isobar train --data missing.txt
  isobar: */missing.txt: cannot be read: No such file or directory (glob)
  [2]

A text without a character, or of too few for the model's context, is too.

  $ : > empty.txt
  $ isobar train --data empty.txt
  isobar: */empty.txt: the text is empty, so it has no characters to make a vocabulary of (glob)
  [2]
  $ isobar train --data empty.txt --tokeniser byte
  isobar: */empty.txt: 0 tokens are too few for a context of 64: * (glob)
  [2]
  $ printf 'Call me Ishmael.' > short.txt
  $ isobar train --data short.txt
  isobar: */short.txt: 16 tokens are too few for a context of 64: * (glob)
  [2]
  $ printf 'ab\377' > bytes.txt
  $ isobar train --data bytes.txt
  isobar: */bytes.txt: offset 2: the byte 0xff is not UTF-8, which characters need * (glob)
  [2]
  $ ls
  bytes.txt
  empty.txt
  pipe
  short.txt

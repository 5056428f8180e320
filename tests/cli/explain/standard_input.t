A trace may come from standard input, plain or gzip.

  $ trace=$ISOBAR_SOURCE/src/explain/samples/cuda.json
  $ isobar explain "$trace" --json | grep -v '"file"' > file.json
  $ isobar explain - --json < "$trace" | grep -v '"file"' | diff file.json -
  $ gzip -c "$trace" | isobar explain - --json | grep -v '"file"' | diff file.json - | grep -v bytes
  [1]
  $ cat "$trace" | isobar explain - | head -1
  Explaining standard input
  $ isobar explain - - < "$trace"
  isobar: standard input (-) is named twice, but can be read once
  [2]
  $ echo '{"traceEvents": [' | isobar explain -
  isobar: standard input* (glob)
  [2]

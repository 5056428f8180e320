A run goes on as what it is: with another shape, seed or text it is refused, by what differs.

  $ . "$TESTDIR/tiny_run.sh"
  $ tiny --steps 2 --run-dir run > /dev/null
  $ change() { cp -r run $1; sed -i "/^# checksum/d;/checksum/d;s/^$2 *= .*/$2 = $3/" $1/config.toml $1/checkpoints/config.toml; }
  $ for what in 'width 32' 'seed 5' 'batch 3'; do set -- $what; change other-$1 $1 $2; isobar train --resume other-$1 --steps 4; done
  isobar: warning: other-width/config.toml: it has no checksum line and is taken as it is
  isobar: other-width/config.toml: its shape, seed or batch differ from those of other-width/checkpoints/step-2.safetensors (undo the change, or start a new run with --init)
  isobar: warning: other-seed/config.toml: it has no checksum line and is taken as it is
  isobar: other-seed/config.toml: its shape, seed or batch differ from those of other-seed/checkpoints/step-2.safetensors (undo the change, or start a new run with --init)
  isobar: warning: other-batch/config.toml: it has no checksum line and is taken as it is
  isobar: other-batch/config.toml: its shape, seed or batch differ from those of other-batch/checkpoints/step-2.safetensors (undo the change, or start a new run with --init)
  [2]
  $ sed 's/whale/while/' text.txt > while.txt
  $ isobar train --resume run --steps 4 --data while.txt
  isobar: */while.txt: is not the text that run was trained on (name the right one with --data FILE) (glob)
  [2]
  $ echo 'the white whale' >> text.txt; isobar train --resume run --steps 4
  isobar: */text.txt: is not the text that run was trained on (name the right one with --data FILE) (glob)
  [2]

A sample's tokeniser may not have more tokens than its model has room for.

  $ cat > widen.py <<'PY'
  > import json, struct
  > path = "run/checkpoints/step-2.safetensors"
  > data = open(path, "rb").read()
  > end = 8 + struct.unpack("<Q", data[:8])[0]
  > header = json.loads(data[8:end])
  > header["__metadata__"].update(tokeniser='{"kind":"byte"}', checksum=16 * "0")
  > text = json.dumps(header, separators=(",", ":")).encode()
  > text += b" " * (-len(text) % 8)
  > whole = struct.pack("<Q", len(text)) + text + data[end:]
  > checksum = 0xcbf29ce484222325  # FNV-1a
  > for byte in whole: checksum = (checksum ^ byte) * 0x100000001b3 % 2**64
  > open(path, "wb").write(whole.replace(16 * b"0", b"%016x" % checksum, 1))
  > PY
  $ python3 widen.py; isobar sample run --tokens 5
  isobar: run/checkpoints/step-2.safetensors: its tokeniser has 256 tokens, but its model has room for * (glob)
  [2]

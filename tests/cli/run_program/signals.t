A signal to isobar run alone goes on to the program and to what it started, and nothing is left
behind.

  $ cat > program.sh <<'EOF'
  > sleep 1000 &
  > echo $! > pid
  > echo ready
  > wait
  > EOF
  $ for signal in SIGTERM SIGHUP SIGPIPE; do
  >   /usr/bin/python3 "$TESTDIR/send_signal.py" $signal -- sh program.sh
  > done
  isobar run: the program launched no kernel
  exit code 143
  gone
  left behind: []
  isobar run: the program launched no kernel
  exit code 129
  gone
  left behind: []
  isobar run: the program launched no kernel
  exit code 141
  gone
  left behind: []

A shell lets what it starts in the background ignore Ctrl-C; others end of it.

  $ cat > direct.sh <<'EOF'
  > echo $$ > pid
  > echo ready
  > exec sleep 1000
  > EOF
  $ /usr/bin/python3 "$TESTDIR/send_signal.py" SIGINT -- sh direct.sh
  isobar run: the program launched no kernel
  exit code 130
  gone
  left behind: []

One that does not end of it is killed.

  $ cat > stubborn.sh <<'EOF'
  > trap '' TERM
  > echo $$ > pid
  > echo ready
  > sleep 1000
  > EOF
  $ /usr/bin/python3 "$TESTDIR/send_signal.py" SIGTERM -- sh stubborn.sh
  isobar run: the program did not end within 5 s of SIGTERM: killed
  isobar run: the program launched no kernel
  exit code 137
  gone
  left behind: []

When isobar run itself is killed, the kernel ends the program.

  $ /usr/bin/python3 "$TESTDIR/send_signal.py" SIGKILL -- sh direct.sh | sed -n 1,2p
  exit code -9
  gone

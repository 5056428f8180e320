On a narrow terminal a row of the table takes two lines and more, and loses nothing.

  $ isobar bench simt --quick --only vecadd --pairs 1 --peer isobar > wide
  $ for columns in 60 80; do "$TESTDIR/../narrow.py" $columns isobar bench simt --quick --only vecadd --pairs 1 --peer isobar; done
  lines
  lines
  $ cat > words.py <<'PY'
  > import sys; sys.path.insert(0, sys.argv[1])
  > from narrow import shown
  > words = lambda text: {w for w in text.split() if w[0].isalpha()}
  > narrow = shown(60, "isobar bench simt --quick --only vecadd --pairs 1 --peer isobar".split())
  > print(len(narrow) >= 2 * len(open("wide").read().splitlines()), words(open("wide").read()) ^ words(" ".join(narrow)))
  > PY
  $ python3 words.py "$TESTDIR/.."
  True set()

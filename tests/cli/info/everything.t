What there is to work with, as text and as JSON: the same chips and models.

  $ isobar info > text; isobar info --json > info.json
  $ python3 - <<'PY'
  > import json
  > info, text = json.load(open("info.json")), open("text").read()
  > names = [each["name"] for part in ("chips", "catalogue", "models", "transformers") for each in info[part]]
  > print(len(names) > 50, all(f"\n  {name} " in text for name in names))
  > print(info["versions"]["isobar"] in text, [d["device"] for d in info["devices"] if d["platform"] == "Isobar"])
  > PY
  True True
  True ['isobar-nano']

A file that cannot be read is a line of the list, not its end.

  $ isobar info chip ./absent.toml
  isobar: ./absent.toml* (glob)
  [2]

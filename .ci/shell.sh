# What the scripts of .ci and interop share. Sourced by bash.

apt_install() { # apt packages, as root, through sudo, or not at all
  local root=()
  [ "$(id -u)" -eq 0 ] || root=(sudo -n)
  if ! command -v apt-get >/dev/null; then
    echo "please install: $*" >&2
    return 1
  fi
  "${root[@]}" apt-get update -q
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}

apt_unpack() { # DIRECTORY PACKAGE: its files without installing it, so that no daemon of it starts
  local root=()
  [ "$(id -u)" -eq 0 ] || root=(sudo -n)
  mkdir -p "$1"
  (
    cd "$1"
    apt-get download -q "$2" || { "${root[@]}" apt-get update -q && apt-get download -q "$2"; }
    dpkg-deb -x "$2"_*.deb .
  )
}

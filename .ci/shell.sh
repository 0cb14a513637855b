# What the scripts of .ci and interop share. Sourced by bash.

apt_install() { # apt packages, as root, through sudo, or not at all; none of their services starts
  local root=()
  [ "$(id -u)" -eq 0 ] || root=(sudo -n)
  if ! command -v apt-get >/dev/null; then
    echo "please install: $*" >&2
    return 1
  fi
  (
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
      trap '"${root[@]}" rm -f "$policy"' EXIT
      printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee "$policy" >/dev/null
      "${root[@]}" chmod 755 "$policy"
    fi
    "${root[@]}" apt-get update -q &&
      "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
  )
}

debian_mirror() { # the one that this machine takes its own packages from
  local mirror
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 2>/dev/null | grep -v security | head -n 1)
  echo "${mirror:-http://deb.debian.org/debian/}"
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

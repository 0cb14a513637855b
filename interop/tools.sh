# Gets the clients and servers of interop/run, once, into interop/target/tools. Sourced by bash.
#
# nginx, dnsmasq and a curl with HTTP/3 come from a newer Debian than the machine may run: their packages are
# unpacked into a tree of their own and started with that tree's dynamic linker, so nothing on the machine changes.

tools=$PWD/interop/target/tools
debian=$tools/debian
debian_release=trixie
debian_packages=(nginx dnsmasq-base curl)
debian_libraries=(libc6-dev libssl-dev libngtcp2-dev libngtcp2-crypto-ossl-dev libnghttp3-dev libnghttp2-dev)

get_tools() {
  mkdir -p "$tools"
  get_machine_packages
  get_debian
  get_curl
  get_python
  get_go
  get_node
}

get_machine_packages() {
  local missing=() command
  local -A package=([chromium]=chromium [certutil]=libnss3-tools [openssl]=openssl [gcc]=gcc [make]=make
    [pkg-config]=pkg-config [curl]=curl [python3]=python3 [node]=nodejs [npm]=npm)
  for command in "${!package[@]}"; do
    command -v "$command" >/dev/null || missing+=("${package[$command]}")
  done
  python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
  [ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || missing+=(fonts-dejavu-core)
  [ ${#missing[@]} -eq 0 ] || apt_install "${missing[@]}"
  command -v go >/dev/null || PATH=$PATH:/usr/local/go/bin # where Go's own instructions put it
  command -v go >/dev/null || { echo "please install: Go 1.26" >&2; return 1; }
}

debian_apt() { # apt-get or apt-cache for the tree: its own lists, cache and empty list of what is installed
  APT_CONFIG=$debian/apt/apt.conf "$@"
}

get_debian() {
  [ ! -e "$debian/complete" ] || return 0
  rm -rf "$debian"
  mkdir -p "$debian"/{apt/{lists,cache}/partial,apt/cache/archives/partial,usr/lib,usr/lib64,usr/bin,usr/sbin}
  ln -s usr/lib "$debian/lib"
  ln -s usr/lib64 "$debian/lib64"

  local mirror
  mirror=$(debian_mirror)
  local suite
  for suite in "$debian_release" "$debian_release-backports"; do
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"
    echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"
  done >"$debian/apt/sources.list"
  : >"$debian/apt/status"
  cat >"$debian/apt/apt.conf" <<CONF
Dir::Etc::sourcelist "$debian/apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State "$debian/apt";
Dir::State::lists "$debian/apt/lists";
Dir::State::status "$debian/apt/status";
Dir::Cache "$debian/apt/cache";
APT::Install-Recommends "false";
APT::Sandbox::User "$(id -un)";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
CONF
  debian_apt apt-get update -q
  debian_apt apt-get install -q -y --download-only -t "$debian_release-backports" \
    "${debian_packages[@]}" "${debian_libraries[@]}"
  local package
  for package in "$debian"/apt/cache/archives/*.deb; do
    dpkg-deb -x "$package" "$debian"
  done
  rm -rf "$debian"/apt/cache/archives
  touch "$debian/complete"
}

debian_linker() { # the tree's dynamic linker
  local found=("$debian"/usr/lib/*/ld-linux-*.so.*)
  echo "${found[0]}"
}

in_debian() { # runs a program of the tree
  (exec_in_debian "$@")
}

exec_in_debian() { # the same in the place of this shell
  local linker program=$1
  shift
  linker=$(debian_linker)
  exec "$linker" --library-path "$(dirname "$linker")" "$debian/usr/$program" "$@"
}

# Debian's curl speaks HTTP/3, but to a site only: a proxy in between needs --enable-proxy-http3, which Debian leaves
# out. So the same source is built with it, against the same libraries.
get_curl() {
  [ ! -x "$tools/curl-masque" ] || return 0
  local build=$tools/curl-build linker libraries
  linker=$(debian_linker)
  libraries=$(dirname "$linker")
  rm -rf "$build"
  mkdir -p "$build"
  (
    cd "$build"
    debian_apt apt-get source -q --download-only --tar-only "curl/$debian_release-backports"
    tar xf curl_*.orig.tar.* --strip-components=1
    export PKG_CONFIG_SYSROOT_DIR=$debian PKG_CONFIG_LIBDIR=$libraries/pkgconfig
    # --host and --build differ in name only: programs for the tree do not run as they are on this machine.
    ./configure --build="$(uname -m)-pc-linux-gnu" --host="$(uname -m)-linux-gnu" \
      CC="gcc --sysroot=$debian" CFLAGS=-O1 \
      LDFLAGS="-Wl,--dynamic-linker=$linker -Wl,-rpath,$libraries" \
      --disable-shared --disable-dependency-tracking --disable-docs --disable-manual \
      --with-openssl --with-ngtcp2 --with-nghttp3 --with-nghttp2 --enable-proxy-http3 \
      --without-libpsl --without-brotli --without-zstd --without-zlib --disable-ldap --disable-ftp --disable-file \
      --disable-dict --disable-gopher --disable-imap --disable-mqtt --disable-pop3 --disable-rtsp --disable-smb \
      --disable-smtp --disable-telnet --disable-tftp --disable-ipfs --disable-websockets
    make -s -j"$(nproc)" -C lib
    make -s -j"$(nproc)" -C src
  )
  mv "$build/src/curl" "$tools/curl-masque"
  rm -rf "$build"
}

get_python() {
  cmp -s interop/requirements.txt "$tools/venv/requirements.txt" && return 0
  rm -rf "$tools/venv"
  python3 -m venv "$tools/venv"
  "$tools/venv/bin/pip" install -q --disable-pip-version-check -r interop/requirements.txt
  cp interop/requirements.txt "$tools/venv/"
}

get_go() {
  (cd interop/masque-go && go vet . && go build -mod=readonly -o "$tools/masque-client" .)
}

get_node() {
  cmp -s interop/privacypass-ts/package-lock.json "$tools/node/package-lock.json" \
    && cmp -s interop/privacypass-ts/client.mjs "$tools/node/client.mjs" && return 0
  rm -rf "$tools/node"
  mkdir -p "$tools/node"
  cp interop/privacypass-ts/* "$tools/node/"
  (cd "$tools/node" && npm ci --no-audit --no-fund --ignore-scripts) || { rm -rf "$tools/node"; return 1; }
}

# A container engine for the tests that need one, and the images that they start from. Sourced by bash, after shell.sh.
#
# engine_start DIRECTORY   uses the engine that runs, or else, as root of Debian, installs one and starts it below DIRECTORY
# engine_images            pulls the images that Dockerfile and docker-compose.yml name; in an engine of its own it makes some that do
#                          where there is no registry
# engine_stop              undoes engine_start: the engine, its interfaces, its firewall rules, forwarding

engine_pid=

engine_usable() { # Compose v2 and buildx are needed, too
  docker info >/dev/null 2>&1 && docker compose version >/dev/null 2>&1 && docker buildx version >/dev/null 2>&1
}

engine_start() {
  if engine_usable; then
    return 0
  fi
  if docker info >/dev/null 2>&1 || ip link show docker0 >/dev/null 2>&1; then
    echo "the container engine of this machine does not run, or has no Compose v2 and buildx" >&2
    return 1
  fi
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "no container engine runs here, and one can be started by root of Debian alone" >&2
    return 1
  fi
  engine_dir=$1
  mkdir -p "$engine_dir"
  iptables-save >"$engine_dir/ipv4" 2>/dev/null || : >"$engine_dir/ipv4"
  ip6tables-save >"$engine_dir/ipv6" 2>/dev/null || : >"$engine_dir/ipv6"
  sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding net.ipv6.conf.default.forwarding >"$engine_dir/forwarding"
  command -v dockerd >/dev/null && docker compose version >/dev/null 2>&1 || engine_install || return 1
  # A socket, files and networks of its own.
  setsid dockerd --host "unix://$engine_dir/docker.sock" --data-root "$engine_dir/data" --exec-root "$engine_dir/exec" \
    --pidfile "$engine_dir/dockerd.pid" --ip6tables --experimental >"$engine_dir/dockerd.log" 2>&1 </dev/null &
  engine_pid=$!
  export DOCKER_HOST=unix://$engine_dir/docker.sock
  local tries=0
  until docker info >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -ge 60 ] || ! kill -0 "$engine_pid" 2>/dev/null; then
      echo "the container engine does not start: $(tail -n 1 "$engine_dir/dockerd.log")" >&2
      engine_stop
      return 1
    fi
    sleep 0.5
  done
  # dockerd drops what it does not forward itself: not for the others on this machine.
  iptables -P FORWARD ACCEPT
  ip6tables -P FORWARD ACCEPT
}

engine_install() ( # Compose v2 and buildx are in Debian since trixie; what is older stays as it is
  suite=
  if ! apt-cache show docker-buildx docker-cli >/dev/null 2>&1; then
    suite=/trixie
    list=/etc/apt/sources.list.d/relay-engine.sources
    preferences=/etc/apt/preferences.d/relay-engine
    trap 'rm -f "$list" "$preferences"' EXIT
    printf '%s\n' 'Types: deb' "URIs: $(debian_mirror)" 'Suites: trixie' 'Components: main' \
      'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg' >"$list"
    printf '%s\n' 'Package: *' 'Pin: release n=trixie' 'Pin-Priority: 50' >"$preferences"
  fi
  apt_install "docker.io$suite" "docker-cli$suite" "docker-compose$suite" "docker-buildx$suite" iptables procps
)

engine_stop() {
  [ -n "$engine_pid" ] || return 0
  docker ps --all --quiet | xargs -r docker rm --force --volumes >/dev/null 2>&1 || true
  docker network prune --force >/dev/null 2>&1 || true
  kill "$engine_pid" 2>/dev/null || true
  wait "$engine_pid" 2>/dev/null || true
  engine_pid=
  unset DOCKER_HOST
  ip link del docker0 2>/dev/null || true
  engine_firewall iptables "$engine_dir/ipv4"
  engine_firewall ip6tables "$engine_dir/ipv6"
  {
    read -r v4 && sysctl -qw "net.ipv4.ip_forward=$v4"
    read -r v6 && sysctl -qw "net.ipv6.conf.all.forwarding=$v6"
    read -r v6 && sysctl -qw "net.ipv6.conf.default.forwarding=$v6"
  } <"$engine_dir/forwarding"
  rm -rf "$engine_dir"
}

engine_firewall() { # COMMAND FILE: the rules as they were before; tables that there were none of are emptied
  local table
  for table in filter nat raw mangle; do
    if grep -q "^\*$table$" "$2"; then
      continue
    fi
    "$1" -t "$table" -F 2>/dev/null || true
    "$1" -t "$table" -X 2>/dev/null || true
  done
  grep -q '^\*filter$' "$2" || "$1" -P FORWARD ACCEPT
  "$1-restore" <"$2" || true
}

engine_images() { # a JDK, a JRE, Redis and Prometheus under the names of Dockerfile and docker-compose.yml
  local java redis prometheus missing=()
  java=$(sed -n 's/^ARG JAVA_VERSION=//p' Dockerfile)
  local system
  system=$(sed -n 's/^ARG SYSTEM=//p' Dockerfile)
  redis=$(sed -n 's/^ *image: \(redis:.*\)/\1/p' docker-compose.yml)
  prometheus=$(sed -n 's/^ *image: \(prom.*\)/\1/p' docker-compose.yml)
  local image
  for image in "eclipse-temurin:$java-jdk-$system" "eclipse-temurin:$java-jre-$system" "$redis" "$prometheus"; do
    docker image inspect "$image" >/dev/null 2>&1 || timeout 300 docker pull -q "$image" >/dev/null 2>&1 || missing+=("$image")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ -z "$engine_pid" ]; then
    echo "the container engine of this machine cannot pull ${missing[*]}" >&2
    return 1
  fi
  echo "no registry: stand-ins for ${missing[*]} are made of Debian's packages and the JDK of this machine"
  local work status=0
  work=$(mktemp -d -p /var/tmp)
  stand_ins "$work" "${missing[@]}" || status=$?
  rm -rf "$work"
  return "$status"
}

stand_ins() { # DIRECTORY IMAGE...
  local work=$1 image context suite=bookworm modules
  shift
  command -v mmdebstrap >/dev/null || apt_install mmdebstrap || return 1
  . .mvn/jdk.sh
  # The JDK is made for the C library of this machine.
  ! grep -q '^ID=debian$' /etc/os-release || suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  mmdebstrap --quiet --variant=minbase --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --include=ca-certificates,redis-server,redis-tools,prometheus "$suite" "$work/root.tar" "$(debian_mirror)" || return 1
  docker import "$work/root.tar" relay-stand-in >/dev/null || return 1
  # Debian's own JDK is half of it links to /etc; some of them lead nowhere.
  cp -aL "$JAVA_HOME" "$work/jdk" 2>/dev/null || "$work/jdk/bin/java" -version >/dev/null 2>&1 || return 1
  # What a JRE has of a JDK.
  modules=$("$JAVA_HOME/bin/java" --list-modules | sed 's/@.*//' | grep -vE '^(jdk\.(jlink|jpackage|compiler|javadoc|jshell|jartool|jdeps|jconsole|graal.*|internal\.(vm\.ci|ed|le|md|opt|jvmstat)|hotspot\.agent|editpad|jdi|jstatd|attach|jcmd|incubator.*))$' | paste -sd,)
  "$JAVA_HOME/bin/jlink" --add-modules "$modules" --no-header-files --no-man-pages --generate-cds-archive \
    --output "$work/jre" >/dev/null || return 1
  mkdir "$work/nothing"
  for image in "$@"; do
    context=$work/nothing
    case $image in
      eclipse-temurin:*)
        context=$work/jdk
        [[ $image == *-jdk-* ]] || context=$work/jre
        printf '%s\n' 'FROM relay-stand-in' 'COPY . /opt/java/openjdk' 'ENV JAVA_HOME=/opt/java/openjdk' \
          'ENV PATH=/opt/java/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
        ;;
      redis:*)
        printf 'FROM relay-stand-in\nRUN mkdir -p /data && chown 999:999 /data\nWORKDIR /data\nCMD ["redis-server"]\n'
        ;;
      prom/prometheus:*)
        printf 'FROM relay-stand-in\nRUN mkdir -p /prometheus && chown 65534:65534 /prometheus\nENTRYPOINT ["/bin/prometheus"]\n'
        ;;
    esac >"$work/Dockerfile"
    docker build -q -t "$image" -f "$work/Dockerfile" "$context" >/dev/null || return 1
  done
}

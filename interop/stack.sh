# Starts and stops what the clients of interop/run talk to: the two apps, and the targets behind them. Sourced by bash.

site_name=site.interop.test # known to the DNS server that the egress asks, and to nothing else
no_name=nowhere.interop.test # not even to that
user_name=alice
user_password='open sésame: 1' # with all that Basic can carry
processes=()

free_ports() { # the numbers of that many ports of 127.0.0.1 that are free for both TCP and UDP
  python3 - "$1" <<'PYTHON'
import socket, sys

held = []  # until all are found, so that none is found twice
while len(held) < 2 * int(sys.argv[1]):
    tcp, udp = socket.socket(type=socket.SOCK_STREAM), socket.socket(type=socket.SOCK_DGRAM)
    tcp.bind(("127.0.0.1", 0))
    try:
        udp.bind(tcp.getsockname())
    except OSError:
        continue
    held += [tcp, udp]
print(*(tcp.getsockname()[1] for tcp in held[::2]))
PYTHON
}

start() { # a command that becomes one process, with a log of that name
  local log=$work/logs/$1.log
  shift
  "$@" >"$log" 2>&1 &
  processes+=("$!")
}

await() { # what is awaited, the process that has to live for it, and a command that succeeds once it is there
  local what=$1 pid=$2 end=$((SECONDS + 120))
  shift 2
  until "$@" >/dev/null 2>&1; do
    if ! kill -0 "$pid" 2>/dev/null; then
      echo "$what has ended while starting" >&2
      return 1
    fi
    if [ "$SECONDS" -ge "$end" ]; then
      echo "$what was not ready within 120 s" >&2
      return 1
    fi
    sleep 0.1
  done
}

stop_all() {
  [ ${#processes[@]} -gt 0 ] || return 0
  kill "${processes[@]}" 2>/dev/null || true
  local pid
  for pid in "${processes[@]}"; do
    wait "$pid" 2>/dev/null || true
  done
  processes=()
}

start_targets() {
  start echo python3 interop/targets/udp_echo.py "$echo_port"

  start dns exec_in_debian sbin/dnsmasq --no-daemon --conf-file=/dev/null --pid-file --no-hosts --no-resolv \
    --user="$(id -un)" --port="$dns_port" --listen-address=127.0.0.1 --bind-interfaces \
    --address="/$site_name/127.0.0.1" --address="/$no_name/" --txt-record="$site_name,hello through a relay"

  make_site_certificate
  mkdir -p "$work/nginx" "$work/pages/uploads"
  cp interop/site/* "$work/pages/"
  head -c 4000000 /dev/urandom >"$work/pages/download.bin"
  sed -e "s|@WORK@|$work|g; s|@PAGES@|$work/pages|g; s|@USER@|$(id -un)|g" \
    -e "s|@SITE@|$site_port|g; s|@PLAIN@|$plain_port|g; s|@NAME@|$site_name|g" \
    interop/targets/nginx.conf >"$work/nginx.conf"
  start site exec_in_debian sbin/nginx -e stderr -c "$work/nginx.conf"
  await nginx "${processes[-1]}" curl -q -sf "http://127.0.0.1:$plain_port/index.html"
}

make_site_certificate() { # an authority of its own, which the relays do not know
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 7 -subj "/CN=Interop sites" \
    -keyout "$work/site-ca.key" -out "$work/site-ca.crt"
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$site_name" \
    -keyout "$work/site.key" -out "$work/site.csr"
  openssl x509 -req -in "$work/site.csr" -CA "$work/site-ca.crt" -CAkey "$work/site-ca.key" -CAcreateserial \
    -days 7 -out "$work/site.crt" \
    -extfile <(printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth\n' "$site_name")
} >"$work/logs/certificates.log" 2>&1

start_apps() {
  start egress app egress-app "$egress_port" "$egress_management" \
    --relay.egress.clients=any --relay.egress.allow-private=true \
    --relay.qlog.enabled=true --relay.qlog.compress=false "--relay.qlog.directory=$work/qlog/egress" \
    "--relay.egress.resolver.servers[0]=127.0.0.1:$dns_port"
  local egress_pid=${processes[-1]}
  start ingress app ingress-app "$ingress_port" "$ingress_management" \
    --relay.qlog.enabled=true --relay.qlog.compress=false "--relay.qlog.directory=$work/qlog/ingress" \
    --relay.auth.admit=anybody "--relay.upstream.uri=https://localhost:$egress_port"
  await "the ingress" "${processes[-1]}" is_ready "$ingress_management"
  await "the egress" "$egress_pid" is_ready "$egress_management"
}

start_paid_ingress() { # one that wants tokens, and issues them with keys that openssl has made
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp384r1 -out "$work/issuer-1.key"
  openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/issuer-2.key"
  cat "$work"/issuer-[12].key >"$work/issuer.keys"
  start paid-ingress app ingress-app "$paid_port" "$paid_management" \
    "--relay.upstream.uri=https://localhost:$egress_port" "--relay.auth.issuer-name=localhost:$paid_port" \
    --relay.issuer.enabled=true --relay.issuer.key-file="$work/issuer.keys"
  await "the ingress that wants tokens" "${processes[-1]}" is_ready "$paid_management"
}

start_ingress_with_users() { # one that wants a name and a password, or else a token
  echo "$user_password" | "$JAVA_HOME/bin/java" -jar relay-cli/target/relay-cli-exec.jar \
    password "$user_name" --file "$work/users"
  start users-ingress app ingress-app "$users_port" "$users_management" \
    --relay.auth.admit=basic,token "--relay.auth.basic.users-file=$work/users" \
    "--relay.upstream.uri=https://localhost:$egress_port"
  await "the ingress with users" "${processes[-1]}" is_ready "$users_management"
}

app() { # one of the two apps, in the place of this shell; module, port, management port, further arguments
  local jar=$1/target/$1-exec.jar port=$2 management=$3
  shift 3
  exec "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -jar "$jar" \
    "--relay.listeners[0].name=all" "--relay.listeners[0].address=127.0.0.1" "--relay.listeners[0].port=$port" \
    --server.port="$management" --relay.development.directory="$work/pki" --relay.drain.timeout=1s "$@"
}

is_ready() {
  curl -q -sf "http://127.0.0.1:$1/actuator/health/readiness"
}

tunnels() { # how many tunnels of a kind over an HTTP version an app has opened so far
  curl -q -sf "http://127.0.0.1:$1/actuator/prometheus" \
    | awk -v kind="protocol=\"$2\"" -v version="transport=\"$3\"" \
      'index($0, "masque_tunnels_total{") == 1 && index($0, kind) && index($0, version) { sum += $NF }
       END { print sum + 0 }'
}

# The cases of interop/run, by client. Sourced by bash. Each runs with $relay, the first hop as host:port.

cases_masque-go() {
  local hop
  for hop in egress ingress; do
    check "$hop" udp h3 "masque-go: UDP echo" masque_go -echo "127.0.0.1:$echo_port"
    check "$hop" udp h3 "masque-go: DNS answers" masque_go -dns "127.0.0.1:$dns_port" -name "$site_name"
  done
}

masque_go() {
  timeout 60 "$tools/masque-client" -relay "$relay" -cacert "$work/pki/server-ca.crt" "$@"
}

cases_aioquic() {
  local hop
  for hop in egress ingress; do
    check "$hop" udp h3 "aioquic: UDP echo" aioquic --echo "127.0.0.1:$echo_port"
    check "$hop" udp h3 "aioquic: UDP echo while it updates its keys" aioquic_with_new_keys --echo "127.0.0.1:$echo_port"
    check "$hop" udp h3 "aioquic: UDP echo in capsules" aioquic --echo "127.0.0.1:$echo_port" --capsules
    check "$hop" tcp h3 "aioquic: a download" aioquic --site "$site_name:$plain_port" --expect "$work/pages/download.bin"
  done
}

aioquic() {
  timeout 60 "$tools/venv/bin/python" interop/aioquic/client.py \
    --relay "$relay" --cacert "$work/pki/server-ca.crt" "$@"
}

aioquic_with_new_keys() { # and the hop writes the update down
  local before i
  before=$(updates_of_keys "$hop")
  aioquic --update-keys "$@"
  for i in {1..50}; do
    if [ "$(updates_of_keys "$hop")" -gt "$before" ]; then
      return
    fi
    sleep 0.1
  done
  echo "the client is happy, but the qlog of the $hop has no update of keys"
  return 1
}

updates_of_keys() { # how many there are in the qlog of the connections that a hop has accepted
  cat "$work/qlog/$1"/*-server-*.sqlog | grep -c '"remote_update"' || true
}

cases_curl() {
  local hop
  for hop in egress ingress; do
    check "$hop" tcp h1 "curl of this machine: up and down" up_and_down machine_curl 2
    check "$hop" tcp h2 "curl of Debian: up and down" up_and_down debian_curl 2 --proxy-http2
    check "$hop" tcp h3 "curl: up and down" up_and_down masque_curl 2 --proxy-http3
    check "$hop" udp h1 "curl: up and down over HTTP/3" up_and_down masque_curl 3 --http3-only
    check "$hop" udp h2 "curl: up and down over HTTP/3" up_and_down masque_curl 3 --http3-only --proxy-http2
    check "$hop" udp h3 "curl: up and down over HTTP/3" up_and_down masque_curl 3 --http3-only --proxy-http3
  done
}

cases_curl-password() {
  start_ingress_with_users >"$work/logs/users.log" 2>&1
  local ingress_port=$users_port ingress_management=$users_management
  # Over HTTP/1.1 also as browsers do it, who wait until they are asked; over the others, curl does not ask again.
  check ingress tcp h1 "curl of this machine: name and password, when asked" name_and_password machine_curl 407 --proxy-anyauth
  check ingress tcp h1 "curl of this machine: name and password" name_and_password machine_curl 407
  check ingress tcp h2 "curl of Debian: name and password" name_and_password debian_curl 407 --proxy-http2
  check ingress tcp h3 "curl: name and password" name_and_password masque_curl 407 --proxy-http3
  # Not over h2 and h3: there curl 8.21 sends :protocol behind Proxy-Authorization, which is malformed (RFC 9114, 4.3).
  check ingress udp h1 "curl: name and password" name_and_password masque_curl 401 --http3-only
}

name_and_password() { # with that curl, which gets that status when it has neither, with those options
  local curl=$1 asked=$2 got
  shift 2
  is_refused "$asked" "$curl" "$@"
  is_refused 407 "$curl" "$@" --proxy-user "$user_name:wrong"
  got=$(fetch "$curl" "https://$site_name:$site_port/download.bin" -w '%{http_code}' "$@" \
    --proxy-user "$user_name:$user_password")
  if [ "$got" != 200 ] || ! cmp "$work/fetched" "$work/pages/download.bin"; then
    echo "instead of a page with 200, there is: $got"
    return 1
  fi
}

is_refused() { # and asked for a password, with that status, that curl, those options
  local status=$1 curl=$2
  shift 2
  if fetch "$curl" "https://$site_name:$site_port/" "$@" 2>"$work/refused"; then
    echo "there is a tunnel without the right password"
    return 1
  fi
  cat "$work/refused"
  if ! grep -q "\\b$status\\b" "$work/refused" || ! grep -qi -- '-authenticate: basic realm=' "$work/refused"; then
    echo "without the right password, there is no $status with a challenge"
    return 1
  fi
}

machine_curl() { curl "$@"; }
debian_curl() { in_debian bin/curl "$@"; }
masque_curl() { "$tools/curl-masque" "$@"; }

up_and_down() { # with that curl, with the site in that HTTP version, with those options
  local curl=$1 version=$2 path got
  shift 2
  for path in index.html download.bin; do
    got=$(fetch "$curl" "https://$site_name:$site_port/$path" -w '%{http_code} %{http_version}' "$@")
    if [ "$got" != "200 $version" ] || ! cmp "$work/fetched" "$work/pages/$path"; then
      echo "instead of $path with 200 over HTTP/$version, there is: $got"
      return 1
    fi
  done
  rm -f "$work/pages/uploads/upload.bin"
  got=$(fetch "$curl" "https://$site_name:$site_port/uploads/upload.bin" -w '%{http_code} %{http_version}' \
    --upload-file "$work/pages/download.bin" "$@")
  if [ "$got" != "201 $version" ] || ! cmp "$work/pages/uploads/upload.bin" "$work/pages/download.bin"; then
    echo "instead of an upload with 201 over HTTP/$version, there is: $got"
    return 1
  fi
  # How a curl tells of the refusal depends on its version; all of them show its head fields when they are verbose.
  if fetch "$curl" "https://$no_name:$site_port/" "$@" 2>"$work/refused"; then
    echo "there is a tunnel to a name that does not exist"
    return 1
  fi
  cat "$work/refused"
  if ! grep -q '\b502\b' "$work/refused" || ! grep -qi 'proxy-status: .*error=dns_error' "$work/refused"; then
    echo "a name that does not exist is not refused with 502 and dns_error"
    return 1
  fi
}

fetch() { # with that curl, that URL, with those options
  local curl=$1 url=$2
  shift 2
  "$curl" -q -sS -v --max-time 60 --proxy "https://$relay" --proxy-cacert "$work/pki/server-ca.crt" \
    --cacert "$work/site-ca.crt" -o "$work/fetched" "$@" "$url"
}

cases_chromium() {
  trust_in_chromium >"$work/logs/certutil.log" 2>&1
  check egress tcp h2 "Chromium: the same screenshot as without relay" compare_screenshots
  check ingress tcp h2 "Chromium: the same screenshot as without relay" compare_screenshots
}

trust_in_chromium() { # the authorities of the relay and of the site, for the user whose home is in $work
  local store=$work/home/.pki/nssdb
  mkdir -p "$store"
  certutil -d "sql:$store" -N --empty-password
  certutil -d "sql:$store" -A -t C,, -n relay -i "$work/pki/server-ca.crt"
  certutil -d "sql:$store" -A -t C,, -n site -i "$work/site-ca.crt"
}

compare_screenshots() { # only the relay knows where $site_name is: without one, Chromium is told. It finds no other host.
  screenshot direct --no-proxy-server --host-resolver-rules="MAP $site_name 127.0.0.1, MAP * ~NOTFOUND"
  screenshot relayed --proxy-server="https://$relay" --host-resolver-rules="MAP * ~NOTFOUND, EXCLUDE localhost"
  "$tools/venv/bin/python" interop/compare.py "$work/logs/direct.png" "$work/logs/relayed.png"
}

screenshot() {
  local file=$work/logs/$1.png
  shift
  rm -f "$file"
  HOME=$work/home timeout -k 5 60 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync --disable-dev-shm-usage \
    --user-data-dir="$(mktemp -d -p "$work")" --hide-scrollbars --window-size=800,600 \
    --screenshot="$file" "$@" "https://$site_name:$site_port/index.html" 2>&1 | tee "$work/chromium.log"
  [ -s "$file" ] || { echo "no screenshot: $(grep -o 'net::.*' "$work/chromium.log" | head -n 1)"; return 1; }
}

cases_privacypass-ts() {
  start_paid_ingress >"$work/logs/issuer-keys.log" 2>&1
  local ingress_port=$paid_port ingress_management=$paid_management type
  for type in 1 2; do
    check ingress tcp h1 "privacypass-ts: pays with a token of type $type" pay_with_token "$type"
    check_only "privacypass-ts: verifies our client's tokens of type $type" verify_our_tokens "$type"
  done
}

privacypass_ts() {
  NODE_EXTRA_CA_CERTS=$work/pki/server-ca.crt timeout 60 node "$tools/node/client.mjs" "$@"
}

pay_with_token() { # of that type
  privacypass_ts pay "$1" "$relay" "$site_name:$plain_port" /index.html >"$work/paid"
  cmp "$work/paid" "$work/pages/index.html"
}

verify_our_tokens() { # of that type
  local tokens
  mapfile -t tokens < <("$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED \
    --sun-misc-unsafe-memory-access=allow -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
    -jar relay-cli/target/relay-cli-exec.jar token --relay "localhost:$paid_port" --ca "$work/pki/server-ca.crt" \
    --token-types "$1" --count 2)
  if [ ${#tokens[@]} -ne 2 ]; then
    echo "our client has fetched ${#tokens[@]} tokens instead of 2"
    return 1
  fi
  privacypass_ts verify "$1" "$work/issuer-$1.key" "${tokens[@]}"
}

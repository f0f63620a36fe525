#!/usr/bin/env bash
# Compares GET from a running Tarn with nginx serving the same bytes, interleaved in one run; prints a Markdown table.
# usage: AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… bench/compare-nginx.sh [--endpoint URL] [--server-pid PID] [--rounds 2] [--duration 5s] [--warm 10s] [--nginx-port 18080] [--nginx-root DIR]
# --nginx-root: where the temporary files go; put it on the file system that holds Tarn's data.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

endpoint=http://127.0.0.1:9000 server_pid='' rounds=2 duration=5s warm=10s nginx_port=18080 base=${TMPDIR:-/tmp}
while [ $# -gt 0 ]; do
  case $1 in
    --endpoint) endpoint=$2 ;; --server-pid) server_pid=$2 ;; --rounds) rounds=$2 ;; --duration) duration=$2 ;; --warm) warm=$2 ;;
    --nginx-port) nginx_port=$2 ;; --nginx-root) base=$2 ;;
    *) echo "unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done
nginx=$(PATH=$PATH:/usr/sbin command -v nginx) || { echo "nginx is not installed" >&2; exit 2; }
build_load
server_pid=${server_pid:-$(listener_pid "$(port_of "$endpoint")")} || { echo "nothing listens at $endpoint" >&2; exit 2; }

dir=$(mktemp -d "$base/tarn-nginx.XXXXXX")
master=''
finish() {
  [ -z "$master" ] || kill "$master" 2>/dev/null || true
  rm -rf "$dir"
}
trap finish EXIT
mkdir -p "$dir/www" "$dir/tmp"
head -c 4096 /dev/urandom >"$dir/www/small"
head -c 67108864 /dev/urandom >"$dir/www/large"
# A worker started by root drops root's rights, and mktemp created the directory accessible to its owner only.
chmod 755 "$dir" "$dir/www"; chmod 644 "$dir"/www/*
cat >"$dir/nginx.conf" <<CONF
worker_processes 1;
daemon off;
pid $dir/nginx.pid;
error_log $dir/error.log;
events { worker_connections 1024; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_timeout 600;
  keepalive_requests 1000000000;
  open_file_cache max=100 inactive=600s;
  open_file_cache_valid 600s;
  client_body_temp_path $dir/tmp/b; proxy_temp_path $dir/tmp/p; fastcgi_temp_path $dir/tmp/f; uwsgi_temp_path $dir/tmp/u; scgi_temp_path $dir/tmp/s;
  server { listen 127.0.0.1:$nginx_port; root $dir/www; }
}
CONF
"$nginx" -p "$dir" -c "$dir/nginx.conf" -e "$dir/error.log" & master=$!
for _ in $(seq 50); do
  workers=$(tr ' ' ',' </proc/$master/task/$master/children 2>/dev/null || true)
  if [ -n "$workers" ] && (exec 3<>"/dev/tcp/127.0.0.1/$nginx_port") 2>/dev/null; then break; fi
  sleep 0.1
done
workers=${workers%,}
[ -n "$workers" ] && kill -0 "$master" || { echo "nginx did not start:" >&2; cat "$dir/error.log" >&2; exit 1; }

echo "| GET | server | requests/s | MB/s | p50 ms | p99 ms | CPU µs/request | CPU-s/GB |"
echo "|---|---|---|---|---|---|---|---|"
ratios=''
compare() { # name, connections
  local name=$1 connections=$2 i r side
  declare -A us=([nginx]='' [tarn]='') gb=([nginx]='' [tarn]='') rate=([nginx]='' [tarn]='') mb=([nginx]='' [tarn]='') p50=([nginx]='' [tarn]='') p99=([nginx]='' [tarn]='')
  run_json prepare --endpoint "$endpoint" --bucket tarn-load-compare --prefix "$name/" --objects 1 --file "$dir/www/$name" --verify >/dev/null
  # Discarded: until the hot path is fully optimized, the JIT compiler's time would count as the requests'.
  run_json get --endpoint "$endpoint" --bucket tarn-load-compare --prefix "$name/" --objects 1 --concurrency "$connections" --duration "$warm" >/dev/null
  for ((i = 0; i < rounds; i++)); do
    for side in nginx tarn; do
      if [ $side = nginx ]; then
        r=$(run_json raw-get --url "http://127.0.0.1:$nginx_port/$name" --server-pid "$workers" --concurrency "$connections" --duration "$duration" --warmup 1s)
      else
        r=$(run_json get --endpoint "$endpoint" --bucket tarn-load-compare --prefix "$name/" --objects 1 --server-pid "$server_pid" --concurrency "$connections" --duration "$duration" --warmup 1s)
      fi
      us[$side]+=" $(field "$r" .server.cpuMicrosecondsPerRequest)"; gb[$side]+=" $(field "$r" .server.cpuSecondsPerGigabyte)"
      rate[$side]+=" $(field "$r" .requestsPerSecond)"; mb[$side]+=" $(field "$r" .megabytesPerSecond)"
      p50[$side]+=" $(field "$r" '.operations[].latencyMs.p50')"; p99[$side]+=" $(field "$r" '.operations[].latencyMs.p99')"
    done
  done
  # The values are lists of words for median.
  # shellcheck disable=SC2086
  for side in nginx tarn; do
    us[$side]=$(median ${us[$side]}); gb[$side]=$(median ${gb[$side]}); rate[$side]=$(median ${rate[$side]}); mb[$side]=$(median ${mb[$side]})
    echo "| $name, $connections connections | $side | $(fmt "${rate[$side]}" 0) | $(fmt "${mb[$side]}" 0) | $(fmt "$(median ${p50[$side]})" 3) | $(fmt "$(median ${p99[$side]})" 3) | $(fmt "${us[$side]}" 2) | $(fmt "${gb[$side]}" 4) |"
  done
  ratios+="| $name | $(ratio "${rate[tarn]}" "${rate[nginx]}") | $(ratio "${us[tarn]}" "${us[nginx]}") | $(ratio "${gb[tarn]}" "${gb[nginx]}") |"$'\n'
}
compare small 32
compare large 4
echo
echo "Tarn (signed) ÷ nginx (plain), medians of $rounds interleaved rounds of $duration; small is 4 KiB, large is 64 MiB:"
echo
echo "| GET | throughput | CPU per request | CPU per GB |"
echo "|---|---|---|---|"
printf '%s' "$ratios"

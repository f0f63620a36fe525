#!/usr/bin/env bash
# The whole set of performance figures for Tarn, as Markdown.
# usage: AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… bench/figures.sh [options]
#   --endpoint URL      a server that runs already (default http://127.0.0.1:9000)
#   --control URL       its control address (default http://127.0.0.1:9001)
#   --start 'COMMAND'   start the server with this command instead, e.g. './tarn serve --data /mnt/d --s3 127.0.0.1:9000 --control 127.0.0.1:9001';
#                       needed for the start time; the root credentials are then AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
#   --objects N         how many keys to list and to start with (default 1000000)
#   --duration TIME     of each measurement (default 5s)
#   --work DIR          temporary files, best on the file system of Tarn's data
#   --only WORDS        some of: nginx put-large put-small list memory start
set -euo pipefail
. "$(dirname "$0")/lib.sh"

endpoint=http://127.0.0.1:9000 control=http://127.0.0.1:9001 start='' objects=1000000 duration=5s work=${TMPDIR:-/tmp}
only="nginx put-large put-small list memory start"
while [ $# -gt 0 ]; do
  case $1 in
    --endpoint) endpoint=$2 ;; --control) control=$2 ;; --start) start=$2 ;; --objects) objects=$2 ;;
    --duration) duration=$2 ;; --work) work=$2 ;; --only) only=$2 ;;
    *) echo "unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done
: "${AWS_ACCESS_KEY_ID:?}" "${AWS_SECRET_ACCESS_KEY:?}"
port=$(port_of "$endpoint")
launcher='' pid='' started_ms=''
finish() { [ -z "$launcher" ] || stop_server || true; }
trap finish EXIT

ready() { curl -fsS -o /dev/null --max-time 2 "$control/health/ready" 2>/dev/null; }

# Starts the server and prints how many milliseconds passed until it was ready.
start_server() {
  local began
  began=$(date +%s%N)
  TARN_ROOT_ACCESS_KEY=$AWS_ACCESS_KEY_ID TARN_ROOT_SECRET_KEY=$AWS_SECRET_ACCESS_KEY setsid bash -c "exec $start" >"$work/tarn-figures.log" 2>&1 &
  launcher=$!
  until ready; do
    kill -0 "$launcher" 2>/dev/null || { echo "the server ended:" >&2; tail -20 "$work/tarn-figures.log" >&2; launcher=''; exit 1; }
    [ $(($(date +%s%N) - began)) -lt 180000000000 ] || { echo "the server was not ready within 180 s" >&2; exit 1; }
    sleep 0.02
  done
  started_ms=$((($(date +%s%N) - began) / 1000000))
  pid=$(listener_pid "$port")
}

# SIGTERM to the process that listens, then waits for the launcher too.
stop_server() {
  kill "$pid" 2>/dev/null || true
  for _ in $(seq 300); do kill -0 "$launcher" 2>/dev/null || break; sleep 0.1; done
  kill -9 "$pid" "$launcher" 2>/dev/null || true
  wait "$launcher" 2>/dev/null || true
  launcher=''
}

want() { case " $only " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }
on() { run_json "$1" --endpoint "$endpoint" --server-pid "$pid" "${@:2}"; }
mib() { awk -v b="$1" 'BEGIN { printf "%.0f", b / 1048576 }'; }

build_load
if [ -n "$start" ]; then start_server; else pid=$(listener_pid "$port") || { echo "nothing listens at $endpoint" >&2; exit 2; }; fi

echo "# Figures"
echo
echo "$(nproc) processors, shared by the server and its load generator: trust ratios and CPU time rather than rates. $(date -u +%Y-%m-%d)."

if want nginx; then
  printf '\n## GET against nginx\n\n'
  "$root/bench/compare-nginx.sh" --endpoint "$endpoint" --server-pid "$pid" --duration "$duration" --nginx-root "$work"
fi

if want put-large; then
  printf '\n## PUT of 64 MiB\n\n| connections | payload | MB/s | CPU-s/GB | p50 ms | MD5, one core, MB/s | ratio |\n|---|---|---|---|---|---|---|\n'
  for payload in unsigned signed; do
    for connections in 1 4; do
      # In thousands of bytes per second, for the largest block; measured with each row because the machine's speed drifts.
      md5=$(openssl speed -evp md5 -bytes 1048576 -seconds 2 2>/dev/null | awk '/^(md5|MD5)/ { sub(/k$/, "", $NF); printf "%.0f", $NF / 1000 }')
      r=$(on put --bucket tarn-load-large --size 64MiB --objects 16 --concurrency "$connections" --duration "$duration" --warmup 1s --payload "$payload")
      echo "| $connections | $payload | $(fmt "$(field "$r" .megabytesPerSecond)" 0) | $(fmt "$(field "$r" .server.cpuSecondsPerGigabyte)" 2) | $(fmt "$(field "$r" .operations.put.latencyMs.p50)" 0) | $md5 | $(ratio "$(field "$r" .megabytesPerSecond)" "$md5") |"
    done
  done
fi

if want put-small; then
  printf '\n## PUT of 4 KiB, durable when answered\n\n| clients | requests/s | p50 ms | p99 ms | CPU µs/request |\n|---|---|---|---|---|\n'
  for connections in 1 64; do
    r=$(on put --bucket tarn-load-small --prefix "put-$connections-$$/" --size 4KiB --objects 100000000 --concurrency "$connections" --duration "$duration" --warmup 1s --verify)
    echo "| $connections | $(fmt "$(field "$r" .requestsPerSecond)" 0) | $(fmt "$(field "$r" .operations.put.latencyMs.p50)" 2) | $(fmt "$(field "$r" .operations.put.latencyMs.p99)" 2) | $(fmt "$(field "$r" .server.cpuMicrosecondsPerRequest)" 1) |"
  done
fi

# Fills the bucket, once per run.
filled=''
fill() {
  [ -z "$filled" ] || return 0
  r=$(on prepare --bucket tarn-load-list --prefix obj/ --objects "$objects" --size 100B --concurrency 64)
  filled=1
  printf '\nFilled a bucket with %s objects of 100 bytes: %s per second, %s CPU µs each.\n' \
    "$objects" "$(fmt "$(field "$r" .requestsPerSecond)" 0)" "$(fmt "$(field "$r" .server.cpuMicrosecondsPerRequest)" 1)"
}

if want list; then
  printf '\n## Listing %s keys\n' "$objects"
  fill
  printf '\n| what | connections | keys/s | pages/s | p50 ms | p99 ms | CPU µs/page |\n|---|---|---|---|---|---|---|\n'
  for connections in 1 4; do
    r=$(on list --bucket tarn-load-list --concurrency "$connections" --duration "$duration" --warmup 1s)
    echo "| pages of 1,000 | $connections | $(fmt "$(field "$r" .operations.list.keysPerSecond)" 0) | $(fmt "$(field "$r" .requestsPerSecond)" 0) | $(fmt "$(field "$r" .operations.list.latencyMs.p50)" 2) | $(fmt "$(field "$r" .operations.list.latencyMs.p99)" 2) | $(fmt "$(field "$r" .server.cpuMicrosecondsPerRequest)" 0) |"
  done
  r=$(on list --bucket tarn-load-list --prefix obj/ --delimiter / --concurrency 1 --duration "$duration" --warmup 1s)
  found=$(field "$r" '.operations.list.keys / .operations.list.requests')
  [ "$found" = 10 ] || { echo "the delimiter listing has $found common prefixes, not 10" >&2; exit 1; }
  echo "| 10 common prefixes | 1 | $(fmt "$(field "$r" .operations.list.keysPerSecond)" 0) | $(fmt "$(field "$r" .requestsPerSecond)" 0) | $(fmt "$(field "$r" .operations.list.latencyMs.p50)" 2) | $(fmt "$(field "$r" .operations.list.latencyMs.p99)" 2) | $(fmt "$(field "$r" .server.cpuMicrosecondsPerRequest)" 0) |"
fi

if want memory; then
  r=$(on put --bucket tarn-load-large --prefix memory/ --size 64MiB --objects 64 --concurrency 64 --requests 64 --payload unsigned --timeout 300s)
  printf '\n## Memory\n\n64 PUTs of 64 MiB at once: %s MiB resident at most, %s MiB afterwards, %s MB/s.\n' \
    "$(mib "$(field "$r" .server.peakBytes)")" "$(mib "$(field "$r" .server.residentBytes)")" "$(fmt "$(field "$r" .megabytesPerSecond)" 0)"
fi

if want start; then
  printf '\n## Start\n\n'
  if [ -n "$start" ]; then
    fill
    stop_server
    start_server
    printf 'From the command to `/health/ready` with %s objects: %s ms (polled every 20 ms), %s MiB resident.\n' \
      "$objects" "$started_ms" "$(awk '/VmRSS/ { printf "%.0f", $2 / 1024 }' "/proc/$pid/status")"
  else
    echo "Not measured: it needs --start, to start the server again."
  fi
fi

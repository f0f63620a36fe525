#!/usr/bin/env bash
# What an accelerator brings across a slow link: a server in a network namespace of its own behind a link of 1 Gbit/s, an accelerator and clients in front of it.
# A training-like job reads all objects of 64 MiB in random order, 16 at a time, epoch after epoch: without an accelerator, with one whose cache the page cache holds, and
# with one whose page cache is a quarter of the data (by a cgroup). Then the CPU of hits beside that of GETs from a server, and the server's CPU for deciding a read.
# usage: bench/accelerator.sh [--objects N] [--epochs N] [--work DIR] [--dll PATH]     (as root, with ip, tc and jq; DIR is on the device to be measured)
set -euo pipefail
. "$(dirname "$0")/lib.sh"

objects=32 epochs=3 work=${TMPDIR:-/tmp} dll=$root/artifacts/bin/Tarn.Server/release/tarn.dll
while [ $# -gt 0 ]; do
  case $1 in
    --objects) objects=$2 ;; --epochs) epochs=$2 ;; --work) work=$2 ;; --dll) dll=$2 ;;
    *) echo "unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done
[ "$(id -u)" = 0 ] || { echo "network namespaces need root" >&2; exit 2; }
export AWS_ACCESS_KEY_ID=TARNBENCHACCELERATOR AWS_SECRET_ACCESS_KEY=bench-accelerator-secret-key-0123456789
export TARN_ROOT_ACCESS_KEY=$AWS_ACCESS_KEY_ID TARN_ROOT_SECRET_KEY=$AWS_SECRET_ACCESS_KEY
here=$(mktemp -d "$work/tarn-accelerator.XXXXXX") net=tarn-$$ group=/sys/fs/cgroup/tarn-bench-$$ limit=memory.max
[ ! -d /sys/fs/cgroup/memory ] || { group=/sys/fs/cgroup/memory/tarn-bench-$$ limit=memory.limit_in_bytes; }
upstream=10.213.77.1 node=10.213.77.2
pids=()
end() {
  kill "${pids[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  ip netns del "$net" 2>/dev/null || true
  rmdir "$group" 2>/dev/null || true
  rm -rf "$here"
}
trap end EXIT

ip netns add "$net"
ip link add "v$$" type veth peer name "w$$"
ip link set "w$$" netns "$net"
ip addr add "$node/30" dev "v$$"
ip link set "v$$" up
ip -n "$net" addr add "$upstream/30" dev "w$$"
ip -n "$net" link set "w$$" up
ip -n "$net" link set lo up
# Both directions. A burst smaller than what segmentation offload hands over at once would drop it.
tc qdisc add dev "v$$" root tbf rate 1gbit burst 256k latency 50ms
ip netns exec "$net" tc qdisc add dev "w$$" root tbf rate 1gbit burst 256k latency 50ms

wait_for() { for _ in $(seq 200); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done; echo "not ready: $*" >&2; exit 1; }
ip netns exec "$net" dotnet "$dll" serve --data "$here/data" --s3 0.0.0.0:9000 --control 127.0.0.1:9001 --accelerators 0.0.0.0:9100 --insecure-accelerators --log-level warning >/dev/null &
server=$!
pids+=("$server")
wait_for ip netns exec "$net" curl -fsS http://127.0.0.1:9001/health/ready
token=$(ip netns exec "$net" env TARN_ENDPOINT=http://127.0.0.1:9001 dotnet "$dll" accelerator token create bench --json | jq -r .token)

build_load
local_server="ip netns exec $net"
run() { run_json "$@" --allow-remote; }
$local_server "$load" prepare --endpoint http://127.0.0.1:9000 --objects "$objects" --size 64MiB --concurrency 4 --json >/dev/null
$local_server "$load" prepare --endpoint http://127.0.0.1:9000 --bucket tarn-load-64k --objects 4096 --size 64KiB --concurrency 16 --json >/dev/null

accelerate() { # DIR: starts an accelerator on an empty cache, and sets $accelerator
  mkdir -p "$1"
  TARN_TOKEN=$token dotnet "$dll" accelerate --upstream "http://$upstream:9100" --insecure-upstream --cache "$1" --cache-size "$((objects * 64 + 1024))MiB" \
    --s3 127.0.0.1:9300 --metrics 127.0.0.1:9301 --log-level warning >/dev/null &
  accelerator=$!
  pids+=("$accelerator")
  wait_for curl -fsS http://127.0.0.1:9301/health/ready
}
leave() { kill "$accelerator"; wait "$accelerator" 2>/dev/null || true; }

bytes=$((objects * 64 * 1048576))
epoch() { # NAME ENDPOINT PIDS: one epoch; CPU-seconds of each process for each GB
  local result cpu=()
  local before after pid
  before=$(for pid in $3; do awk '{ print $14 + $15 }' "/proc/$pid/stat"; done)
  result=$(run epoch --endpoint "$2" --objects "$objects" --size 64MiB --concurrency 16)
  after=$(for pid in $3; do awk '{ print $14 + $15 }' "/proc/$pid/stat"; done)
  mapfile -t cpu < <(paste <(echo "$before") <(echo "$after") | awk -v b="$bytes" '{ printf "%.3f\n", ($2 - $1) / 100 / (b / 1e9) }')
  printf '%-34s %9s MB/s   server %s   accelerator %s   client %s CPU-s/GB\n' "$1" "$(fmt "$(field "$result" .megabytesPerSecond)" 0)" \
    "${cpu[0]}" "${cpu[1]:-–}" "$(fmt "$(field "$result" ".clientCpuSeconds / ($bytes / 1e9)")" 3)"
}

epoch "without an accelerator" "http://$upstream:9000" "$server"

accelerate "$here/cache"
for ((i = 1; i <= epochs; i++)); do epoch "accelerator, epoch $i" http://127.0.0.1:9300 "$server $accelerator"; done

echo
echo "CPU of hits (accelerator) beside GETs from a server on its own machine:"
for case in 64MiB:tarn-load:$objects 64KiB:tarn-load-64k:4096; do
  IFS=: read -r size bucket count <<<"$case"
  for connections in 1 4 16; do
    run get --endpoint http://127.0.0.1:9300 --bucket "$bucket" --objects "$count" --size "$size" --concurrency "$connections" --duration 3s >/dev/null
    hit=() direct=() decided=()
    for _ in 1 2 3 4 5; do
      a=$(run get --endpoint http://127.0.0.1:9300 --bucket "$bucket" --objects "$count" --size "$size" --concurrency "$connections" --duration 3s --server-pid "$accelerator")
      s=$(run get --endpoint http://127.0.0.1:9300 --bucket "$bucket" --objects "$count" --size "$size" --concurrency "$connections" --duration 3s --server-pid "$server")
      d=$($local_server "$load" get --endpoint http://127.0.0.1:9000 --bucket "$bucket" --objects "$count" --size "$size" --concurrency "$connections" --duration 3s --server-pid "$server" --json)
      hit+=("$(field "$a" .server.cpuSecondsPerGigabyte)") direct+=("$(field "$d" .server.cpuSecondsPerGigabyte)") decided+=("$(field "$s" .server.cpuMicrosecondsPerRequest)")
    done
    h=$(median "${hit[@]}") d=$(median "${direct[@]}")
    printf '%-6s × %-3s hit %s   server %s CPU-s/GB   ratio %s   deciding a read %s µs of the server\n' \
      "$size" "$connections" "$(fmt "$h" 3)" "$(fmt "$d" 3)" "$(ratio "$h" "$d")" "$(fmt "$(median "${decided[@]}")" 0)"
  done
done
leave

echo
mkdir "$group"
echo $((bytes / 4)) >"$group/$limit"
accelerate "$here/cache-small"
echo "$accelerator" >"$group/cgroup.procs"
for ((i = 1; i <= epochs; i++)); do epoch "page cache a quarter, epoch $i" http://127.0.0.1:9300 "$server $accelerator"; done
leave

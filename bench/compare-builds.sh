#!/usr/bin/env bash
# Compares two builds of the server in turns, so that other load on the machine affects both: 4 KiB and 64 MiB, GET and PUT,
# at 1 and at 32 connections. Prints medians of CPU per request, throughput and p99, and their ratios (second / first).
# usage: bench/compare-builds.sh FIRST SECOND [--rounds N] [--processes N] [--duration TIME] [--warmup TIME] [--sizes "4KiB 64MiB"] [--commands "get put"] [--cold] [--work DIR]
# The rounds are repeated with each of --processes pairs of processes: what the JIT compiler makes of a build differs from process to process by
# up to a tenth, so a difference of a few percent shows in the median of many processes only, however long each is measured.
# With --cold, the pages of all blobs are dropped from the page cache before each run of GETs, which asks for each object about once.
# A build is a .dll, which runs on the JIT, or an executable, as `dotnet publish` makes it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ $# -ge 2 ] || { sed -n '2,9p' "$0" >&2; exit 2; }
builds=("$1" "$2") rounds=5 processes=1 duration=3s warmup= sizes="4KiB 64MiB" commands="get put" cold= work=${TMPDIR:-/tmp}
shift 2
while [ $# -gt 0 ]; do
  case $1 in
    --cold) cold=1; shift; continue ;;
    --rounds) rounds=$2 ;; --processes) processes=$2 ;; --warmup) warmup=$2 ;; --commands) commands=$2 ;; --duration) duration=$2 ;; --sizes) sizes=$2 ;; --work) work=$2 ;;
    *) echo "unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done

[ -x "$load" ] || build_load
export AWS_ACCESS_KEY_ID=compare AWS_SECRET_ACCESS_KEY=comparecompare
work=$(mktemp -d "$work/tarn-compare.XXXXXX")
pids=() endpoints=()
stop() {
  [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  pids=()
}
finish() {
  stop
  rm -rf "$work"
}
trap finish EXIT

objects_of() { # size
  case $1 in 4KiB | 64KiB) echo 1000 ;; 1MiB) echo 500 ;; *) echo 4 ;; esac
}

start() { # build
  local i=$1 size objects url runtime=()
  [[ ${builds[i]} != *.dll ]] || runtime=(dotnet)
  TARN_ROOT_ACCESS_KEY=$AWS_ACCESS_KEY_ID TARN_ROOT_SECRET_KEY=$AWS_SECRET_ACCESS_KEY \
    ${runtime[@]+"${runtime[@]}"} "${builds[i]}" serve --data "$work/data$i" --s3 127.0.0.1:0 --control 127.0.0.1:0 --log-level warning >"$work/out$i" 2>&1 &
  pids[i]=$!
  until url=$(grep -osm1 "http://127.0.0.1:[0-9]*" "$work/out$i"); do
    kill -0 "${pids[i]}" 2>/dev/null || { cat "$work/out$i" >&2; exit 1; }
    sleep 0.1
  done
  endpoints[i]=$url
  for size in $sizes; do
    objects=$(objects_of "$size")
    "$load" prepare --endpoint "$url" --bucket "b-${size,,}" --size "$size" --objects "$objects" >/dev/null
  done
}

declare -A results
measure() { # case, server, command and options
  local name=$1 i=$2 limit=(--duration "$3") json
  shift 3
  if [ -n "$cold" ] && [ "$1" = get ]; then
    sync
    find "$work/data$i/blobs" -type f -exec dd if={} iflag=nocache count=0 status=none ';'
    limit=(--requests "$objects")
  fi
  json=$(run_json "$@" --endpoint "${endpoints[i]}" --server-pid "${pids[i]}" "${limit[@]}")
  results[$name,$i]+="$json"$'\n'
}

cases=()
for size in $sizes; do
  for command in $commands; do
    for connections in 1 32; do
      [ "$size$connections" != 64MiB32 ] || connections=4
      cases+=("$command $size $connections")
    done
  done
done

for process in $(seq "$processes"); do
  for i in $((process % 2)) $((1 - process % 2)); do start "$i"; done
  for round in $(seq 0 "$rounds"); do
    for name in "${cases[@]}"; do
      read -r command size connections <<<"$name"
      objects=$(objects_of "$size")
      for i in $(((process + round) % 2)) $((1 - (process + round) % 2)); do
        # The first round is a warm-up for the JIT compiler and does not count.
        if [ "$round" = 0 ]; then key="warm up" time=${warmup:-$duration}; else key=$name time=$duration; fi
        measure "$key" "$i" "$time" "$command" --bucket "b-${size,,}" --size "$size" --objects "$objects" --concurrency "$connections"
      done
    done
  done
  stop
  rm -rf "$work"/data*
done

echo "| | CPU µs/request | ratio | requests/s | ratio | p99 ms | ratio |"
echo "|---|---|---|---|---|---|---|"
for name in "${cases[@]}"; do
  command=${name%% *}
  row="| $name |"
  for filter in .server.cpuMicrosecondsPerRequest .requestsPerSecond ".operations.$command.latencyMs.p99"; do
    for i in 0 1; do
      mapfile -t values < <(jq -r "$filter" <<<"${results[$name,$i]}")
      m[i]=$(median "${values[@]}")
    done
    row+=" $(fmt "${m[0]}" 1) → $(fmt "${m[1]}" 1) | $(ratio "${m[1]}" "${m[0]}") |"
  done
  echo "$row"
done

#!/usr/bin/env bash
# Compares two builds of the server in turns, so that other load on the machine affects both: 4 KiB and 64 MiB, GET and PUT,
# at 1 and at 32 connections. Prints medians of CPU per request, throughput and p99, and their ratios (second / first).
# usage: bench/compare-builds.sh FIRST SECOND [--rounds N] [--duration TIME] [--sizes "4KiB 64MiB"] [--work DIR]
# A build is a .dll, which runs on the JIT, or an executable, as `dotnet publish` makes it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ $# -ge 2 ] || { sed -n '2,6p' "$0" >&2; exit 2; }
builds=("$1" "$2") rounds=5 duration=3s sizes="4KiB 64MiB" work=${TMPDIR:-/tmp}
shift 2
while [ $# -gt 0 ]; do
  case $1 in
    --rounds) rounds=$2 ;; --duration) duration=$2 ;; --sizes) sizes=$2 ;; --work) work=$2 ;;
    *) echo "unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done

[ -x "$load" ] || build_load
export AWS_ACCESS_KEY_ID=compare AWS_SECRET_ACCESS_KEY=comparecompare
work=$(mktemp -d "$work/tarn-compare.XXXXXX")
pids=() endpoints=()
finish() {
  [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

for i in 0 1; do
  runtime=()
  [[ ${builds[i]} != *.dll ]] || runtime=(dotnet)
  TARN_ROOT_ACCESS_KEY=$AWS_ACCESS_KEY_ID TARN_ROOT_SECRET_KEY=$AWS_SECRET_ACCESS_KEY \
    ${runtime[@]+"${runtime[@]}"} "${builds[i]}" serve --data "$work/data$i" --s3 127.0.0.1:0 --control 127.0.0.1:0 --log-level warning >"$work/out$i" 2>&1 &
  pids+=($!)
  until url=$(grep -osm1 "http://127.0.0.1:[0-9]*" "$work/out$i"); do
    kill -0 "${pids[i]}" 2>/dev/null || { cat "$work/out$i" >&2; exit 1; }
    sleep 0.1
  done
  endpoints+=("$url")
  for size in $sizes; do
    objects=1000; [ "$size" = 4KiB ] || objects=4
    "$load" prepare --endpoint "$url" --bucket "b-${size,,}" --size "$size" --objects "$objects" >/dev/null
  done
done

declare -A results
measure() { # case, server, command and options
  local name=$1 i=$2 json
  shift 2
  json=$(run_json "$@" --endpoint "${endpoints[i]}" --server-pid "${pids[i]}" --duration "$duration")
  results[$name,$i]+="$json"$'\n'
}

cases=()
for size in $sizes; do
  for command in get put; do
    for connections in 1 32; do
      [ "$size$connections" != 64MiB32 ] || connections=4
      cases+=("$command $size $connections")
    done
  done
done

for round in $(seq 0 "$rounds"); do
  for name in "${cases[@]}"; do
    read -r command size connections <<<"$name"
    objects=1000; [ "$size" = 4KiB ] || objects=4
    for i in $((round % 2)) $((1 - round % 2)); do
      # The first round is a warm-up for the JIT compiler and does not count.
      if [ "$round" = 0 ]; then key="warm up"; else key=$name; fi
      measure "$key" "$i" "$command" --bucket "b-${size,,}" --size "$size" --objects "$objects" --concurrency "$connections"
    done
  done
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

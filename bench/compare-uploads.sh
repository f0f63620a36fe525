#!/usr/bin/env bash
# Compares two builds of the server by large uploads, in turns, so that other load on the machine affects both. Each measurement has a server and a data
# directory of its own, which is removed afterwards: overwritten data is kept for a while and would fill a tmpfs. Prints medians of throughput, CPU per GB and p50.
# usage: bench/compare-uploads.sh FIRST SECOND [--rounds N] [--work DIR] [--cases "SIZE:CONNECTIONS:UPLOADS:signed|unsigned …"]
# A build is a .dll, which runs on the JIT, or an executable. --work is where the data goes: /dev/shm for a tmpfs, a directory of a disk for that.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ $# -ge 2 ] || { sed -n '2,6p' "$0" >&2; exit 2; }
builds=("$1" "$2") rounds=5 work=${TMPDIR:-/tmp} cases="64MiB:16:32:unsigned 8MiB:16:192:unsigned 64MiB:1:6:unsigned"
shift 2
while [ $# -gt 0 ]; do
  case $1 in
    --rounds) rounds=$2 ;; --work) work=$2 ;; --cases) cases=$2 ;;
    *) echo "unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done

[ -x "$load" ] || build_load
export AWS_ACCESS_KEY_ID=compare AWS_SECRET_ACCESS_KEY=comparecompare
work=$(mktemp -d "$work/tarn-uploads.XXXXXX")
pid=
stop() {
  [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
  wait 2>/dev/null || true
  pid=
  rm -rf "$work/data"
}
finish() {
  stop
  rm -rf "$work"
}
trap finish EXIT

declare -A results
measure() { # case, build
  local size connections uploads payload url='' runtime=() put
  IFS=: read -r size connections uploads payload <<<"$1"
  [[ ${builds[$2]} != *.dll ]] || runtime=(dotnet)
  TARN_ROOT_ACCESS_KEY=$AWS_ACCESS_KEY_ID TARN_ROOT_SECRET_KEY=$AWS_SECRET_ACCESS_KEY \
    ${runtime[@]+"${runtime[@]}"} "${builds[$2]}" serve --data "$work/data" --s3 127.0.0.1:0 --control 127.0.0.1:0 --log-level warning >"$work/out" 2>&1 &
  pid=$!
  until url=$(grep -osm1 "http://127.0.0.1:[0-9]*" "$work/out"); do
    kill -0 "$pid" 2>/dev/null || { cat "$work/out" >&2; exit 1; }
    sleep 0.1
  done
  "$load" prepare --endpoint "$url" --bucket uploads --size 4KiB --objects 1 >/dev/null
  put=(put --endpoint "$url" --bucket uploads --size "$size" --objects "$connections" --concurrency "$connections" --payload "$payload")
  # The first uploads are a warm-up for the JIT compiler and do not count.
  run_json "${put[@]}" --requests $((uploads / 3 > connections ? uploads / 3 : connections)) >/dev/null
  results[$1,$2]+="$(run_json "${put[@]}" --requests "$uploads" --server-pid "$pid" | jq -c '{rate: .requestsPerSecond, cpu: .server.cpuMicrosecondsPerRequest, p50: .operations.put.latencyMs.p50}')"$'\n'
  stop
}

for round in $(seq "$rounds"); do
  for case in $cases; do
    for i in $((round % 2)) $((1 - round % 2)); do measure "$case" "$i"; done
  done
done

bytes() { numfmt --from=iec-i "${1%B}"; }
scale() { awk -v v="$1" -v s="$2" 'BEGIN { printf "%.4f", v * s }'; }

echo "| | MB/s | ratio | CPU-s/GB | ratio | p50 ms | ratio |"
echo "|---|---|---|---|---|---|---|"
for case in $cases; do
  IFS=: read -r size connections uploads payload <<<"$case"
  row="| $size, $connections connections, $payload |"
  for field in rate cpu p50; do
    for i in 0 1; do
      mapfile -t values < <(jq -r ".$field" <<<"${results[$case,$i]}")
      m[i]=$(median "${values[@]}")
      case $field in
        rate) m[i]=$(scale "${m[i]}" "$(awk -v b="$(bytes "$size")" 'BEGIN { print b / 1e6 }')") ;;
        cpu) m[i]=$(scale "${m[i]}" "$(awk -v b="$(bytes "$size")" 'BEGIN { print 1e3 / b }')") ;;
      esac
    done
    digits=0
    [ $field != cpu ] || digits=2
    row+=" $(fmt "${m[0]}" $digits) → $(fmt "${m[1]}" $digits) | $(ratio "${m[1]}" "${m[0]}") |"
  done
  echo "$row"
done

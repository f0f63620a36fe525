#!/usr/bin/env bash
# Compares how builds of the server start: time to the first response, processor time and resident memory by then, and the
# first 1,000 PUTs of 4 KiB. Runs the builds in turns and prints medians.
# A build is a .dll, which runs on the JIT, or an executable, as `dotnet publish` makes it.
# usage: bench/compare-start.sh [--rounds N] [--work DIR] NAME=BUILD...
set -euo pipefail
. "$(dirname "$0")/lib.sh"

rounds=5 work=${TMPDIR:-/tmp} builds=()
while [ $# -gt 0 ]; do
  case $1 in
    --rounds) rounds=$2; shift ;;
    --work) work=$2; shift ;;
    *=*) builds+=("$1") ;;
    *) echo "unknown option $1" >&2; exit 2 ;;
  esac
  shift
done
[ ${#builds[@]} -gt 0 ] || { sed -n '2,5p' "$0" >&2; exit 2; }

[ -x "$load" ] || build_load
export AWS_ACCESS_KEY_ID=compare AWS_SECRET_ACCESS_KEY=comparecompare
export TARN_ROOT_ACCESS_KEY=$AWS_ACCESS_KEY_ID TARN_ROOT_SECRET_KEY=$AWS_SECRET_ACCESS_KEY
work=$(mktemp -d "$work/tarn-start.XXXXXX")
pid=
stop() { [ -z "$pid" ] || { kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; } || true; pid=; }
trap 'stop; rm -rf "$work"' EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# start NAME BUILD: starts a server and waits for its first response, whatever it is.
start() {
  local port command=()
  port=$(free_port)
  url=http://127.0.0.1:$port
  [[ $2 != *.dll ]] || command=(dotnet)
  ${command[@]+"${command[@]}"} "$2" serve --data "$work/$1" --s3 "127.0.0.1:$port" --control 127.0.0.1:0 --log-level warning >"$work/$1.out" 2>&1 &
  pid=$!
  until curl -so /dev/null "$url/"; do
    kill -0 "$pid" 2>/dev/null || { cat "$work/$1.out" >&2; exit 1; }
    sleep 0.002
  done
}

declare -A results
for round in $(seq 0 "$rounds"); do
  for build in "${builds[@]}"; do
    name=${build%%=*}
    begin=$(date +%s%N)
    start "$name" "${build#*=}"
    ready=$((($(date +%s%N) - begin) / 1000000))
    cpu=$(awk '{ print ($14 + $15) * 10 }' "/proc/$pid/stat")
    memory=$(awk '/VmRSS/ { print $2 / 1024 }' "/proc/$pid/status")
    puts=$(run_json put --endpoint "$url" --bucket bench --size 4KiB --requests 1000 --concurrency 4 | jq .seconds)
    # The first round creates the store and does not count.
    [ "$round" = 0 ] || results[$name]+="$ready $cpu $memory $puts"$'\n'
    stop
  done
done

echo "| | first response ms | CPU ms | resident MiB | first 1,000 PUTs s |"
echo "|---|---|---|---|---|"
for build in "${builds[@]}"; do
  name=${build%%=*}
  row="| $name |"
  for column in 1 2 3 4; do
    mapfile -t values < <(awk -v c=$column 'NF { print $c }' <<<"${results[$name]}")
    digits=0
    [ $column != 4 ] || digits=2
    row+=" $(fmt "$(median "${values[@]}")" $digits) |"
  done
  echo "$row"
done

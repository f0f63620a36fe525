#!/usr/bin/env bash
# Compares S3 servers that run on this machine in turns, so that other load on the machine affects all of them. Prints
# medians: rates, CPU per request and p99. Each server should have an empty directory and its defaults.
# usage: bench/peers.sh NAME=URL[,key=ID:SECRET][,pid=PID][,region=REGION]… [--rounds N] [--duration TIME]
# Without key and region, those in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION; without pid, the process that listens at the URL's port.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

names=() urls=() pids=() keys=() regions=() rounds=3 duration=5s

# The server that an argument describes.
add_server() { # NAME=URL[,OPTION]…
  local parts option pid='' key=${AWS_ACCESS_KEY_ID-}:${AWS_SECRET_ACCESS_KEY-} region=${AWS_REGION:-us-east-1}
  IFS=, read -ra parts <<<"${1#*=}"
  for option in "${parts[@]:1}"; do
    case $option in
      key=*:*) key=${option#key=} ;;
      pid=*) pid=${option#pid=} ;;
      region=*) region=${option#region=} ;;
      *) echo "unknown option $option of ${1%%=*}" >&2; exit 2 ;;
    esac
  done
  [ "$key" != : ] || { echo "${1%%=*} has no key" >&2; exit 2; }
  [ -n "$pid" ] || pid=$(listener_pid "$(port_of "${parts[0]}")") || { echo "nothing listens at ${parts[0]}" >&2; exit 2; }
  names+=("${1%%=*}") urls+=("${parts[0]}") pids+=("$pid") keys+=("$key") regions+=("$region")
}

# Takes the credentials of a server.
as() { # index
  export AWS_ACCESS_KEY_ID=${keys[$1]%%:*} AWS_SECRET_ACCESS_KEY=${keys[$1]#*:} AWS_REGION=${regions[$1]}
}

while [ $# -gt 0 ]; do
  case $1 in
    --rounds) rounds=$2; shift ;;
    --duration) duration=$2; shift ;;
    *=http://*) add_server "$1" ;;
    *) sed -n '2,6p' "$0" >&2; exit 2 ;;
  esac
  shift
done
[ ${#names[@]} -gt 0 ] || { sed -n '2,6p' "$0" >&2; exit 2; }
[ -x "$load" ] || build_load

# Command, size, connections, figure.
cases=(
  "put 4KiB 64 rate" "put 4KiB 1 rate" "get 4KiB 32 rate" "get 4KiB 1 rate" "stat 4KiB 32 rate" "list 4KiB 1 keys" "mixed 4KiB 16 rate"
  "put 1MiB 16 bytes" "get 1MiB 16 bytes" "put 64MiB 4 bytes" "put 64MiB 1 bytes" "get 64MiB 4 bytes" "get 64MiB 1 bytes"
)
objects_of() { case $1 in 4KiB) echo 10000 ;; 1MiB) echo 256 ;; *) echo 8 ;; esac; }

for i in "${!names[@]}"; do
  as "$i"
  for size in 4KiB 1MiB 64MiB; do
    "$load" prepare --endpoint "${urls[i]}" --bucket "compare-${size,,}" --size "$size" --objects "$(objects_of "$size")" --concurrency 16 >/dev/null
  done
done

declare -A results
for round in $(seq "$rounds"); do
  for name in "${cases[@]}"; do
    read -r command size connections _ <<<"$name"
    options=(--bucket "compare-${size,,}" --concurrency "$connections" --duration "$duration" --warmup 1s)
    [ "$command" = list ] || options+=(--size "$size" --objects "$(objects_of "$size")")
    for j in "${!names[@]}"; do
      i=$(((j + round) % ${#names[@]}))
      as "$i"
      results[$name,$i]+=$(run_json "$command" --endpoint "${urls[i]}" --server-pid "${pids[i]}" "${options[@]}")$'\n'
    done
  done
done

printf '| |'; printf ' %s |' "${names[@]}"; printf '\n|---|'; printf '%.0s---|' "${names[@]}"; echo
for name in "${cases[@]}"; do
  read -r command size connections figure <<<"$name"
  case $figure in
    rate) filter=.requestsPerSecond unit=/s ;;
    keys) filter=.operations.list.keysPerSecond unit=' keys/s' ;;
    *) filter=.megabytesPerSecond unit=' MB/s' ;;
  esac
  row="| ${command^^} $size, $connections |"
  for i in "${!names[@]}"; do
    mapfile -t rates < <(jq -r "$filter" <<<"${results[$name,$i]}")
    mapfile -t costs < <(jq -r .server.cpuMicrosecondsPerRequest <<<"${results[$name,$i]}")
    mapfile -t tails < <(jq -r '[.operations[].latencyMs.p99] | max' <<<"${results[$name,$i]}")
    row+=" $(fmt "$(median "${rates[@]}")" 0)$unit ($(fmt "$(median "${costs[@]}")" 0) µs; p99 $(fmt "$(median "${tails[@]}")" 1) ms) |"
  done
  echo "$row"
done

#!/usr/bin/env bash
# What a running scrub does to reads: the p99 of GETs of 64 KiB and 1 MiB, over 1 and 32 connections, without a scrub and during one, in turns.
# usage: AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… bench/scrub.sh [--rounds N] [--objects N] [--endpoint URL] [--control URL]
# Puts N objects of each size first (default 8192), so that a scrub is under way for as long as each measurement. Needs curl and jq.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

endpoint=http://127.0.0.1:9000 control=http://127.0.0.1:9001 rounds=3 objects=8192 bucket=tarn-scrub
while [ $# -gt 0 ]; do
  case $1 in
    --endpoint) endpoint=$2 ;; --control) control=$2 ;; --rounds) rounds=$2 ;; --objects) objects=$2 ;;
    *) echo "unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done
: "${AWS_ACCESS_KEY_ID:?}" "${AWS_SECRET_ACCESS_KEY:?}"
listener_pid "$(port_of "$endpoint")" >/dev/null || { echo "nothing listens at $endpoint" >&2; exit 2; }
scrub() { TARN_ROOT_ACCESS_KEY=$AWS_ACCESS_KEY_ID TARN_ROOT_SECRET_KEY=$AWS_SECRET_ACCESS_KEY TARN_ENDPOINT=$control "$root/tarn" scrub "$@" --json; }
verified() { curl -fsS "$control/metrics" | awk '/^tarn_scrub_verified_bytes_total/ { n = $2 } END { printf "%d", n }'; }
p99() { jq -r '.operations.get.latencyMs.p99' <<<"$(run_json get --endpoint "$endpoint" --bucket "$bucket-${1,,}" --objects "$2" --size "$1" --concurrency "$3" --duration 15s)"; }

build_load
run_json prepare --endpoint "$endpoint" --bucket "$bucket-1mib" --objects "$objects" --size 1MiB --concurrency 8 >/dev/null
run_json prepare --endpoint "$endpoint" --bucket "$bucket-64kib" --objects "$objects" --size 64KiB --concurrency 8 >/dev/null
scrub pause >/dev/null
printf '%-8s %12s %12s %12s %8s\n' size connections alone scrubbed ratio
for size in 64KiB 1MiB; do
  for connections in 1 32; do
    p99 "$size" "$objects" "$connections" >/dev/null
    alone=() scrubbed=()
    for ((round = 0; round < rounds; round++)); do
      scrub pause >/dev/null
      alone+=("$(p99 "$size" "$objects" "$connections")")
      before=$(verified)
      scrub start >/dev/null
      scrubbed+=("$(p99 "$size" "$objects" "$connections")")
      [ "$(verified)" -gt "$before" ] || { echo "the scrub read nothing meanwhile" >&2; exit 1; }
    done
    a=$(median "${alone[@]}") s=$(median "${scrubbed[@]}")
    printf '%-8s %12s %9s ms %9s ms %8s\n' "$size" "$connections" "$(fmt "$a" 2)" "$(fmt "$s" 2)" "$(ratio "$s" "$a")"
  done
done
scrub resume >/dev/null

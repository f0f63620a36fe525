#!/usr/bin/env bash
# Measures what it costs the server to resolve a GET for an accelerator: CPU time of the server for each request, beside that of a HEAD of the same objects.
# The objects are large, since small ones are answered with their bytes.
# usage: bench/resolve.sh [--server PATH] [--work DIR] [--rounds N] [--duration TIME] [--size SIZE] [--concurrency N]
set -euo pipefail
. "$(dirname "$0")/lib.sh"

server=$root/artifacts/bin/Tarn.Server/release/tarn work=${TMPDIR:-/tmp} rounds=5 duration=5s size=1MiB concurrency=8
while [ $# -gt 1 ]; do
  case $1 in
    --server) server=$2 ;;
    --work) work=$2 ;;
    --rounds) rounds=$2 ;;
    --duration) duration=$2 ;;
    --size) size=$2 ;;
    --concurrency) concurrency=$2 ;;
    *) echo "unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done
[ $# -eq 0 ] || { sed -n '2,4p' "$0" >&2; exit 2; }
[ -x "$load" ] || build_load
[ -x "$server" ] || dotnet build "$root/src/Tarn.Server/Tarn.Server.csproj" -c Release -v q -nologo >&2

export AWS_ACCESS_KEY_ID=compare AWS_SECRET_ACCESS_KEY=comparecompare
export TARN_ROOT_ACCESS_KEY=$AWS_ACCESS_KEY_ID TARN_ROOT_SECRET_KEY=$AWS_SECRET_ACCESS_KEY
work=$(mktemp -d "$work/tarn-resolve.XXXXXX")
pid=
trap '[ -z "$pid" ] || { kill "$pid" && wait "$pid"; } 2>/dev/null || true; rm -rf "$work"' EXIT
read -r s3 control accelerators < <(python3 -c 'import socket
sockets = [socket.socket() for _ in range(3)]
for s in sockets: s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in sockets))')
"$server" serve --data "$work/data" --s3 "127.0.0.1:$s3" --control "127.0.0.1:$control" --accelerators "127.0.0.1:$accelerators" --log-level warning >"$work/out" 2>&1 &
pid=$!
until curl -so /dev/null "http://127.0.0.1:$s3/"; do
  kill -0 "$pid" 2>/dev/null || { cat "$work/out" >&2; exit 1; }
  sleep 0.05
done
token=$("$server" accelerator token create bench --endpoint "http://127.0.0.1:$control" --json | jq -r .token)

common=(--bucket resolve --size "$size" --objects 64 --concurrency "$concurrency")
"$load" prepare --endpoint "http://127.0.0.1:$s3" "${common[@]}" >/dev/null
measured=("${common[@]}" --duration "$duration" --warmup 2s --server-pid "$pid")
resolves=() stats=() rates=()
for round in $(seq "$rounds"); do
  result=$(run_json resolve --endpoint "http://127.0.0.1:$accelerators" --accelerator-token "$token" "${measured[@]}")
  resolves+=("$(field "$result" '.server.cpuMicrosecondsPerRequest')") rates+=("$(field "$result" '.requestsPerSecond')")
  result=$(run_json stat --endpoint "http://127.0.0.1:$s3" "${measured[@]}")
  stats+=("$(field "$result" '.server.cpuMicrosecondsPerRequest')")
done

echo "CPU of the server, medians of $rounds rounds of $duration, objects of $size, $concurrency connections:"
echo "  resolve  $(fmt "$(median "${resolves[@]}")" 1) us  ($(fmt "$(median "${rates[@]}")" 0)/s)"
echo "  HEAD     $(fmt "$(median "${stats[@]}")" 1) us"

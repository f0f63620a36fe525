#!/usr/bin/env bash
# A lifecycle pass with two rules over a bucket of many objects, while another bucket is read: how long it takes, what it does
# to the latency of the reads, and the server's memory.
# usage: AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… bench/lifecycle.sh [--objects N] [--endpoint URL] [--control URL]
# The server must run with a short day: ./tarn serve --lifecycle-day 2. Needs curl 7.75 or newer, and jq.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

endpoint=http://127.0.0.1:9000 control=http://127.0.0.1:9001 objects=1000000 bucket=tarn-lifecycle reads=tarn-lifecycle-reads
while [ $# -gt 0 ]; do
  case $1 in
    --endpoint) endpoint=$2 ;; --control) control=$2 ;; --objects) objects=$2 ;;
    *) echo "unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done
: "${AWS_ACCESS_KEY_ID:?}" "${AWS_SECRET_ACCESS_KEY:?}"
pid=$(listener_pid "$(port_of "$endpoint")") || { echo "nothing listens at $endpoint" >&2; exit 2; }
s3() { curl -fsS -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' --aws-sigv4 aws:amz:us-east-1:s3 --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" "$@"; }
expired() { curl -fsS "$control/metrics" | awk '/^tarn_lifecycle_expired/ { n = $2 } END { printf "%d", n }'; }
read_for() { run_json get --endpoint "$endpoint" --bucket "$reads" --objects 1000 --size 4KiB --concurrency 4 --rate 2000 --duration "$1" --server-pid "$pid"; }
show() { echo "$1: $(jq -r '"\(.requestsPerSecond | floor) GET/s, p50 \(.operations.get.latencyMs.p50) ms, p99 \(.operations.get.latencyMs.p99) ms, server \(.server.peakBytes / 1048576 | floor) MiB at most"' <<<"$2")"; }

build_load
half=$((objects / 2))
for prefix in a/ b/; do
  run_json prepare --endpoint "$endpoint" --bucket "$bucket" --prefix "$prefix" --objects "$half" --size 100 --concurrency 64 >/dev/null
done
run_json prepare --endpoint "$endpoint" --bucket "$reads" --objects 1000 --size 4KiB >/dev/null
read_for 3s >/dev/null
alone=$(read_for 20s)
show 'before the pass' "$alone"

rules='<LifecycleConfiguration>'
for prefix in a/ b/; do
  rules+="<Rule><ID>${prefix%/}</ID><Status>Enabled</Status><Filter><Prefix>$prefix</Prefix></Filter><Expiration><Days>1</Days></Expiration></Rule>"
done
rules+='</LifecycleConfiguration>'
before=$(expired)
began=$(date +%s%N)
s3 -X PUT -H "Content-MD5: $(printf %s "$rules" | openssl md5 -binary | base64)" --data-binary "$rules" "$endpoint/$bucket?lifecycle="
during=$(mktemp)
trap 'rm -f "$during"' EXIT
read_for 30s >"$during" # Nothing else runs meanwhile: reading the metrics twice a second shows in the p99.
until [ $(($(expired) - before)) -ge "$objects" ]; do sleep 0.5; done
took=$((($(date +%s%N) - began) / 1000000))
after=$(read_for 20s)
show 'during the pass' "$(cat "$during")"
show 'after the pass ' "$after"
echo "objects $objects, gone after $took ms; p99 is $(jq -n --argjson b "$alone" --argjson d "$(cat "$during")" --argjson a "$after" \
  '[$b, $d, $a] | map(.operations.get.latencyMs.p99) | .[1] / ((.[0] + .[2]) / 2) * 100 | round / 100') of the mean before and after"

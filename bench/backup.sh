#!/usr/bin/env bash
# What backups cost: the time and bytes of one of the metadata alone, the first and the next after a thousand changes, and the latency of reads while a full one runs.
# usage: AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… bench/backup.sh [--objects N] [--megabytes N] [--target NAME] [--endpoint URL] [--control URL]
# The keys are the root user's. The server must run with --backup-root DIR; NAME is made below it, and must not be there. Needs jq.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

endpoint=http://127.0.0.1:9000 control=http://127.0.0.1:9001 objects=100000 megabytes=4096 target=bench-$$ bucket=tarn-backup reads=tarn-backup-reads
while [ $# -gt 0 ]; do
  case $1 in
    --endpoint) endpoint=$2 ;; --control) control=$2 ;; --objects) objects=$2 ;; --megabytes) megabytes=$2 ;; --target) target=$2 ;;
    *) echo "unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done
: "${AWS_ACCESS_KEY_ID:?}" "${AWS_SECRET_ACCESS_KEY:?}"
pid=$(listener_pid "$(port_of "$endpoint")") || { echo "nothing listens at $endpoint" >&2; exit 2; }
backup() { TARN_ENDPOINT=$control TARN_ROOT_ACCESS_KEY=$AWS_ACCESS_KEY_ID TARN_ROOT_SECRET_KEY=$AWS_SECRET_ACCESS_KEY "$root/tarn" backup "$@" --json; }
prepare() { run_json prepare --endpoint "$endpoint" --concurrency 16 "$@" >/dev/null; }
read_for() { run_json get --endpoint "$endpoint" --bucket "$reads" --objects 1000 --size 4KiB --concurrency 4 --rate 2000 --duration "$1" --server-pid "$pid"; }
p99() { jq .operations.get.latencyMs.p99 <<<"$1"; }
milliseconds() { jq '[.started, .finished] | map((sub("\\.[0-9]+"; "") | fromdate) * 1000 + ((capture("\\.(?<part>[0-9]{1,3})") | .part | tonumber) // 0)) | .[1] - .[0]' <<<"$1"; }
show() { echo "$1: $(milliseconds "$2") ms, $(jq .copiedBytes <<<"$2") of $(jq .totalBytes <<<"$2") bytes written"; }

build_load
prepare --bucket "$bucket" --prefix small/ --objects "$objects" --size 16KiB
prepare --bucket "$reads" --objects 1000 --size 4KiB
show 'metadata, first' "$(backup create "$target" --metadata-only)"
prepare --bucket "$bucket" --prefix more/ --objects 1000 --size 16KiB
show 'metadata, next ' "$(backup create "$target" --metadata-only)"

prepare --bucket "$bucket" --prefix large/ --objects "$megabytes" --size 1MiB
read_for 3s >/dev/null
before=$(read_for 20s)
backup create "$target" --detach >/dev/null
during=$(read_for 20s)
[ "$(backup status | jq -r .state)" = running ] || echo "the backup ended while the reads were measured: give more --megabytes" >&2
until [ "$(backup status | jq -r .state)" != running ]; do sleep 1; done
after=$(read_for 20s)
show 'full           ' "$(backup status)"
echo "p99 of GET: $(p99 "$before") ms before, $(p99 "$during") ms during, $(p99 "$after") ms after"

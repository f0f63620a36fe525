#!/usr/bin/env bash
# Listings of large trees against find -printf; no server and no network. Creates two trees and keeps them for the next run.
# usage: bench/disks.sh [DIRECTORY [FILES]]     (default: the temporary directory, 1000000)
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
dotnet build "$root/bench/Tarn.Benchmarks/Tarn.Benchmarks.csproj" -c Release -v q -nologo >&2
exec "$root/artifacts/bin/Tarn.Benchmarks/release/Tarn.Benchmarks" disks "${1:-${TMPDIR:-/tmp}}" "${2:-1000000}"

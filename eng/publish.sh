#!/usr/bin/env bash
# Publishes the server for one runtime with .NET and RocksDB included, into a directory of its own that needs nothing else installed but glibc 2.34,
# libstdc++ and OpenSSL 3. usage: eng/publish.sh RUNTIME DIRECTORY, as in: eng/publish.sh linux-arm64 /tmp/tarn
set -euo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
runtime=$1 directory=$2
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
rm -rf "$directory"
# No build server may outlive this: it would hold the caller's output. Analyzers are for those who change the code; the packages of a runtime have no
# committed lock file (CONTRIBUTING.md).
if ! log=$(MSBUILDDISABLENODEREUSE=1 dotnet publish "$root/src/Tarn.Server/Tarn.Server.csproj" -c Release -r "$runtime" --self-contained -o "$directory" -v q -nologo \
  -p:RunAnalyzers=false -p:RestoreLockedMode=false -p:UseSharedCompilation=false 2>&1); then
  echo "$log" >&2
  exit 1
fi
cp "$root/LICENSE" "$directory/"
chmod -R u=rwX,go=rX "$directory"

#!/usr/bin/env bash
# Publishes the server for one runtime with .NET and RocksDB included, into a directory of its own that needs nothing else installed but glibc 2.34,
# libstdc++ and OpenSSL 3. usage: eng/publish.sh RUNTIME DIRECTORY, as in: eng/publish.sh linux-arm64 /tmp/tarn
# It includes the console, so Node.js 20.19 or later and npm are needed; with TarnConsoleDist=DIR one that was built elsewhere is taken.
# The directory may be missing, empty, or have what an earlier run published, which is replaced when all is there; any other is refused.
set -euo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
# A build takes a path as seen from the directory of the project.
[[ -z ${TarnConsoleDist-} ]] || export TarnConsoleDist=$(realpath -m -- "$TarnConsoleDist")
runtime=$1 directory=$(realpath -m -- "$2")
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

# What is published has no directories: one in there is someone's, such as the data of a server that was tried out in it.
refused() {
  [[ -e $directory ]] || return 1
  [[ -d $directory ]] || return 0
  [[ -n $(ls -A -- "$directory") ]] || return 1
  [[ ! -f $directory/tarn.deps.json || -n $(find "$directory" -mindepth 1 -type d -print -quit) ]]
}
if refused; then
  echo "publish.sh: $directory is not empty and not what was published before, or has more in it: nothing is removed; name another directory" >&2
  exit 2
fi

mkdir -p "$(dirname -- "$directory")"
stage=$(mktemp -d "$directory.XXXXXX")
trap 'rm -rf "$stage"' EXIT
# No build server may outlive this: it would hold the caller's output. Analyzers are for those who change the code; the packages of a runtime have no
# committed lock file (CONTRIBUTING.md).
if ! log=$(MSBUILDDISABLENODEREUSE=1 dotnet publish "$root/src/Tarn.Server/Tarn.Server.csproj" -c Release -r "$runtime" --self-contained -o "$stage" -v q -nologo \
  -p:TarnConsole=required -p:RunAnalyzers=false -p:RestoreLockedMode=false -p:UseSharedCompilation=false 2>&1); then
  echo "$log" >&2
  exit 1
fi
cp "$root/LICENSE" "$stage/"
chmod -R u=rwX,go=rX "$stage"
rm -rf "$directory"
mv -T "$stage" "$directory"

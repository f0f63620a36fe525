#!/usr/bin/env bash
# Builds what is released: for each runtime a self-contained directory, a tar.gz of it and a Debian package; and SHA256SUMS of the files.
# usage: eng/package.sh [-o DIRECTORY] [RUNTIME…]; by default into artifacts/packages, for linux-x64 and linux-arm64
# The same directory is packed into the same bytes; SOURCE_DATE_EPOCH is the time in the packages, by default that of the commit.
set -euo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
out=$root/artifacts/packages
if [[ ${1-} == -o ]]; then
  out=$(realpath -m -- "$2")
  shift 2
fi
runtimes=("$@")
((${#runtimes[@]} > 0)) || runtimes=(linux-x64 linux-arm64)
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || stat -c %Y "$root/CHANGELOG.md")}

mkdir -p "$out"
rm -f "$out"/tarn[-_]* "$out/SHA256SUMS"
for runtime in "${runtimes[@]}"; do
  "$root/eng/publish.sh" "$runtime" "$out/$runtime"
  "$root/eng/package-tar.sh" "$out/$runtime" "$runtime" "$out"
  "$root/eng/package-deb.sh" "$out/$runtime" "$runtime" "$out"
done
cd "$out"
sha256sum tarn[-_]* >SHA256SUMS

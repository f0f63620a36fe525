#!/usr/bin/env bash
# Builds what is released: for each runtime a self-contained directory, a tar.gz of it and a Debian package; and SHA256SUMS of the files.
# usage: eng/package.sh [-o DIRECTORY] [RUNTIME…]; by default into artifacts/packages, for linux-x64 and linux-arm64
# The directory may be missing, empty, or have what an earlier run built, which is replaced when all is there; any other is refused.
# The same directory is packed into the same bytes; SOURCE_DATE_EPOCH is the time in the packages, by default that of the commit.
# Who builds the Debian package is its maintainer: DEBEMAIL, or git's user.email (eng/package-maintainer.sh).
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

# What an earlier run built, by its sums: nothing else is removed. eng/publish.sh looks into the directories of runtimes itself.
mkdir -p "$out"
built=()
if [[ -f $out/SHA256SUMS ]] && ! grep -qvE '^[0-9a-f]{64}  tarn[-_][^/]+\.(tar\.gz|deb)$' "$out/SHA256SUMS"; then
  mapfile -t built < <(cut -c67- "$out/SHA256SUMS")
elif [[ -n $(find "$out" -mindepth 1 -maxdepth 1 ! -name 'linux-*' -print -quit) ]]; then
  echo "package.sh: $out has something in it, and no SHA256SUMS of an earlier run: nothing is removed; name another directory" >&2
  exit 2
fi

# Before all that takes long.
"$root/eng/package-maintainer.sh" >/dev/null

stage=$(mktemp -d "$out/stage.XXXXXX")
trap 'rm -rf "$stage"' EXIT
for runtime in "${runtimes[@]}"; do
  "$root/eng/publish.sh" "$runtime" "$out/$runtime"
  "$root/eng/package-tar.sh" "$out/$runtime" "$runtime" "$stage"
  "$root/eng/package-deb.sh" "$out/$runtime" "$runtime" "$stage"
done
(cd "$stage" && sha256sum tarn[-_]* >SHA256SUMS)
for file in "${built[@]}"; do
  rm -f "$out/$file"
done
mv "$stage"/* "$out/"

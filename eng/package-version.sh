#!/usr/bin/env bash
# Prints the version of a published directory, whatever machine it is for. usage: eng/package-version.sh PUBLISHED
set -euo pipefail
version=$(grep -m1 -oP '"tarn/\K[^"]+' "$1/tarn.deps.json") || {
  echo "$1 has no published tarn" >&2
  exit 1
}
echo "$version"

#!/usr/bin/env bash
# Packs a published directory, and what deploy/ has for a machine with systemd, as tarn-VERSION-RUNTIME.tar.gz.
# usage: eng/package-tar.sh PUBLISHED RUNTIME DIRECTORY
set -euo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
published=$(realpath -- "$1") runtime=$2 out=$(realpath -- "$3")
version=$("$root/eng/package-version.sh" "$published")
name=tarn-$version-$runtime

stage=$(mktemp -d "$out/stage.XXXXXX")
trap 'rm -rf "$stage"' EXIT
cp -al "$published" "$stage/$name"
mkdir "$stage/$name/deploy"
cp -R "$root"/deploy/{grafana,moving,systemd,accelerator.json,tarn.json,tarn-alerts.yml} "$stage/$name/deploy/"
cp -R "$root/src/Tarn.Server/Cli/Completion/Scripts" "$stage/$name/deploy/completion"
chmod -R u=rwX,go=rX "$stage/$name"
tar -C "$stage" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --format=gnu -c "$name" | gzip -n -6 >"$out/$name.tar.gz"

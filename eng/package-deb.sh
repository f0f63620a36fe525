#!/usr/bin/env bash
# Packs a published directory as tarn_VERSION_ARCHITECTURE.deb, with the units, the users and the example configurations of deploy/.
# usage: eng/package-deb.sh PUBLISHED RUNTIME DIRECTORY
# Its maintainer is who builds it: eng/package-maintainer.sh.
set -euo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
published=$(realpath -- "$1") runtime=$2 out=$(realpath -- "$3")
case $runtime in
  linux-x64) architecture=amd64 ;;
  linux-arm64) architecture=arm64 ;;
  *) echo "no Debian architecture is known for $runtime" >&2; exit 2 ;;
esac
version=$("$root/eng/package-version.sh" "$published")
version=${version/-/\~} # a version before a release is lower than the release

maintainer=$("$root/eng/package-maintainer.sh")

tree=$(mktemp -d "$out/stage.XXXXXX")
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"
mkdir -p "$tree"/{DEBIAN,etc/tarn,usr/bin,usr/lib/systemd/system,usr/lib/sysusers.d,usr/lib/tmpfiles.d,usr/share/{bash-completion/completions,doc/tarn,fish/vendor_completions.d,zsh/vendor-completions}}
cp -al "$published" "$tree/usr/lib/tarn"
ln -s ../lib/tarn/tarn "$tree/usr/bin/tarn"
cp "$root"/deploy/{tarn,accelerator}.json "$tree/etc/tarn/"
cp "$root"/deploy/systemd/{tarn,tarn-accelerate}.service "$tree/usr/lib/systemd/system/"
cp "$root/deploy/systemd/tarn.sysusers.conf" "$tree/usr/lib/sysusers.d/tarn.conf"
cp "$root/deploy/systemd/tarn.tmpfiles.conf" "$tree/usr/lib/tmpfiles.d/tarn.conf"
completion=$root/src/Tarn.Server/Cli/Completion/Scripts
cp "$completion/tarn.bash" "$tree/usr/share/bash-completion/completions/tarn"
cp "$completion/_tarn" "$tree/usr/share/zsh/vendor-completions/"
cp "$completion/tarn.fish" "$tree/usr/share/fish/vendor_completions.d/"
cp "$root/deploy/moving/copy-bucket.mjs" "$tree/usr/share/doc/tarn/"
cp "$root/LICENSE" "$tree/usr/share/doc/tarn/copyright"
gzip -n -9 <"$root/CHANGELOG.md" >"$tree/usr/share/doc/tarn/changelog.gz"

cp "$root"/deploy/debian/{postinst,prerm,postrm} "$tree/DEBIAN/"
printf '%s\n' /etc/tarn/accelerator.json /etc/tarn/tarn.json >"$tree/DEBIAN/conffiles"
(cd "$tree" && find etc usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
control=$(<"$root/deploy/debian/control")
control=${control/@VERSION@/"$version"} control=${control/@ARCHITECTURE@/"$architecture"} control=${control/@MAINTAINER@/"$maintainer"}
echo "${control/@SIZE@/"$(du -sk --apparent-size "$tree/usr" | cut -f1)"}" >"$tree/DEBIAN/control"
chmod -R u=rwX,go=rX "$tree"
find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
# zstd: every distribution with the glibc that .NET and RocksDB need can unpack it.
dpkg-deb --root-owner-group -Zzstd -z9 --build "$tree" "$out/tarn_${version}_$architecture.deb" >/dev/null

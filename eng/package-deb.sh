#!/usr/bin/env bash
# Packs a published directory as tarn_VERSION_ARCHITECTURE.deb, with the unit, the user and the example configuration of deploy/.
# usage: eng/package-deb.sh PUBLISHED RUNTIME DIRECTORY
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

tree=$(mktemp -d "$out/stage.XXXXXX")
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"
mkdir -p "$tree"/{DEBIAN,etc/tarn,usr/bin,usr/lib/systemd/system,usr/lib/sysusers.d,usr/lib/tmpfiles.d,usr/share/doc/tarn}
cp -al "$published" "$tree/usr/lib/tarn"
ln -s ../lib/tarn/tarn "$tree/usr/bin/tarn"
cp "$root/deploy/tarn.json" "$tree/etc/tarn/"
cp "$root/deploy/systemd/tarn.service" "$tree/usr/lib/systemd/system/"
cp "$root/deploy/systemd/tarn.sysusers.conf" "$tree/usr/lib/sysusers.d/tarn.conf"
cp "$root/deploy/systemd/tarn.tmpfiles.conf" "$tree/usr/lib/tmpfiles.d/tarn.conf"
cp "$root/deploy/moving/copy-bucket.mjs" "$tree/usr/share/doc/tarn/"
cp "$root/LICENSE" "$tree/usr/share/doc/tarn/copyright"
gzip -n -9 <"$root/CHANGELOG.md" >"$tree/usr/share/doc/tarn/changelog.gz"

cp "$root"/deploy/debian/{postinst,prerm,postrm} "$tree/DEBIAN/"
echo /etc/tarn/tarn.json >"$tree/DEBIAN/conffiles"
(cd "$tree" && find etc usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" -e "s/@SIZE@/$(du -sk --apparent-size "$tree/usr" | cut -f1)/" \
  "$root/deploy/debian/control" >"$tree/DEBIAN/control"
chmod -R u=rwX,go=rX "$tree"
find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
# zstd: every distribution with the glibc that .NET and RocksDB need can unpack it.
dpkg-deb --root-owner-group -Zzstd -z9 --build "$tree" "$out/tarn_${version}_$architecture.deb" >/dev/null

#!/usr/bin/env bash
# Makes the file tree of the container image from a published directory: the server, the libraries of this machine's distribution that it loads,
# the authorities' certificates, a user, and nothing else: no shell, no package manager, no /tmp.
# usage: deploy/container/tree.sh PUBLISHED TREE
set -euo pipefail
published=$(realpath -- "$1") tree=$(realpath -m -- "$2")
mkdir -p "$tree"/{etc/ssl/certs,proc,sys,dev,run,usr/bin,usr/lib,usr/lib64,var/lib/tarn}
ln -s usr/lib "$tree/lib"
ln -s usr/lib64 "$tree/lib64"
cp -a "$published" "$tree/usr/lib/tarn"
ln -s ../lib/tarn/tarn "$tree/usr/bin/tarn"

# What the files name, and OpenSSL, which .NET loads by name. libcoreclrtraceptprovider is for LTTng alone, which is not included.
rm -f "$tree/usr/lib/tarn/libcoreclrtraceptprovider.so"
openssl=$(ldconfig -p | awk '$1 ~ /^lib(ssl|crypto)\.so\.3$/ { print $NF }')
[[ -n $openssl ]] || { echo "tree.sh: OpenSSL 3 (libssl.so.3) is not installed" >&2; exit 1; }
# shellcheck disable=SC2086 # two paths without spaces
ldd "$tree"/usr/lib/tarn/*.so "$tree/usr/lib/tarn/tarn" $openssl | grep -oP '(?<=[\s>])/\S+(?= \(0x)' | cat - <(printf '%s\n' $openssl) | sort -u |
  while read -r library; do
    [[ $library == "$tree"/* ]] || install -D -m 755 "$library" "$tree$library"
  done

install -m 644 /etc/ssl/certs/ca-certificates.crt "$tree/etc/ssl/certs/"
echo 'tarn:x:65532:0:Tarn:/var/lib/tarn:/nonexistent' >"$tree/etc/passwd"
printf 'root:x:0:\ntarn:x:65532:\n' >"$tree/etc/group"
echo 'hosts: files dns' >"$tree/etc/nsswitch.conf"
chmod 644 "$tree"/etc/{passwd,group,nsswitch.conf}
chmod 770 "$tree/var/lib/tarn"

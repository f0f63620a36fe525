#!/usr/bin/env bash
# Prints who builds the packages, as Debian's tools know them: DEBEMAIL (an address, or "Name <address>") and DEBFULLNAME; otherwise git's user.email and user.name.
# Nobody's address is taken from elsewhere: it is in the package for all to read.
set -euo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
address=${DEBEMAIL-} name=${DEBFULLNAME-}
if [[ -z $address ]]; then
  address=$(git -C "$root" config user.email || true)
  name=${name:-$(git -C "$root" config user.name || true)}
elif [[ $address =~ ^(.*[^[:space:]])[[:space:]]*\<([^\<\>]*)\>$ ]]; then
  name=${name:-${BASH_REMATCH[1]}} address=${BASH_REMATCH[2]}
fi
name=${name:-The Tarn authors}
if [[ ! $address =~ ^[^[:space:]\<\>@]+@[^[:space:]\<\>@]+$ || $name == *[$'\n<>']* ]]; then
  echo "package-maintainer.sh: who maintains the packages is not known: set DEBEMAIL to an address or to \"Name <address>\", or git's user.email" >&2
  exit 2
fi
echo "$name <$address>"

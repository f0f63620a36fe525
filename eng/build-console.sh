#!/usr/bin/env bash
# Builds the console into console/dist, and packs that into one file, unless that file is of the same sources; src/Tarn.Server/Console.targets runs it.
# usage: eng/build-console.sh [FILE]; without one, artifacts/obj/console/console.zip.
# Ends with 3, and one line that says why, where what it needs cannot be had: Node.js, or the packages of the lock file. A Tarn without console can be built then.
set -uo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
file=$(realpath -m -- "${1:-$root/artifacts/obj/console/console.zip}")

# None is better than one of another version.
absent() {
  rm -f "$file"
  echo "$*"
  exit 3
}

fail() {
  echo "$*"
  exit 1
}

# Of the names too: a file that is removed is a change.
sum_of_sources() {
  (cd "$root" && find console/{src,public,scripts,index.html,package.json,package-lock.json,tsconfig.json,vite.config.ts} eng/build-console.sh -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) | sha256sum
}

command -v node >/dev/null && command -v npm >/dev/null || absent "Node.js 20.19 or later, with npm, is not on PATH"
# What Vite runs on.
node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19) ? 0 : 1)' ||
  absent "Node.js $(node --version) cannot build the console, which needs 20.19, 22.12 or later"

cd "$root/console" || exit 1
{ mkdir -p "$(dirname -- "$file")" "$root/artifacts" && exec 9>"$root/artifacts/.console.lock"; } || fail "$root/artifacts cannot be written to"
# Two builds at a time would write the same files. One that has waited may have nothing to do any more.
flock 9
sum=$(sum_of_sources) || fail "the sources cannot be read"
[[ ! -f $file || $(cat "$file.sum" 2>/dev/null) != "$sum" ]] || exit 0

# Vite is missing in what was installed without the packages that only a build needs.
if [[ ! node_modules/.package-lock.json -nt package-lock.json || ! -e node_modules/.bin/vite ]]; then
  # No package has to run anything when it is installed. A network that answers nothing must not hold up a build that can do without.
  if ! log=$(timeout 600 npm ci --include=dev --ignore-scripts --no-audit --no-fund --prefer-offline --fetch-timeout=30000 --fetch-retries=1 --fetch-retry-mintimeout=1000 2>&1 9>&-); then
    [[ $log != *EUSAGE* ]] || fail "$log" # the lock file does not fit package.json
    absent "npm ci failed: $(grep -m 1 -iE 'npm (error|ERR!)' <<<"$log" || tail -1 <<<"$log")"
  fi
fi
NODE_ENV=production npm run build --silent 9>&- || exit 1
node scripts/pack.mjs "$file.new" 9>&- || exit 1
rm -f "$file.sum"
mv "$file.new" "$file" && echo "$sum" >"$file.sum"

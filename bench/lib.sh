# Shared by the benchmark scripts: builds the load generator, finds processes, reads results. Needs bash, dotnet and jq.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
load="$root/artifacts/bin/Tarn.Load/release/tarn-load"

build_load() { dotnet build "$root/bench/load/Tarn.Load.csproj" -c Release -v q -nologo >&2; }

# The pid that listens on a TCP port, found through /proc because the launcher's pid need not be the server's.
listener_pid() {
  local hex inode fd
  hex=$(printf ':%04X' "$1")
  # Processes start and end during both searches, which is not a failure.
  inode=$(awk -v p="$hex" '$4 == "0A" && $2 ~ p"$" && !seen++ { print $10 }' /proc/net/tcp /proc/net/tcp6 2>/dev/null || true)
  [ -n "$inode" ] || return 1
  fd=$(find /proc/[0-9]*/fd -maxdepth 1 -lname "socket:\[$inode\]" 2>/dev/null || true)
  [ -n "$fd" ] || return 1
  fd=${fd%%$'\n'*} fd=${fd#/proc/}
  echo "${fd%%/*}"
}

port_of() { local a=${1#http://}; a=${a%%/*}; echo "${a##*:}"; }

# Runs tarn-load with --json; an error is shown and ends the script.
run_json() { "$load" "$@" --json || { echo "tarn-load $1 failed" >&2; exit 1; }; }

# field JSON FILTER: a number out of a result, "n/a" when it is not there.
field() { jq -r "($2) // \"n/a\"" <<<"$1"; }

# fmt NUMBER DIGITS
fmt() { case $1 in n/a|'') echo n/a ;; *) LC_ALL=C printf "%.${2}f" "$1" ;; esac; }

# ratio A B: A divided by B with two digits
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (a + 0 > 0 && b + 0 > 0) printf "%.2f", a / b; else printf "n/a" }'; }

# median of its arguments
median() { printf '%s\n' "$@" | sort -g | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

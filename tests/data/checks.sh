# shellcheck shell=bash disable=SC2034,SC2154  # variables are shared with the test that sources this
# What the tests of data/fetch_… have in common.
set -uo pipefail

fetch=$(readlink -f -- "$1")
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
failures=0
if command -v sha256sum >/dev/null; then sha=(sha256sum); else sha=(shasum -a 256); fi

check() {  # WHAT COMMAND…
  local what=$1
  shift
  if "$@"; then echo "ok: $what"; else echo "FAILED: $what" && failures=$((failures + 1)); fi
}
says() { grep -q -- "$1" "$work/err"; }
only() { [[ $(find "$1" -type f | wc -l) == "$2" ]]; }  # FOLDER COUNT: that many files in it, hidden ones included

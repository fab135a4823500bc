# shellcheck shell=bash disable=SC2034,SC2154  # variables are shared with the program that sources this
# What fetch_mnist and fetch_melodies do alike. They set these first:
#   program   their name, for messages          folder    where the files go unless the command line says
#   seconds   how long a download may take      most      bytes: whatever is larger is not one of the files
# and define usage().

# Control characters in a name or in a server's answer could do more to a terminal than just appear on it.
say() {
  local text=${1:0:2000}
  printf '%s: %s\n' "$program" "${text//[^[:print:]]/?}" >&2
}
fail() {  # MESSAGE [STATUS]
  say "$1"
  exit "${2:-1}"
}

# Sets only_check and folder.
read_arguments() {  # VARIABLE ARGUMENT…: the environment variable that `seconds` comes from
  local variable=$1
  shift
  only_check=0
  if [[ ${1-} == --check ]]; then
    only_check=1
    shift
  fi
  if [[ $* == -h || $* == --help ]]; then
    usage
    exit
  fi
  [[ ${1-} != -* ]] || fail "unknown option $1 (--help shows the usage)" 2
  (($# <= 1)) || fail "expected at most one folder, found $# arguments (--help shows the usage)" 2
  [[ $seconds =~ ^[1-9][0-9]{0,5}$ ]] || fail "$variable: expected a whole number, found ${seconds:0:60}" 2
  folder=${1:-$folder}
}

sha256() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d' ' -f1; }
timed() { if command -v timeout >/dev/null; then timeout --foreground "$seconds" "$@"; else "$@"; fi; }

# Makes the folder, and a file in it to download to: a file is renamed to its place when it is right, so that what is
# there is always whole.
prepare_folder() {
  local problem
  problem=$(mkdir -p -- "$folder" 2>&1) || fail "${problem#mkdir: }"
  part=$(mktemp -- "$folder/.part.XXXXXX" 2>/dev/null) || fail "$folder: cannot be written"
  trap 'rm -f -- "$part"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

# Prints what went wrong, if anything. Reads no more than it takes to see that there is too much.
download() {  # ADDRESS FILE
  local fetch
  if [[ $1 == file://* ]]; then
    fetch=(timed head -c $((most + 1)) -- "${1#file://}")
  elif command -v curl >/dev/null; then
    fetch=(curl --fail --silent --show-error --location --connect-timeout 10 --max-time "$seconds"
      --speed-limit 1000 --speed-time 30 --output - -- "$1")
  elif command -v wget >/dev/null; then
    fetch=(timed wget --no-verbose --tries=1 --connect-timeout=10 --read-timeout=30 -O - -- "$1")
  else
    echo "neither curl nor wget is installed"
    return 1
  fi
  { "${fetch[@]}" | head -c $((most + 1)) >"$2"; } 2>&1
}

# Refuses a target that is there and is not a file.
require_file_or_nothing() {  # TARGET
  [[ ! -e $1 || -f $1 ]] || fail "$1: expected a file, found something else; move it away"
}

# Puts what was downloaded in its place.
keep_part() {  # TARGET
  local problem
  problem=$(chmod 644 "$part" 2>&1 && mv -f -- "$part" "$1" 2>&1) || fail "$1: ${problem#mv: }"
}

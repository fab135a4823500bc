#!/usr/bin/env bash
# data/fetch_mnist against mirrors made of small files: fetch_test.sh PATH/TO/fetch_mnist
# shellcheck disable=SC2317  # check() calls by name
set -uo pipefail

fetch=$1
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
failures=0
names=(train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte)

check() {  # WHAT COMMAND...
  local what=$1
  shift
  if "$@"; then echo "ok: $what"; else echo "FAILED: $what" && failures=$((failures + 1)); fi
}

# Runs fetch_mnist with these mirrors into this folder; leaves its status and its output.
run() {  # MIRRORS FOLDER
  MNIST_MIRRORS=$1 MNIST_SHA256=$work/sums "$fetch" "$2" >"$work/out" 2>"$work/err"
  status=$?
}
says() { grep -q -- "$1" "$work/err"; }
complete() {  # FOLDER
  for name in "${names[@]}"; do gzip -dc "$1/$name.gz" | cmp -s - "$work/plain/$name" || return 1; done
}
only() {  # FOLDER COUNT: that many files in it, hidden ones included
  [[ $(find "$1" -type f | wc -l) == "$2" ]]
}

mkdir "$work/plain" "$work/good" "$work/corrupt" "$work/portal" "$work/other"
for name in "${names[@]}"; do
  echo "this stands for $name" >"$work/plain/$name"
  gzip -c "$work/plain/$name" >"$work/good/$name.gz"
  head -c 30 "$work/good/$name.gz" >"$work/corrupt/$name.gz"
  echo "<html>Please log in</html>" >"$work/portal/$name.gz"
  echo "not what was asked for" | gzip -c >"$work/other/$name.gz"
done
if command -v sha256sum >/dev/null; then sha=(sha256sum); else sha=(shasum -a 256); fi
(cd "$work/plain" && "${sha[@]}" "${names[@]}") >"$work/sums"

run "file://$work/good" "$work/a"
check "a good mirror gives all four files" test "$status" = 0
check "they are what they should be" complete "$work/a"
check "nothing else is left in the folder" only "$work/a" 4

run "file://$work/nowhere" "$work/a"
check "files that are there and right need no mirror" test "$status" = 0

echo damaged >"$work/a/${names[1]}.gz"
run "file://$work/good" "$work/a"
check "a damaged file is fetched again" complete "$work/a"

mkdir "$work/unpacked" && cp "$work/plain/"* "$work/unpacked"
run "file://$work/nowhere" "$work/unpacked"
check "unpacked files are as good" test "$status" = 0

for bad in nowhere corrupt portal other; do
  run "file://$work/$bad file://$work/good" "$work/after_$bad"
  check "after a mirror that is $bad the next one is tried" complete "$work/after_$bad"

  run "file://$work/$bad" "$work/only_$bad"
  check "a mirror that is $bad alone is a failure" test "$status" = 1
  check "which names the file" says "train-images-idx3-ubyte.gz cannot be had: file://$work/$bad"
  check "and leaves nothing" only "$work/only_$bad" 0
done

cp -r "$work/good" "$work/half" && rm "$work/half/t10k-images-idx3-ubyte.gz"
run "file://$work/half" "$work/b"
check "a file that no mirror has is a failure" test "$status" = 1
check "the others are kept" only "$work/b" 2

: >"$work/a_file"
run "file://$work/good" "$work/a_file"
check "a folder that is a file is a failure" test "$status" = 1
run "file://$work/good" "$work/name with spaces"
check "a folder's name may have spaces" complete "$work/name with spaces"

# A mirror that hangs: the program is ended, as by Ctrl-C, with everything that it started.
mkdir "$work/hangs" && mkfifo "$work/hangs/${names[0]}.gz"
set -m
MNIST_MIRRORS=file://$work/hangs MNIST_SHA256=$work/sums "$fetch" "$work/ended" 2>"$work/err" &
until says "file://$work/hangs"; do sleep 0.05; done
kill -INT -- -$!
wait $! 2>/dev/null
set +m
check "an interrupted run leaves nothing" only "$work/ended" 0

"$fetch" --help >"$work/out" 2>"$work/err"
check "--help goes to standard output" grep -q "usage: data/fetch_mnist" "$work/out"
"$fetch" --verbose 2>"$work/err"
check "an unknown option is wrong usage" test "$?" = 2
check "that is named" says "unknown option --verbose"

exit $((failures > 0))

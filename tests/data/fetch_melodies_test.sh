#!/usr/bin/env bash
# data/fetch_melodies from a mirror made of small files: fetch_melodies_test.sh PATH/TO/fetch_melodies
# shellcheck disable=SC2317  # check() calls by name
unset CDPATH
# shellcheck source-path=SCRIPTDIR source=checks.sh
source "$(dirname -- "$0")/checks.sh"

# Runs fetch_melodies; leaves its status and its output.
run() {  # MIRROR ARGUMENTS...
  MELODIES_MIRROR=$1 MELODIES_SHA256=${sums:-$work/sums} "$fetch" "${@:2}" >"$work/out" 2>"$work/err"
  status=$?
}
fails() { [[ $status == "${1:-1}" && $(wc -l <"$work/err") == 1 && ! -s $work/out ]]; }  # [STATUS]: with one line
names=(jigs.abc waltzes.abc chorales.json)
complete() { for name in "${names[@]}"; do cmp -s "$1/$name" "$work/good/$name" || return 1; done; }  # FOLDER

mkdir "$work/good" "$work/portal"
for name in "${names[@]}"; do
  printf 'X:1\nT:%s\nK:C\ncde\n' "$name" >"$work/good/$name"
  echo "<html>Please log in</html>" >"$work/portal/$name"
done
(cd "$work/good" && "${sha[@]}" "${names[@]}") >"$work/sums"

run "file://$work/good" "$work/a"
check "a good mirror gives all files" test "$status" = 0
check "they are what they should be" complete "$work/a"
check "nothing else is left in the folder" only "$work/a" 3
run "file://$work/nowhere" "$work/a"
check "files that are there and right need no mirror" test "$status" = 0
run "file://$work/nowhere" --check "$work/a"
check "--check says that they are there" test "$status" = 0
echo damaged >"$work/a/jigs.abc"
run "file://$work/nowhere" --check "$work/a"
check "--check notices a damaged file" fails
check "and names it" says "jigs.abc is missing, or is not what it should be"
run "file://$work/good" "$work/a"
check "a damaged file is fetched again" complete "$work/a"
run "file://$work/portal" "$work/b"
check "a page in place of a file is refused" fails
check "since its checksum is wrong" says "the checksum is wrong"
check "and nothing of it is left" only "$work/b" 0
run "file:///dev/zero/.." "$work/c"
check "a mirror without the files is named" says "cannot be downloaded"
mkdir -p "$work/d/jigs.abc"
run "file://$work/good" "$work/d"
check "a folder in a file's place is not touched" says "expected a file, found something else"
run "file://$work/good" --wrong
check "an unknown option is refused" fails 2
run "file://$work/good" "$work/a" "$work/b"
check "so are two folders" fails 2
sums=$work/nowhere
run "file://$work/good" "$work/e"
check "without checksums nothing is fetched" fails
run "file://$work/good" --help
check "--help is no error" test "$status" = 0
exit $((failures > 0))

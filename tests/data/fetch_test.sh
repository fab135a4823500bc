#!/usr/bin/env bash
# data/fetch_mnist against mirrors made of small files: fetch_test.sh PATH/TO/fetch_mnist
# shellcheck disable=SC2317  # check() calls by name
unset CDPATH
# shellcheck source-path=SCRIPTDIR source=checks.sh
source "$(dirname -- "$0")/checks.sh"

names=(train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte)

# Runs fetch_mnist with these mirrors into this folder; leaves its status and its output.
run() {  # MIRRORS FOLDER
  MNIST_MIRRORS=$1 MNIST_SHA256=${sums:-$work/sums} "$fetch" "$2" >"$work/out" 2>"$work/err"
  status=$?
}
fails() { [[ $status == 1 && $(wc -l <"$work/err") == "${1:-1}" ]]; }  # [LINES]: with so many lines, or one
is_whole() { MNIST_SHA256=$work/sums "$fetch" --check "$1" 2>"$work/err"; }  # FOLDER
is_not_whole() { ! is_whole "$1"; }
holds() { [[ -f $1 && $(<"$1") == "$2" ]]; }  # FILE TEXT
within() { ((SECONDS - started <= $1)); }  # SECONDS
complete() {  # FOLDER
  for name in "${names[@]}"; do gzip -dc "$1/$name.gz" | cmp -s - "$work/plain/$name" || return 1; done
}

mkdir "$work/plain" "$work/good" "$work/corrupt" "$work/portal" "$work/other"
for name in "${names[@]}"; do
  echo "this stands for $name" >"$work/plain/$name"
  gzip -c "$work/plain/$name" >"$work/good/$name.gz"
  head -c 30 "$work/good/$name.gz" >"$work/corrupt/$name.gz"
  echo "<html>Please log in</html>" >"$work/portal/$name.gz"
  echo "not what was asked for" | gzip -c >"$work/other/$name.gz"
done
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
  check "which names the file" says "train-images-idx3-ubyte.gz cannot be downloaded: file://$work/$bad"
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

# What stands where a file is to go, or would be read before it.
is_refused() { fails "$1" && says "$2: expected a file, found something else" && is_not_whole "$work/$3"; }
for ending in .gz ''; do
  folder=folder_as_target$ending
  lines=$([[ $ending ]] && echo 3 || echo 4)  # those that come before it are said to be fetched
  mkdir -p "$work/$folder/${names[2]}$ending"
  run "file://$work/good" "$work/$folder"
  check "a folder called like a file$ending is a failure" is_refused "$lines" "${names[2]}$ending" "$folder"
  check "and stays empty" only "$work/$folder/${names[2]}$ending" 0
done
mkdir "$work/pipe_as_target" && mkfifo "$work/pipe_as_target/${names[0]}.gz"
run "file://$work/good" "$work/pipe_as_target"
check "a named pipe called like a file is a failure" is_refused 1 "${names[0]}.gz" pipe_as_target

for other in "${names[0]}" "${names[0]/-idx/.idx}"; do
  folder=$work/beside_$other
  mkdir "$folder" && cp "$work/good/"* "$folder" && echo wrong >"$folder/$other"
  [[ $other == *.idx* ]] && mv "$folder/${names[0]}.gz" "$folder/$other.gz"  # read after the dotted plain one
  check "a wrong plain file $other that is read before the right one is noticed" is_not_whole "$folder"
  run "file://$work/nowhere" "$folder"
  check "it is renamed, without a download" test "$status" = 0
  check "to what the line says" says "is not MNIST's but would be read, so it was renamed to $other.wrong"
  check "nothing of it is lost" holds "$folder/$other.wrong" wrong
  check "and the right one is read" is_whole "$folder"
  echo again >"$folder/$other"
  run "file://$work/nowhere" "$folder"
  check "a second one does not take the first one's place" holds "$folder/$other.wrong" wrong
  check "but another name" holds "$folder/$other.wrong.2" again
done

mkdir "$work/wrong_alone" && echo wrong >"$work/wrong_alone/${names[1]}"
run "file://$work/nowhere" "$work/wrong_alone"
check "where no right file can be had, a wrong one stays where it is" holds "$work/wrong_alone/${names[1]}" wrong
run "file://$work/good" "$work/wrong_alone"
check "and is renamed once there is one" is_whole "$work/wrong_alone"

for ((i = 0; i < 4; i++)); do
  mkdir -p "$work/dotted" && cp "$work/plain/${names[i]}" "$work/dotted/${names[i]/-idx/.idx}"
done
run "file://$work/nowhere" "$work/dotted"
check "files with a point in their names are as good" test "$status" = 0

# Lists of checksums.
: >"$work/empty"
head -n 3 "$work/sums" >"$work/three"
sed 's/^......../xxxxxxxx/' "$work/sums" >"$work/no_sums"
mkdir "$work/a_folder"
for list in empty three no_sums a_folder nothing_there; do
  sums=$work/$list run "file://$work/good" "$work/with_$list"
  check "a list of checksums that is $list is a failure" fails
  check "that names it" says "fetch_mnist: $work/$list: "
done
printf %s "$(<"$work/sums")" >"$work/no_newline"
sed 's/$/\r/; s/  / */' "$work/sums" | tr a-f A-F >"$work/from_windows"
sed -i "s/ \*.*/\L&/" "$work/from_windows"
{ echo "# sums" && cat "$work/sums" && echo; } >"$work/with_comments"
for list in no_newline from_windows with_comments; do
  sums=$work/$list run "file://$work/good" "$work/with_$list"
  check "a list of checksums that is $list is read" complete "$work/with_$list"
done

# Lists of mirrors.
run $'\n\n'"file://$work/nowhere"$'\n'"file://$work/good"$'\r\n' "$work/lines"
check "mirrors may stand on lines" complete "$work/lines"
run $' \n ' "$work/blank"
check "a list without a mirror is a failure" fails
run $'file://\e[31m/red' "$work/red"
check "control characters are not shown as they are" test -z "$(tr -d '\n[:print:]' <"$work/err")"

# Mirrors that send more than they should.
mkdir "$work/endless" "$work/bomb" "$work/slow"
ln -s /dev/zero "$work/endless/${names[0]}.gz"
head -c 10000000 /dev/zero | gzip -9 >"$work/member"  # 10 kB
for ((i = 0; i < 1900; i++)); do cat "$work/member"; done >"$work/bomb/${names[0]}.gz"
started=$SECONDS
run "file://$work/endless" "$work/from_endless"
check "a mirror without an end is left soon" within 20
check "with a line that says why" says "cannot be downloaded: file://$work/endless: more than 20000000 bytes"
check "and leaves nothing" only "$work/from_endless" 0
started=$SECONDS
run "file://$work/bomb" "$work/from_bomb"
check "a file that unpacks to nineteen gigabytes is left soon" within 20
check "and is not taken" only "$work/from_bomb" 0
mkfifo "$work/slow/${names[0]}.gz"
MNIST_SECONDS=1 run "file://$work/slow file://$work/good" "$work/from_slow"
check "after a mirror that is too slow the next one is tried" complete "$work/from_slow"
MNIST_SECONDS=1 run "file://$work/slow" "$work/only_slow"
check "a mirror that is too slow is named" says "file://$work/slow: still incomplete after 1 seconds"
MNIST_SECONDS=soon run "file://$work/good" "$work/soon"
check "a time that is no number is wrong usage" test "$status" = 2

# Called by a relative path while CDPATH leads elsewhere.
mkdir -p "$work/elsewhere/data" "$work/course/data" && cp "$fetch" "${fetch%/*}/fetching.sh" "$work/course/data"
cp "$work/sums" "$work/course/data/mnist.sha256"
(cd "$work/course" && CDPATH=$work/elsewhere MNIST_MIRRORS=file://$work/good data/fetch_mnist) \
  >"$work/out" 2>"$work/err"
check "CDPATH changes nothing" complete "$work/course/data/mnist"
check "and prints nothing" test ! -s "$work/out"

check "--check is content with right files" is_whole "$work/a"
check "and not with a folder that is not there" is_not_whole "$work/not_there"
check "which it does not make" test ! -e "$work/not_there"
"$fetch" --check --check 2>"$work/err"
check "--check twice is wrong usage" test "$?" = 2
"$fetch" --help me 2>"$work/err"
check "so are further words after --help" test "$?" = 2

"$fetch" --help >"$work/out" 2>"$work/err"
check "--help goes to standard output" grep -q "usage: data/fetch_mnist" "$work/out"
"$fetch" --verbose 2>"$work/err"
check "an unknown option is wrong usage" test "$?" = 2
check "that is named" says "unknown option --verbose"

exit $((failures > 0))

# shellcheck shell=bash disable=SC2154  # ./course reads this; what is not defined here is there
# ./course doctor, which works without Python: what is here, what is missing, what to type.

doctor() {
  row() { printf '%-28s %s\n' "$1" "${2:-missing}"; }
  version_of() { if have "$1"; then "$1" --version 2>&1 | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1; fi; }
  found() { if [[ -n $clang ]] && "$@"; then echo found; fi; }
  need_build
  need python3 has_python
  local library needed=${#missing[@]} mnist=${MNIST_DIR:-}
  mnist=${mnist//[^[:print:]]/?}
  mnist=${mnist:0:1000}
  [[ -z $clang ]] || need_sanitizers
  need_downloads
  [[ -n $mnist ]] || ! "$root/data/fetch_mnist" --check 2>/dev/null || mnist=$root/data/mnist

  row System "$(system_name)"
  row "Clang $least_clang or newer" "${clang:+$("$clang" --version | head -n 1)}"
  row 'Python 3.9 or newer' "$(if has_python; then version_of python3; fi)"
  row 'Meson 1.0 or newer' "$(version_of meson)"
  row Ninja "$(version_of ninja)"
  row pkg-config "$(version_of pkg-config)"
  ((boost == 0)) || boost=$((boost / 100000)).$((boost / 100 % 1000))
  row 'Boost 1.81 or newer' "${boost#0}"
  for library in '  Program_options=boost_program_options' '  Test=boost_unit_test_framework' '  JSON=boost_json' \
    '{fmt}=fmt' 'libpng=png' 'zlib=z'; do
    row "${library%=*}" "$(found has_library "${library#*=}")"
  done
  row 'Sanitizers, for test --all' "$(found has_sanitizers)"
  row 'MPI, for many machines' "$(found has_library boost_mpi)"
  row 'curl, for the data' "$(version_of curl)"
  row MNIST "${mnist:-not downloaded yet: ./course data}"

  if ((needed == 0)); then
    echo 'Everything that the course needs is here. Say: ./course run 01'
    ((${#missing[@]} == 0)) || echo "For the rest: $(what_to_type)"
  elif [[ $(system_name) == "debian 12" ]]; then
    echo "./course installs what is missing when it needs it; by hand: $(what_to_type)"
  else
    echo "Install: $(what_to_type)"
  fi
}

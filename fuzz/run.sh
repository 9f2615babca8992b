#!/bin/sh
# Runs fuzz targets of a build directory, each for FUZZ_SECONDS (default 60): ./dev fuzz
#
#   fuzz/run.sh BUILD [NAME...]
#
# Prints a line per target. Exit codes: 0 nothing found, 1 a target crashed.
set -e

root=$(cd "$(dirname "$0")/.." && pwd -P)
seconds=${FUZZ_SECONDS:-60}
build=$1
shift

# The last number that a line of the fuzzer's log gives for a word ("cov: 123").
#   number_of WORD PATTERN LOG
number_of() {
  sed -n "/$2/s/.*$1: *\([0-9]*\).*/\1/p" "$3" | tail -n 1
}

# What the log says when it is over: runs, coverage more than the files to begin with had, and the result.
report() {
  name=$1 log=$2 result=$3
  runs=$(number_of 'stat::number_of_executed_units' '^stat' "$log")
  [ -n "$runs" ] || runs=$(sed -n 's/^#\([0-9]*\).*/\1/p' "$log" | tail -n 1)
  first=$(number_of cov INITED "$log")
  last=$(number_of cov '^#' "$log")
  printf '%-12s %9s runs, %4s new edges, %s\n' "$name" "${runs:-0}" "$((${last:-0} - ${first:-0}))" "$result"
}

# What went wrong, the file that does it again, and how.
explain() {
  program=$1 log=$2
  grep -E 'does not hold|SUMMARY|runtime error|libFuzzer:' "$log" | sed 's/^/  /' || :
  file=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
  printf '  input: %s\n  again: %s %s\n  log:   %s\n' "${file:-none}" "$program" "${file:-}" "$log"
}

run_target() {
  name=$1 program=$build/fuzz/fuzz-$1 found=$build/fuzz/found/$1
  log=$found/log
  mkdir -p "$found/corpus" "$found/crashes"
  if "$program" -max_total_time="$seconds" -timeout=20 -print_final_stats=1 -verbosity=1 \
    -artifact_prefix="$found/crashes/" "$found/corpus" "$root/fuzz/corpus/$name" >"$log" 2>&1; then
    report "$name" "$log" ok
    return 0
  fi
  report "$name" "$log" CRASHED
  explain "$program" "$log"
  return 1
}

# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(sed -n "/^fuzz_names/,/^\]/s/^  '\(.*\)',$/\1/p" "$root/fuzz/meson.build")
for name; do
  [ -x "$build/fuzz/fuzz-$name" ] || { printf 'error: no fuzz target %s\n' "$name" >&2; exit 1; }
done
code=0
for name; do
  run_target "$name" || code=1
done
exit $code

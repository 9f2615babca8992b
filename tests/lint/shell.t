# Scripts are POSIX sh and end their lines as everybody expects.
. "$(dirname "$0")/../lib.sh"

cd "$GIT_AGENT_SOURCE_ROOT" || exit 1
scripts=$(
  grep -lE '^#!/bin/sh' dev .ci/run tools/* bench/* fuzz/* examples/* hooks/* 2>/dev/null
  ls tests/lib.sh tests/*/*.t
)

for script in $scripts; do
  t "$script parses" 'sh -n "$script"'
done

t 'no white space at line ends, no tabs in C++' '
  { grep -rnE "[ 	]+$" lib git-agent tests bench fuzz tools dev --include="*.cc" --include="*.hh" \
      --include="*.c" --include="*.sh" --include="*.t" --include="*.build" --include=dev
    grep -rn "	" lib git-agent tests/unit fuzz --include="*.cc" --include="*.hh"
  } | awk "{print} END {exit NR > 0}"
'

done_testing

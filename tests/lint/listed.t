# A source file that no meson.build lists is compiled by nobody, and nobody notices.
. "$(dirname "$0")/../lib.sh"

cd "$GIT_AGENT_SOURCE_ROOT" || exit 1

t 'every file of lib/ is listed' '
  for file in lib/*/*.cc; do
    grep -q "^  *.${file##*/}.,$" "${file%/*}/meson.build" || echo "$file" >>"$TEST_DIR/unlisted"
  done
  test ! -e "$TEST_DIR/unlisted" || { cat "$TEST_DIR/unlisted"; false; }
'

t 'every unit test is listed' '
  find tests/unit -name "*.cc" | sed "s,^tests/,," | sort >"$TEST_DIR/present"
  sed -n "s/.*.\(unit\/.*\.cc\)..*/\1/p" tests/meson.build | sort >"$TEST_DIR/listed"
  diff "$TEST_DIR/listed" "$TEST_DIR/present"
'

t 'every fuzz target is listed' '
  for file in fuzz/*.cc; do
    name=${file##*/}
    [ "$name" = entry.cc ] || grep -q "^  .${name%.cc}.,$" fuzz/meson.build || echo "$file" >>"$TEST_DIR/targets"
  done
  test ! -e "$TEST_DIR/targets" || { cat "$TEST_DIR/targets"; false; }
'

t 'headers begin with #pragma once' '
  for file in $(find lib git-agent tests fuzz -name "*.hh"); do
    grep -q "^#pragma once$" "$file" || { echo "$file"; false; }
  done
'

t 'file names are lower case with dashes' '
  find lib git-agent tests bench fuzz -type f | sed "s,.*/,," | grep -nE "[A-Z_ ]" |
    awk "{print} END {exit NR > 0}"
'

done_testing

#!/bin/sh
# Writes the manual's sources as C++: one line {"git-agent-task", "text"}, per page.
#
#   embed-pages.sh OUTPUT PAGE.scd...
set -e
out=$1
shift
for page; do
  name=${page##*/}
  name=${name%.*.scd}
  printf '{"%s", R"MANPAGE(' "$name"
  cat "$page"
  printf ')MANPAGE"},\n'
done >"$out.new"
mv "$out.new" "$out"

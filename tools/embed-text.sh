#!/bin/sh
# Writes a file as a C++ string literal on standard output.
#
#   embed-text.sh FILE
set -e
printf 'R"TEXT('
cat "$1"
printf ')TEXT"\n'

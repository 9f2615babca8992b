#!/bin/sh
# The figures of the contract: sh bench/figures.sh BUILD [figures.py's options]
set -e
build=$1
shift
exec python3 "$(dirname "$0")/figures.py" "$build/git-agent" --launcher "$build/bench/peak-memory" "$@"

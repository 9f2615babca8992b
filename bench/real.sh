#!/bin/sh
# Whole features on real repositories: sh bench/real.sh BUILD [real.py's options]
set -e
build=$1
shift
exec python3 "$(dirname "$0")/real.py" "$build/git-agent" "$@"

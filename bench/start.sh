#!/bin/sh
# How long starting takes: `git --version` and `git rev-parse HEAD` against our program and the bare
# price of its libraries. Medians of many runs, taken in turn, so that a busy machine hits all alike.
#
#   bench/start.sh BUILD-DIRECTORY [RUNS]
set -e
build=$(cd "$1" && pwd)
root=$(cd "$(dirname "$0")/.." && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
git init -q
git -c user.name=bench -c user.email=bench@example.com commit -q --allow-empty -m first
python3 "$root/bench/spawn.py" "${2:-101}" \
  'git --version' \
  'git rev-parse HEAD' \
  "$build/git-agent/git-agent --version" \
  "$build/bench/start-probe"

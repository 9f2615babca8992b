# Runs a shell test on repositories of another format: sh tests/with-format.sh sha256|reftable FILE
#
# Tables of refs need a Git that knows them: the system's, or the one that tools/newer-git.sh has put into
# $GIT_AGENT_NEWER_GIT. Without one the file is skipped, and says so.
. "$(dirname "$0")/newer-git.sh"

case $1 in
sha256)
  GIT_DEFAULT_HASH=sha256
  export GIT_DEFAULT_HASH
  ;;
reftable)
  newer_git || {
    echo "1..0 # SKIP $no_newer_git"
    exit 0
  }
  GIT_DEFAULT_REF_FORMAT=reftable
  export GIT_DEFAULT_REF_FORMAT
  ;;
esac
exec "${SH:-sh}" "$2"

# newer_git: puts a Git that knows reftable first in PATH; fails when there is none, for the reason $no_newer_git.
no_newer_git='no Git that knows reftable (sh tools/newer-git.sh build/newer-git)'
newer_git() {
  for _dir in "" "$GIT_AGENT_NEWER_GIT" "$GIT_AGENT_SOURCE_ROOT/build/newer-git/bin"; do
    [ -z "$_dir" ] || [ -x "$_dir/git" ] || continue
    PATH=${_dir:+$_dir:}$PATH
    case $(git --version) in
    'git version 2.'[0-9]'.'* | 'git version 2.'[0-3][0-9]'.'* | 'git version 2.4'[0-4]'.'*) ;;
    *) return 0 ;;
    esac
  done
  return 1
}

/* Does libgit2.a work with the stubs? Links them and does a little of what the program does. */
#include "../../lib/git/transport-stubs.c"

#include <git2.h>

int main(void) {
  git_oid id;
  git_repository* repo;

  if (git_libgit2_init() < 1)
    return 1;
  if (git_odb_hash(&id, "blob", 4, GIT_OBJECT_BLOB) != 0)
    return 2;
  if (git_repository_open(&repo, "/no/such/repository") != GIT_ENOTFOUND)
    return 3;
  return git_libgit2_shutdown() == 0 ? 0 : 4;
}

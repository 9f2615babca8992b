// What every command pays before its own work: starts libgit2, opens the repository around the
// current directory, prints the commit at HEAD.
//
// A probe of its own, so that the price of the libraries can be told from that of our code.
#include <git2.h>

#include <cstdio>
#include <memory>

int main() {
  if (git_libgit2_init() < 1) {
    std::fputs("libgit2 does not start\n", stderr);
    return 128;
  }
  git_repository* opened = nullptr;
  if (git_repository_open_ext(&opened, ".", 0, nullptr) != 0) {
    std::fputs("no repository here\n", stderr);
    return 128;
  }
  const std::unique_ptr<git_repository, decltype(&git_repository_free)> repo(opened, git_repository_free);
  git_oid head;
  if (git_reference_name_to_id(&head, repo.get(), "HEAD") != 0) {
    std::fputs("no commit at HEAD\n", stderr);
    return 1;
  }
  char text[GIT_OID_HEXSZ + 1];
  std::puts(git_oid_tostr(text, sizeof text, &head));
  return 0;
}

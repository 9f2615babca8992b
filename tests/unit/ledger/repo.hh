// A repository of its own for one test, removed at its end.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "git/cli.hh"
#include "index/index.hh"
#include "ledger/ledger.hh"
#include "util/fs.hh"

namespace ga::test {

class TestRepo {
 public:
  TestRepo() {
    const char* fast = fs::is_directory("/dev/shm") ? "/dev/shm" : "/tmp";
    std::string name = std::string(fast) + "/git-agent-unit.XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no directory for a test");
    dir = name;
    git::git_or_fail({"init", "-q", "--initial-branch=main", dir.string()});
    // `git notes` needs somebody.
    git::git_or_fail({"-C", dir.string(), "config", "user.name", "Test Person"});
    git::git_or_fail({"-C", dir.string(), "config", "user.email", "person@example.com"});
  }
  ~TestRepo() {
    std::error_code ignored;
    fs::remove_all(dir, ignored);
  }
  TestRepo(const TestRepo&) = delete;
  TestRepo& operator=(const TestRepo&) = delete;

  fs::path dir;
};

/// A ledger with its index in a repository of its own.
struct TestLedger {
  TestRepo at;
  git::Repository repo = git::Repository::discover(at.dir);
  index::Index index{repo};
  ledger::Ledger ledger{repo, index};

  ledger::Committed write(const model::Operation& op) {
    return ledger.transact([&](model::State&) { return op; });
  }
  /// False when it was refused.
  bool try_write(const model::Operation& op) {
    try {
      write(op);
      return true;
    } catch (const Error&) {
      return false;
    }
  }
  git::Oid tree(const git::Oid& commit) const { return repo.read_commit(commit)->tree; }
};

}  // namespace ga::test

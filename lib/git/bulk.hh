// Many objects at once: as loose files each costs more than all the rest of writing it.
//
//   git::BulkWriter bulk(repo);
//   ... repo.write_blob(...), repo.update_tree(...), repo.write_commit(...) ...
//   bulk.finish();
//   repo.cas_ref(...)
#pragma once

#include "git/repository.hh"

namespace ga::git {

/// Collects what is written to a repository as long as it lives; without finish() nothing is kept.
class BulkWriter {
 public:
  explicit BulkWriter(Repository& repo) : repo_(repo) { repo_.begin_bulk(); }
  ~BulkWriter() { repo_.discard_bulk(); }
  BulkWriter(const BulkWriter&) = delete;
  BulkWriter& operator=(const BulkWriter&) = delete;
  void finish() { repo_.end_bulk(); }

 private:
  Repository& repo_;
};

}  // namespace ga::git

// What each person last saw of the ledger: <common>/agent/seen/<name>.
#pragma once

#include "work/project.hh"

namespace ga::work {

/// The ledger's tip at this person's last status; zero when there was none.
git::Oid last_seen(Project& project);
/// Remembers it; where nothing can be written, nothing is remembered.
void mark_seen(Project& project);

}  // namespace ga::work

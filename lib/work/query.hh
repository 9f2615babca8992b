// Questions in SQL about everything the ledger knows.
#pragma once

#include "index/sql.hh"
#include "work/project.hh"

namespace ga::work {

/// index::ask_sql() on the ledger as it is now. A query that names `events` first brings that table up to date, within the
/// same time; what was done of it when the time is over is kept for the next one.
bool ask(Project& project, const index::SqlRequest& request, const index::SqlAnswer& answer);

}  // namespace ga::work

// Messages that stand in the ledger.
#pragma once

#include <string>
#include <vector>

#include "work/project.hh"

namespace ga::work {

/// Messages to this name, newest first, at most `limit`: objects as product.md has them,
/// `{"ask","from","id","read","task","text","time","to"}`.
std::vector<Json> messages_to(Project& project, const std::string& name, std::size_t limit);

}  // namespace ga::work

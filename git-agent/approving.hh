// What every command that approves something asks for: a person.
#pragma once

#include <string>

#include "cli/context.hh"
#include "work/authority.hh"

namespace ga::cli {

struct ApprovalAsked {
  const work::Authority& rules;
  std::string question = "Approve this?";
  bool seen = false;           ///< it was shown before this command; then a signature needs no further question
  std::string when_not = {};   ///< the hint for who says no
  Json data = Json::object();  ///< what the error carries
};

/// Goes on when a person at a terminal says yes, or when curators are named, so that a signature will prove it. Throws
/// Error(not_approved) else: without curators the word of whoever sits at a terminal is all there is, and that is said.
void require_person(Context& ctx, const ApprovalAsked& asked);

}  // namespace ga::cli

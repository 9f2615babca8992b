// Plans and approvals as they stand in the ledger. What an approval's statement says and whether its signature holds is
// lib/trust's: here it is a text.
#pragma once

#include <string>
#include <string_view>

#include "util/clock.hh"
#include "util/json.hh"

namespace ga::model {

/// A person's word, provable where it is signed. Never changes.
struct Approval {
  std::string id;         ///< approval_id()
  std::string kind;       ///< guard, plan, learning, allow
  std::string statement;  ///< exactly what was signed
  std::string signature;  ///< armoured SSH signature; "" for one that a person gave at a terminal, unsigned
  std::string curator;    ///< who signed it, or the person who gave it
  std::string task;       ///< id, or ""
  std::string why;        ///< what the person says of it, no part of the statement
  Time time = 0;          ///< when it came into the ledger
};
Json to_json(const Approval& approval);
/// Accepts every object; wrongly typed members count as missing.
Approval approval_from_json(const Json& object);
/// Made of statement and signature, so that adding one twice is one, and nobody takes another's place.
std::string approval_id(std::string_view statement, std::string_view signature);

/// What an agent is going to do. The text never changes; the verdict may.
struct Plan {
  std::string id, task, text;
  std::string content;  ///< plan_content(text): what an approval names
  std::string by;       ///< who submitted it
  Time time = 0;
  std::string state;  ///< submitted, approved, rejected, replaced
  std::string reason, decided_by;
  Time decided = 0;
  std::string approval;  ///< id, or "" when it was approved without a signature
  std::string replaces;  ///< id of the plan before it
};
Json to_json(const Plan& plan);
Plan plan_from_json(const Json& object);
/// The SHA-256 of the text, in hexadecimal digits.
std::string plan_content(std::string_view text);

}  // namespace ga::model

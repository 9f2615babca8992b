// Whether a signed statement holds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "trust/curators.hh"
#include "trust/statement.hh"

namespace ga::trust {

/// Which keys count: any, or only hardware keys that were touched, or touched and unlocked by PIN or fingerprint. A hardware
/// key that was not touched never counts.
enum class KeyRule { any, touch, pin };

struct Verification {
  const Curators& curators;
  std::string revoked;  ///< text or KRL of revoked keys; "" for none
  KeyRule keys = KeyRule::any;
  std::vector<std::string> commit_keys;  ///< public keys that sign commits, which approve nothing
  Time now = 0;                          ///< a statement from after it does not hold
};

/// Why the signature is none of the statement's curator over exactly this text; "" when it is. Starts ssh-keygen only when
/// all else is in order.
std::string signature_problem(std::string_view text, const Statement& statement, std::string_view signature,
                              const Verification& by);

}  // namespace ga::trust

// Taking out of a log what looks like a credential, before an excerpt of it goes where everybody reads it (the ledger).
//
// Careful rather than exact: it knows no rules but shapes, and hides what merely looks like a secret.
#pragma once

#include <string>
#include <string_view>

namespace ga::gates {

/// The text with private keys, passwords in addresses, values of names like "token" or "password", tokens of known
/// prefixes and long random-looking words replaced by "[redacted]". Idempotent.
std::string redacted(std::string_view text);

}  // namespace ga::gates

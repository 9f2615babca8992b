// Statements: one text each.
#include "fuzz.hh"
#include "trust/statement.hh"

namespace ga::fuzz {

void fuzz_one(std::string_view input) {
  if (const auto statement = trust::parse_statement(input)) HOLDS(trust::statement_text(*statement) == input);
  // Whatever a path is, it makes no line of its own.
  trust::Statement made;
  made.kind = "guard";
  made.repository = made.policy = made.before.id = made.after.id = std::string(40, '0');
  made.path = std::string(input.substr(0, 4096));
  made.curator = made.path;
  if (made.path.empty()) return;
  const auto read = trust::parse_statement(trust::statement_text(made));
  HOLDS(read && *read == made);
}

}  // namespace ga::fuzz

// Operations of other clones, one a line, each applied to what those before it left.
#include "ledger-world.hh"

namespace ga::fuzz {

void fuzz_one(std::string_view input) {
  LedgerWorld world;
  for (int count = 0; count < 20 && !input.empty(); ++count) {
    const std::string_view line = take_part(input, '\n');
    const auto op = read_or_refuse(Kind::environment, [&] { return model::operation_from_text(line); });
    if (!op) continue;
    const std::string text = model::to_text(*op);
    HOLDS(model::to_text(model::operation_from_text(text)) == text);
    world.perform(*op);
  }
  world.check_names_and_links();
}

}  // namespace ga::fuzz

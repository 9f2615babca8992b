// Launch lines of clients: the first line is a value, the rest words with placeholders. What a value holds stays a
// value: it makes no further words and is not filled in again.
#include "clients/profiles.hh"
#include "fuzz.hh"
#include "util/text.hh"

namespace ga::fuzz {

void fuzz_one(std::string_view input) {
  const std::string value(take_part(input, '\n'));
  const std::vector<std::string> words = split(input, ' ');
  HOLDS(clients::fill_in(words, {}) == words);
  HOLDS(clients::fill_in(words, {{"prompt", "{prompt}"}}) == words);
  HOLDS(clients::fill_in(words, {{"prompt", value}}).size() == words.size());
  HOLDS(clients::fill_in({"-p", "{prompt}"}, {{"prompt", value}, {"model", "m"}}) ==
        (std::vector<std::string>{"-p", value}));
}

}  // namespace ga::fuzz

// Words as a shell splits them: quoting them gives them back.
#include "fuzz.hh"
#include "util/process.hh"
#include "util/text.hh"

namespace ga::fuzz {

void fuzz_one(std::string_view input) {
  const std::vector<std::string> parts = split(input, ' ');
  HOLDS(split_words(shell_join(parts)) == parts);
  HOLDS(split_words(shell_quote(input)) == std::vector{std::string(input)});
  const auto words = split_words(input);
  if (words) HOLDS(split_words(shell_join(*words)) == words);
}

}  // namespace ga::fuzz

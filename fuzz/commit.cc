// Commit and tree objects, and the trailers of messages.
#include "fuzz.hh"
#include "git/commit-text.hh"
#include "git/tree-text.hh"
#include "work/trailers.hh"

namespace ga::fuzz {
namespace {

void check_tree(std::string_view bytes, std::size_t id_size) {
  read_or_refuse(Kind::environment, [&] {
    git::TreeReader reader(bytes, id_size);
    std::size_t read = 0;
    for (git::RawEntry entry; reader.next(entry);) read += entry.bytes.size();
    HOLDS(read == bytes.size());
    return read;
  });
}

// What is written of a signature is read as it was.
void check_signature(const git::Signature& signature) {
  const std::string text = git::signature_text(signature);
  HOLDS(text.find('\n') == std::string::npos);
  HOLDS(git::signature_text(git::parse_signature(text)) == text);
}

// A message has a subject, which is never taken for trailers.
void check_trailers(const std::string& message) {
  const work::Trailer ours{"Agent-Task", "api 3fa2"};
  const std::string once = work::with_trailers(message, {"agent-task"}, {ours});
  HOLDS(work::with_trailers(once, {"agent-task"}, {ours}) == once);
  const auto found = work::trailers_of(once);
  HOLDS(!found.empty() && found.back() == ours);
  const std::string value = work::trailer_value(message);
  HOLDS(value.find('\n') == std::string::npos);
}

}  // namespace

void fuzz_one(std::string_view input) {
  for (const std::size_t id_size : {20, 32}) check_tree(input, id_size);
  check_signature(git::parse_signature(input));
  check_trailers("Subject\n\n" + std::string(input));
  const auto commit = read_or_refuse(Kind::environment, [&] { return git::parse_commit({}, input); });
  if (!commit) return;
  HOLDS(commit->subject().find('\n') == std::string::npos);
  check_signature(commit->author);
}

}  // namespace ga::fuzz

#include "work/trailers.hh"

#include <algorithm>
#include <cctype>

#include "util/text.hh"

namespace ga::work {
namespace {

constexpr std::size_t kValueColumns = 200;

bool is_continuation(const std::string& line) { return !line.empty() && (line[0] == ' ' || line[0] == '\t'); }

// The name of a trailer line, "" when it is none.
std::string name_in(const std::string& line) {
  const auto colon = line.find(':');
  if (colon == std::string::npos || colon == 0) return "";
  std::string name = line.substr(0, colon);
  while (!name.empty() && name.back() == ' ') name.pop_back();
  const bool token =
      std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; });
  return token ? name : "";
}

bool made_by_git(const std::string& line) {
  return starts_with(line, "Signed-off-by: ") || starts_with(line, "(cherry picked from commit ");
}

// Git's rule: only trailers, or one that Git itself writes and at least a quarter of the lines.
bool is_trailer_block(const std::vector<std::string>& lines, std::size_t from, std::size_t end) {
  std::size_t trailers = 0, others = 0;
  bool known = false, previous = false;
  for (std::size_t i = from; i < end; ++i) {
    if (is_continuation(lines[i])) {
      if (!previous) ++others;
      continue;
    }
    known = known || made_by_git(lines[i]);
    previous = made_by_git(lines[i]) || !name_in(lines[i]).empty();
    ++(previous ? trailers : others);
  }
  return trailers > 0 && (others == 0 || (known && trailers * 3 >= others));
}

struct Message {
  std::vector<std::string> body;   // without blank lines at its end
  std::vector<std::string> block;  // trailer lines with their continuations
};

Message parse(std::string_view text) {
  std::vector<std::string> lines = split(text, '\n');
  while (!lines.empty() && trim(lines.back()).empty()) lines.pop_back();
  std::size_t from = lines.size();
  while (from > 0 && !trim(lines[from - 1]).empty()) --from;
  Message message;
  // The first paragraph is the subject, whatever it looks like.
  if (from == 0 || !is_trailer_block(lines, from, lines.size())) {
    message.body = std::move(lines);
    return message;
  }
  message.block.assign(lines.begin() + static_cast<std::ptrdiff_t>(from), lines.end());
  message.body.assign(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(from));
  while (!message.body.empty() && trim(message.body.back()).empty()) message.body.pop_back();
  return message;
}

void remove_trailers(std::vector<std::string>& block, const std::vector<std::string>& names) {
  std::vector<std::string> kept;
  bool dropping = false;
  for (std::string& line : block) {
    if (!is_continuation(line)) {
      const std::string name = lower_ascii(name_in(line));
      dropping = std::any_of(names.begin(), names.end(), [&](const std::string& n) { return lower_ascii(n) == name; });
    }
    if (!dropping) kept.push_back(std::move(line));
  }
  block = std::move(kept);
}

}  // namespace

std::vector<Trailer> trailers_of(std::string_view message) {
  std::vector<Trailer> found;
  for (const std::string& line : parse(message).block) {
    if (is_continuation(line)) {
      if (!found.empty()) found.back().second += " " + trim(line);
    } else if (const std::string name = name_in(line); !name.empty()) {
      found.emplace_back(name, trim(line.substr(line.find(':') + 1)));
    }
  }
  return found;
}

std::string with_trailers(std::string_view message, const std::vector<std::string>& removed,
                          const std::vector<Trailer>& added) {
  Message parts = parse(message);
  remove_trailers(parts.block, removed);
  for (const auto& [name, value] : added) {
    const std::string line = name + ": " + value;
    if (std::find(parts.block.begin(), parts.block.end(), line) == parts.block.end()) parts.block.push_back(line);
  }
  std::string text = join(parts.body, "\n");
  if (!parts.block.empty()) text += (text.empty() ? "" : "\n\n") + join(parts.block, "\n");
  return text + "\n";
}

std::string trailer_value(std::string_view text) {
  // Only the first line: the rest stands in the note.
  const std::string whole = trim(text);
  return fit(sanitize_line(std::string_view(whole).substr(0, whole.find('\n'))), kValueColumns);
}

}  // namespace ga::work

#include "git/commit-text.hh"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>

#include "util/error.hh"

namespace ga::git {

namespace {

// What Git itself strips from both ends of a name ("crud").
bool is_crud(char c) {
  return static_cast<unsigned char>(c) <= 32 || std::string_view(".,:;<>\"\\'").find(c) != std::string_view::npos;
}

std::string clean(std::string_view text) {
  while (!text.empty() && is_crud(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_crud(text.back())) text.remove_suffix(1);
  std::string result;
  for (const char c : text) {
    if (c != '<' && c != '>' && c != '\n' && c != '\0') result += c;
  }
  return result;
}

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// "+0130" in minutes
int parse_offset(std::string_view text) {
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-')) return 0;
  const auto digits = static_cast<int>(number(text.substr(1)));
  const int minutes = digits / 100 * 60 + digits % 100;
  return text[0] == '-' ? -minutes : minutes;
}

// Takes one line off the text, without its end.
std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

}  // namespace

std::string signature_text(const Signature& signature) {
  std::string name = clean(signature.name);
  if (name.empty()) name = "unknown";
  const int minutes = std::abs(signature.offset_minutes);
  char time[48];
  std::snprintf(time, sizeof time, "> %lld %c%02d%02d",
                static_cast<long long>(std::max<std::int64_t>(signature.time, 0)),
                signature.offset_minutes < 0 ? '-' : '+', minutes / 60 % 100, minutes % 60);
  return name + " <" + clean(signature.email) + time;
}

Signature parse_signature(std::string_view text) {
  Signature result;
  const auto open = text.find('<');
  const auto close = text.rfind('>');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    result.name = text;
    return result;
  }
  result.name = text.substr(0, open > 0 && text[open - 1] == ' ' ? open - 1 : open);
  result.email = text.substr(open + 1, close - open - 1);
  std::string_view rest = text.substr(close + 1);
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  result.time = number(rest);
  const auto space = rest.find(' ');
  if (space != std::string_view::npos) result.offset_minutes = parse_offset(rest.substr(space + 1));
  return result;
}

std::string commit_text(const Oid& tree, const std::vector<Oid>& parents, const Signature& author,
                        const Signature& committer, std::string_view message) {
  std::string text = "tree " + tree.hex() + "\n";
  for (const Oid& parent : parents) text += "parent " + parent.hex() + "\n";
  text += "author " + signature_text(author) + "\ncommitter " + signature_text(committer) + "\n\n";
  return text.append(message);
}

CommitInfo parse_commit(const Oid& id, std::string_view text) {
  CommitInfo commit;
  commit.id = id;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.empty()) break;
    const auto space = line.find(' ');
    const std::string_view key = line.substr(0, space);
    const std::string_view value = space == std::string_view::npos ? "" : line.substr(space + 1);
    if (key == "tree") commit.tree = Oid::parse(value);
    if (key == "parent") commit.parents.push_back(Oid::parse(value));
    if (key == "author") commit.author = parse_signature(value);
    if (key == "committer") commit.committer = parse_signature(value);
  }
  if (!commit.tree) fail_environment("commit " + id.hex() + " is malformed");
  commit.message = text;
  return commit;
}

std::string CommitInfo::subject() const {
  std::string_view rest = message;
  std::string result;
  // As Git does: the first paragraph, its lines joined.
  while (!rest.empty()) {
    std::string_view line = take_line(rest);
    while (!line.empty() && static_cast<unsigned char>(line.back()) <= 32) line.remove_suffix(1);
    if (line.empty() && result.empty()) continue;
    if (line.empty()) break;
    if (!result.empty()) result += ' ';
    result += line;
  }
  return result;
}

}  // namespace ga::git

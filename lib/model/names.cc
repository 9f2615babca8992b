#include "model/names.hh"

#include <algorithm>

#include "util/error.hh"
#include "util/text.hh"

namespace ga::model {
namespace {

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool has_name_shape(std::string_view text) {
  if (text.empty() || text.size() > 63) return false;
  if (!is_letter_or_digit(text.front()) || !is_letter_or_digit(text.back())) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
}

}  // namespace

bool is_slug(std::string_view text) {
  if (!has_name_shape(text) || is_reserved_name(text)) return false;
  return !is_hex(text);
}

std::string slug_for(std::string_view title) {
  const std::string slug = slug_from_title(title);
  return is_slug(slug) ? slug : slug.substr(0, 58) + "-task";
}

bool is_assignee(std::string_view text) {
  if (text.empty()) return true;
  if (text.front() == '@') return is_agent_name(text.substr(1));
  return !trim(std::string(text)).empty() && text.find('@') == text.npos && sanitize_line(std::string(text)) == text;
}

bool is_agent_name(std::string_view text) { return has_name_shape(text); }

bool is_id(std::string_view text) { return text.size() == 32 && is_hex(text); }

bool is_id_prefix(std::string_view text) { return !text.empty() && text.size() <= 32 && is_hex(text); }

const std::string& path_slug(const std::string& slug) {
  const auto parts = split(slug, '/');
  const bool stays_below = !parts.empty() && std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
    return !part.empty() && part.front() != '.' && part.front() != '-' && part == sanitize_line(part);
  });
  if (!stays_below)
    fail_environment("the ledger holds a task called '" + sanitize_line(fit(slug, 60)) + "', which cannot name a file",
                     {"git agent-doctor"});
  return slug;
}

void check_slug(std::string_view text) {
  if (is_slug(text)) return;
  std::string why = "use lower-case letters, digits, '-' and '_', at most 63, no '-' or '_' at the ends";
  if (is_reserved_name(text)) why = "the word is reserved";
  if (!text.empty() && is_hex(text)) why = "it reads like an id";
  fail_usage("'" + sanitize_line(fit(text, 60)) + "' is not a valid name: " + why, {"for example: " + slug_for(text)});
}

}  // namespace ga::model

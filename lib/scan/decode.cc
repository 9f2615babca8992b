#include "scan/decode.hh"

#include <algorithm>
#include <array>
#include <cstdint>

namespace ga::scan {
namespace {

constexpr std::size_t kLeastHex = 32, kLeastBase64 = 16;  // gitleaks'

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  return c == '/' || c == '_' ? 63 : -1;
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= ' ' && c < 0x7F) || c == '\t' || c == '\n' || c == '\r'; });
}

/// What stands encoded at a place: how long it is there, and what it means.
struct Found {
  std::size_t length = 0;
  std::string meaning;
  const char* how = nullptr;
};

// So many hexadecimal digits as one character of ASCII; -1 otherwise.
int ascii_of(std::string_view digits) {
  int value = 0;
  for (const char c : digits) {
    if (hex_value(c) < 0) return -1;
    value = value * 16 + hex_value(c);
  }
  return is_printable(std::string(1, static_cast<char>(value & 0x7F))) && value < 0x80 ? value : -1;
}

Found escape_at(std::string_view text, std::size_t at) {
  const auto read = [&](std::string_view prefix, std::size_t digits, const char* how) -> Found {
    const std::string_view rest = text.substr(at);
    if (!rest.starts_with(prefix) || rest.size() < prefix.size() + digits) return {};
    const int value = ascii_of(rest.substr(prefix.size(), digits));
    if (value < 0) return {};
    return {prefix.size() + digits, std::string(1, static_cast<char>(value)), how};
  };
  switch (text[at]) {
  case '%':
    return read("%", 2, "percent");
  case '\\':
    return read("\\u", 4, "unicode");
  case 'U':
    return read("U+", 4, "unicode");
  default:
    return {};
  }
}

Found hex_at(std::string_view run) {
  std::size_t length = 0;
  while (length < run.size() && hex_value(run[length]) >= 0) ++length;
  if (length != run.size() || length < kLeastHex || length % 2 != 0) return {};
  Found found{length, "", "hex"};
  for (std::size_t i = 0; i < length; i += 2)
    found.meaning += static_cast<char>(hex_value(run[i]) * 16 + hex_value(run[i + 1]));
  return is_printable(found.meaning) ? found : Found{};
}

Found base64_at(std::string_view run, std::size_t padding) {
  if (run.size() < kLeastBase64 || run.size() % 4 == 1) return {};
  Found found{run.size() + padding, "", "base64"};
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : run) {
    bits = bits << 6 | static_cast<std::uint32_t>(base64_value(c));
    held += 6;
    if (held < 8) continue;
    held -= 8;
    found.meaning += static_cast<char>(bits >> held & 0xFF);
  }
  return is_printable(found.meaning) ? found : Found{};
}

}  // namespace

std::string Segments::decode(std::string_view current) {
  std::string text;
  std::vector<Piece> pieces;
  std::size_t done = 0, fresh = 0;
  ++depth_;
  // Takes over what lies between, with the pieces it is made of.
  const auto keep_until = [&](std::size_t end) {
    if (end == done) return;
    const std::size_t shift = text.size();
    if (pieces_.empty()) {
      pieces.push_back({{shift, shift + end - done}, {done, end}, nullptr, 0});
    } else {
      for (const Piece& piece : pieces_) {
        const std::size_t begin = std::max(piece.now.begin, done), stop = std::min(piece.now.end, end);
        if (begin >= stop) continue;
        Piece part = piece;
        part.now = {begin - done + shift, stop - done + shift};
        if (!piece.how)
          part.first = {piece.first.begin + begin - piece.now.begin, piece.first.begin + stop - piece.now.begin};
        pieces.push_back(part);
      }
    }
    text += current.substr(done, end - done);
    done = end;
  };
  const auto replace = [&](std::size_t at, const Found& found) {
    keep_until(at);
    pieces.push_back(
        {{text.size(), text.size() + found.meaning.size()}, first_of({at, at + found.length}), found.how, depth_});
    text += found.meaning;
    done = at + found.length;
    ++fresh;
  };
  for (std::size_t at = 0; at < current.size();) {
    if (const Found escape = escape_at(current, at); escape.length) {
      replace(at, escape);
      at += escape.length;
      continue;
    }
    std::size_t end = at;
    while (end < current.size() && base64_value(current[end]) >= 0) ++end;
    if (end == at) {
      ++at;
      continue;
    }
    std::size_t padding = 0;
    while (padding < 2 && end + padding < current.size() && current[end + padding] == '=') ++padding;
    const std::string_view run = current.substr(at, end - at);
    Found found = hex_at(run);
    if (!found.length) found = base64_at(run, padding);
    if (found.length) replace(at, found);
    // An escape within a run ("U+0041") ends nothing that is decoded here.
    at = found.length ? at + found.length : end;
  }
  keep_until(current.size());
  pieces_ = std::move(pieces);
  fresh_ = fresh;
  return text;
}

Span Segments::first_of(Span now) const {
  if (pieces_.empty()) return now;
  Span first{0, 0};
  bool any = false;
  for (const Piece& piece : pieces_) {
    if (piece.now.end <= now.begin || piece.now.begin >= now.end) continue;
    const std::size_t begin =
        piece.how ? piece.first.begin : piece.first.begin + (std::max(now.begin, piece.now.begin) - piece.now.begin);
    const std::size_t end =
        piece.how ? piece.first.end : piece.first.begin + (std::min(now.end, piece.now.end) - piece.now.begin);
    if (!any) first.begin = begin;
    first.end = end;
    any = true;
  }
  return first;
}

std::optional<Span> Segments::original(Span match) const {
  const bool touches = std::any_of(pieces_.begin(), pieces_.end(), [&](const Piece& piece) {
    return piece.how && piece.depth == depth_ && piece.now.begin < match.end && match.begin < piece.now.end;
  });
  return touches ? std::optional(first_of(match)) : std::nullopt;
}

std::vector<std::string> Segments::tags(Span match) const {
  std::vector<std::string> tags;
  for (const Piece& piece : pieces_) {
    if (!piece.how || piece.now.begin >= match.end || match.begin >= piece.now.end) continue;
    const std::string tag = std::string("decoded:") + piece.how;
    if (std::find(tags.begin(), tags.end(), tag) == tags.end()) tags.push_back(tag);
  }
  tags.push_back("decode-depth:" + std::to_string(depth_));
  return tags;
}

std::string_view Segments::line(std::string_view current, Span match) const {
  const std::size_t before = match.begin == 0 ? std::string_view::npos : current.rfind('\n', match.begin - 1);
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  const std::size_t end = std::min(current.find('\n', match.end), current.size());
  return current.substr(begin, end - begin);
}

}  // namespace ga::scan

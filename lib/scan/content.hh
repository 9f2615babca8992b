// What no file should hold whatever it is about: text that shows as something else than it is, conflict markers, and what
// is too large or binary. Judged on the lines that a change adds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scan/finding.hh"

namespace ga::scan {

/// How strictly a file's characters are taken.
enum class TextClass {
  code,     ///< what a machine reads: everything blocks
  prose,    ///< documents and translations, where marks of direction and joiners have their place: they warn
  guarded,  ///< what instructs agents or is curated: everything blocks
};
/// By its name: documents (.md, .txt, .po...) and what lies in a directory of translations are prose. Never `guarded`.
TextClass text_class(std::string_view path);

struct ContentChange {
  std::string_view path;
  std::string_view before;  ///< its bytes so far, "" when it was not there
  std::string_view after;
  bool existed = false;
  bool is_link = false;  ///< a symbolic link: `after` is where it points
  TextClass text = TextClass::code;
};

enum class Binaries { allow, warn, refuse };

struct ContentLimits {
  std::int64_t max_bytes = 5 << 20;  ///< a file larger than this blocks when it is new or was smaller; 0: none is
  Binaries binary = Binaries::warn;
};

/// What a change brings in, by line. Pure, linear in the sizes. Rules: "bidi-control", "invisible-character",
/// "mixed-script-identifier" (warns), "conflict-marker", "oversized-file", "binary-file". Columns count bytes, from 1. A line
/// is added when it stands oftener than before, so a moved one is not.
std::vector<Finding> check_content(const ContentChange& change, const ContentLimits& limits);

/// As Git does: a NUL among the first 8,000 bytes.
bool is_binary(std::string_view bytes);
/// Pictures, sounds, fonts and documents, by name: binary, and expected to be.
bool is_media(std::string_view path);

/// Invisible and direction-changing characters of any text, wherever they stand: what check_content() says of a file of
/// which every line is new.
std::vector<Finding> invisible_characters(std::string_view path, std::string_view text, TextClass text_class);

}  // namespace ga::scan

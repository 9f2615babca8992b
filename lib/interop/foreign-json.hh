// Shared by the readers: JSON that strangers wrote, kept apart by records so that a broken one costs only itself.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "interop/record.hh"

namespace ga::interop {

/// A piece of JSON text and the line it begins on; `key` of a member of an object.
struct Piece {
  std::string_view text;
  int line = 1;
  std::string_view key;  ///< as written, without its quotes
};
/// The elements of an array or members of an object, as text, found by brackets and quotes alone: the rest may be broken.
std::vector<Piece> pieces(const Piece& whole);
/// A whole document, from its first bracket on; no text when it has none.
Piece root_of(std::string_view text);
/// The member of that name; nullopt when it is not there.
std::optional<Piece> piece(const Piece& object, std::string_view key);

/// The text without a byte order mark.
std::string_view without_bom(std::string_view text);
/// Every record of JSON lines, or of one JSON array: (line, object). What is none is skipped with a remark, both sides
/// of a merge conflict are read, bytes that are no UTF-8 are replaced with a remark. `read` gives one to its reading;
/// stretches of the text are read side by side, each with a reading of its own, and put together in their order.
void each_object(std::string_view text, Reading& reading, void (*read)(Reading&, int, Json));
/// The whole of a format whose files are such records.
Reading read_records(const std::vector<InputFile>& files, void (*read)(Reading&, int, Json));
/// One object of a piece, by the same rules; nullopt after a remark.
std::optional<Json> parse_record(const Piece& piece, Reading& reading);

/// A moment as other trackers write it: RFC 3339 with any offset, "YYYY-MM-DD[ HH:MM[:SS]]", "YYYYMMDDTHHMMSSZ",
/// "dd-mm-yy", "dd/mm/yy". `text` compares as the times do, to the nanosecond.
struct Moment {
  Time seconds = -1;
  std::string text;
};
std::optional<Moment> parse_moment(std::string_view text);

/// Fills a record's members from a foreign object, with a remark for each one that is not as it should be.
class Filler {
 public:
  Filler(Reading& reading, Record& record) : reading_(reading), record_(record) {}

  void warn(const std::string& reason);
  void skip(const std::string& reason);
  /// A string member, trimmed and in NFC; "" for null and absent, a remark for other kinds.
  std::string text(const char* key);
  /// The same as it stands, blanks at its ends too: what the record says and the task says are then the same words.
  std::string raw_text(const char* key);
  /// A date; nullopt when absent, and with a remark when it is none. "0001-01-01" counts as absent.
  std::optional<Moment> moment(const char* key);
  /// A list of strings; other kinds of elements bring a remark.
  std::vector<std::string> texts(const char* key);
  /// The title, cut where it is too long; false (and skipped with a remark) when there is none.
  bool title(const std::string& text);
  void description(const std::string& text);
  void assignee(std::string name);
  /// "critical", "high", "medium", "low" as 0 to 3; 2 when absent, and with a remark for other words.
  int priority_word(const char* key);
  void add_labels(const std::vector<std::string>& labels);
  void note(const Json& object, const char* author, const char* text, const char* time);

 private:
  Reading& reading_;
  Record& record_;
};

/// A string or number as text, "" for anything else.
std::string scalar_text(const Json& value);
/// Acceptance criteria of a text: "- [x] a", "* b", "1. c" are one each; a text without any is one criterion.
std::vector<model::Criterion> criteria_of(std::string_view text);
/// A section under its heading, appended to a description.
void add_section(std::string& text, const std::string& heading, const std::string& section);

}  // namespace ga::interop

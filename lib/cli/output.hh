// What a command says: the answer on standard output, everything else on standard error; with --json
// exactly one document.
#pragma once

#include <string>
#include <vector>

#include "cli/table.hh"
#include "util/error.hh"
#include "util/json.hh"

namespace ga::cli {

enum class Style { plain, bold, dim, red, green, yellow, blue, cyan };

class Output {
 public:
  /// `cmd` is the JSON document's "cmd", e.g. "task.ready".
  void begin(std::string cmd, bool json);
  bool json() const { return json_; }
  /// The one JSON document has been written.
  bool answered() const { return answered_; }

  /// Text of the answer; nothing in JSON mode. The text is printed as given: pass what came from tasks,
  /// agents or files through sanitize_line() / sanitize() first.
  void print(const std::string& text);
  void print_line(const std::string& text) { print(text + "\n"); }
  /// Chatter, warnings and hints on standard error ("hint: ..."). JSON mode too: standard error is free.
  void note(const std::string& text);
  void warning(const std::string& text);
  void hint(const std::string& text);
  /// One line of progress, overwritten by the next; only on a terminal.
  void progress(const std::string& text);
  void end_progress();
  /// The word in a colour when standard output is a terminal and NO_COLOR / color.ui allow it.
  std::string paint(Style style, const std::string& text) const;
  bool terminal() const;  ///< standard output is one
  int columns() const;    ///< width, 80 when unknown

  /// JSON mode: the whole document `{"v":1,"cmd":...,"ok":true,"data":data}`; else nothing. Gives `code`.
  /// An empty list is answer(data, 1): ok is true all the same.
  int answer(const Json& data, int code = 0);
  /// Lists of any length as one document without holding it in memory: begin_list("tasks"), item(...)...,
  /// end_list(). Further lists, and members that are no list, come in the order of their keys, as answer()
  /// has them. Nothing outside JSON mode.
  void begin_list(const std::string& key);
  void item(const Json& value);
  void member(const std::string& key, const Json& value);
  int end_list(int code);
  /// The failure document, or "error: message" and hints on standard error. Gives the exit code.
  int fail(const Error& error);

  /// Rows as aligned columns, cut to the terminal's width at the last column.
  void table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows);
  /// The same for many rows: headed(header), add(row)..., table(it).
  Table headed(const std::vector<std::string>& header) const;
  void table(const Table& rows);

 private:
  void begin_member(const std::string& key);

  std::string cmd_;
  bool json_ = false, answered_ = false, in_progress_ = false;
  bool in_document_ = false, in_list_ = false, first_item_ = true;
};

}  // namespace ga::cli

#include "cli/output.hh"

#include "cli/envelope.hh"
#include "cli/streams.hh"
#include "util/process.hh"
#include "util/text.hh"

namespace ga::cli {

namespace {

const char* code_of(Style style) {
  switch (style) {
  case Style::plain:
    return "";
  case Style::bold:
    return "\x1b[1m";
  case Style::dim:
    return "\x1b[2m";
  case Style::red:
    return "\x1b[31m";
  case Style::green:
    return "\x1b[32m";
  case Style::yellow:
    return "\x1b[33m";
  case Style::blue:
    return "\x1b[34m";
  case Style::cyan:
    return "\x1b[36m";
  }
  return "";
}

/// Every line of the text with the prefix before it.
std::string prefixed(const char* prefix, const std::string& text) {
  std::string lines;
  for (const std::string& line : split_lines(sanitize(text))) lines += prefix + line + "\n";
  return lines.empty() ? prefix + std::string("\n") : lines;
}

/// The next command as a hint, unless a hint names it already.
std::string next_hint(const Error& error) {
  if (error.next_command().empty()) return "";
  const std::string command = shell_join(error.next_command());
  for (const std::string& hint : error.hints())
    if (hint.find(command) != std::string::npos) return "";
  return prefixed("hint: ", "next: " + command);
}

}  // namespace

void Output::begin(std::string cmd, bool json) {
  cmd_ = std::move(cmd);
  json_ = json;
}

void Output::print(const std::string& text) {
  if (json_) return;
  end_progress();
  write_out(text);
}

void Output::note(const std::string& text) {
  end_progress();
  write_error(prefixed("", text));
}

void Output::warning(const std::string& text) {
  end_progress();
  write_error("warning: " + prefixed("", text));
}

void Output::hint(const std::string& text) {
  end_progress();
  write_error(prefixed("hint: ", text));
}

void Output::progress(const std::string& text) {
  if (!error_is_terminal()) return;
  in_progress_ = true;
  const auto room = static_cast<std::size_t>(columns() > 1 ? columns() - 1 : 1);
  write_error("\r" + fit(sanitize_line(text), room) + "\x1b[K");
}

void Output::end_progress() {
  if (!in_progress_) return;
  in_progress_ = false;
  write_error("\r\x1b[K");
}

std::string Output::paint(Style style, const std::string& text) const {
  if (style == Style::plain || text.empty() || json_ || !colours_wanted()) return text;
  return code_of(style) + text + "\x1b[m";
}

bool Output::terminal() const { return output_is_terminal(); }

int Output::columns() const { return terminal_columns(); }

int Output::answer(const Json& data, int code) {
  if (!json_) return code;
  if (answered_) GA_BUG("two answers from " + cmd_);
  answered_ = true;
  end_progress();
  write_out(answer_document(cmd_, data, output_is_terminal()));
  return code;
}

// The document's head before the first member, else the end of the one before.
void Output::begin_member(const std::string& key) {
  if (answered_ && !in_document_) GA_BUG("two answers from " + cmd_);
  end_progress();
  if (!in_document_) write_out("{\"cmd\":" + canonical(cmd_) + ",\"data\":{");
  else write_out(in_list_ ? "]," : ",");
  answered_ = in_document_ = true;
  in_list_ = false;
  write_out(canonical(key) + ":");
}

void Output::begin_list(const std::string& key) {
  if (!json_) return;
  begin_member(key);
  in_list_ = first_item_ = true;
  write_out("[");
}

void Output::item(const Json& value) {
  if (!json_) return;
  write_out((first_item_ ? "" : ",") + json_text(value, output_is_terminal()));
  first_item_ = false;
}

void Output::member(const std::string& key, const Json& value) {
  if (!json_) return;
  begin_member(key);
  write_out(json_text(value, output_is_terminal()));
}

int Output::end_list(int code) {
  if (json_) write_out(std::string(in_list_ ? "]" : "") + "},\"ok\":true,\"v\":1}\n");
  in_document_ = false;
  return code;
}

int Output::fail(const Error& error) {
  end_progress();
  if (json_ && !answered_) {
    answered_ = true;
    write_out(failure_document(cmd_, error, output_is_terminal()));
    return exit_code(error.kind());
  }
  // Also after a JSON answer: there is only one document, and the exit code tells that it does not stand.
  write_error("error: " + prefixed("", error.what()));
  for (const std::string& hint : error.hints()) write_error(prefixed("hint: ", hint));
  write_error(next_hint(error));
  return exit_code(error.kind());
}

Table Output::headed(const std::vector<std::string>& header) const {
  Table rows;
  std::vector<std::string> painted;
  for (const std::string& name : header) painted.push_back(paint(Style::bold, name));
  if (!painted.empty()) rows.add(painted);
  return rows;
}

void Output::table(const Table& rows) {
  if (json_) return;
  const std::size_t width = terminal() ? static_cast<std::size_t>(columns()) : 0;
  rows.each_line(width, [&](const std::string& line) { print(line); });
}

void Output::table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows) {
  if (json_) return;
  Table all = headed(header);
  for (const auto& row : rows) all.add(row);
  table(all);
}

}  // namespace ga::cli

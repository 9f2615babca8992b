// Words as a POSIX shell splits and quotes them.
#include "util/process.hh"
#include "util/text.hh"

namespace ga {

namespace {

// Reads one text into words; `quote` is the quote that is open, 0 outside.
class WordSplitter {
 public:
  explicit WordSplitter(std::string_view text) : text_(text) {}

  std::optional<std::vector<std::string>> split() {
    for (at_ = 0; at_ < text_.size(); ++at_)
      if (!take(text_[at_])) return std::nullopt;
    if (quote_ != 0) return std::nullopt;
    end_word();
    return std::move(words_);
  }

 private:
  bool take(char c) {
    if (quote_ == '\'' && c != '\'') {
      word_ += c;
    } else if (c == '\\') {
      return take_escaped();
    } else if (c == quote_) {
      quote_ = 0;
    } else if (quote_ == 0 && (c == '\'' || c == '"')) {
      quote_ = c;
      in_word_ = true;  // '' is a word
    } else if (quote_ == 0 && (c == ' ' || c == '\t' || c == '\n')) {
      end_word();
    } else {
      word_ += c;
      in_word_ = true;
    }
    return true;
  }

  // False when the text ends with the backslash.
  bool take_escaped() {
    if (++at_ == text_.size()) return false;
    const char c = text_[at_];
    if (c == '\n') return true;
    in_word_ = true;
    if (quote_ == '"' && std::string_view("$`\"\\").find(c) == std::string_view::npos) word_ += '\\';
    word_ += c;
    return true;
  }

  void end_word() {
    if (in_word_) words_.push_back(std::move(word_));
    word_.clear();
    in_word_ = false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  char quote_ = 0;
  bool in_word_ = false;
  std::string word_;
  std::vector<std::string> words_;
};

bool is_plain(char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  return std::string_view("_@%+=:,./-").find(c) != std::string_view::npos;
}

std::string in_quotes(std::string_view word) { return "'" + replace_all(std::string(word), "'", "'\\''") + "'"; }

}  // namespace

std::optional<std::vector<std::string>> split_words(std::string_view text) { return WordSplitter(text).split(); }

std::string shell_quote(std::string_view word) {
  for (const char c : word)
    if (!is_plain(c)) return in_quotes(word);
  return word.empty() ? "''" : std::string(word);
}

std::string shell_join(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    // As the first word, NAME=VALUE would be an assignment.
    const bool assignment = line.empty() && word.find('=') != std::string::npos;
    if (!line.empty()) line += ' ';
    line += assignment ? in_quotes(word) : shell_quote(word);
  }
  return line;
}

}  // namespace ga

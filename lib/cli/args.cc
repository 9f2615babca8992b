// Arguments, parsed by the C library's getopt_long() so that abbreviations, `--opt=value`, `-mTEXT`,
// clusters and `--` behave as in every other program.
#include <getopt.h>

#include <charconv>

#include "cli/command.hh"
#include "cli/suggest.hh"
#include "util/clock.hh"
#include "util/error.hh"
#include "util/text.hh"

namespace ga::cli {

namespace {

constexpr int first_code = 256;  // codes of long options, above every letter

const Option option_help = {.name = "help", .help = "open the manual page"};
const Option option_h = {.name = "h", .letter = 'h', .help = "show this usage"};
const Option option_json = {.name = "json", .help = "print one JSON document"};

std::string spelt(const CommandRow& command, const Verb& verb) {
  std::string text = std::string("git agent-") + command.name;
  if (*verb.name) text += std::string(" ") + verb.name;
  return text;
}

/// One run of getopt_long over the arguments of one verb.
class Parser {
 public:
  Parser(const CommandRow& command, const Verb& verb, const std::vector<std::string>& argv)
      : command_(command), verb_(verb), words_(argv) {
    for (const Option& option : verb.options) add(option);
    add(option_help);
    add(option_json);
    letters_ += option_h.letter;
    longs_.push_back({nullptr, 0, nullptr, 0});
  }

  Args parse();

 private:
  void add(const Option& option);
  void record(const Option& option, const char* value);
  const Option& row_of(int code) const;
  std::vector<std::string> long_names() const;
  [[noreturn]] void fail(const std::string& message, std::vector<std::string> hints = {}) const;
  [[noreturn]] void fail_missing(int code) const;
  [[noreturn]] void fail_unknown(const std::string& word, int code) const;
  [[noreturn]] void fail_unknown_long(const std::string& word) const;
  void check_count() const;

  const CommandRow& command_;
  const Verb& verb_;
  std::vector<std::string> words_;
  std::vector<const Option*> rows_;
  std::vector<option> longs_;
  // '-': everything in order whatever POSIXLY_CORRECT says; ':': tells a missing value from an unknown option.
  std::string letters_ = "-:";
  Args args_;
};

void Parser::add(const Option& option) {
  const int code = first_code + static_cast<int>(rows_.size());
  rows_.push_back(&option);
  longs_.push_back({option.name, option.arg ? required_argument : no_argument, nullptr, code});
  if (!option.letter) return;
  letters_ += option.letter;
  if (option.arg) letters_ += ':';
}

const Option& Parser::row_of(int code) const {
  if (code >= first_code) return *rows_[static_cast<std::size_t>(code - first_code)];
  for (const Option* row : rows_)
    if (row->letter == code) return *row;
  return option_h;
}

void Parser::record(const Option& option, const char* value) {
  args_.values.emplace_back(option.name, value ? value : "");
}

Args Parser::parse() {
  std::string program = spelt(command_, verb_);
  std::vector<char*> argv = {program.data()};
  for (std::string& word : words_) argv.push_back(word.data());
  const int argc = static_cast<int>(argv.size());
  argv.push_back(nullptr);
  opterr = 0;
  optind = 0;  // the C library's way to begin anew
  int code;
  while ((code = getopt_long(argc, argv.data(), letters_.c_str(), longs_.data(), nullptr)) != -1) {
    if (code == 1) args_.positional_.emplace_back(optarg);
    else if (code == ':') fail_missing(optopt);
    else if (code == '?') fail_unknown(argv[optind - 1], optopt);
    else record(row_of(code), optarg);
  }
  for (int i = optind; i < argc; ++i) args_.positional_.emplace_back(argv[i]);
  check_count();
  return std::move(args_);
}

std::vector<std::string> Parser::long_names() const {
  std::vector<std::string> names;
  for (const Option* row : rows_)
    if (!row->hidden) names.emplace_back(row->name);
  return names;
}

void Parser::fail(const std::string& message, std::vector<std::string> hints) const {
  hints.push_back("'" + spelt(command_, verb_) + " -h' shows its arguments and options");
  fail_usage(message, std::move(hints));
}

void Parser::fail_missing(int code) const {
  const Option& row = row_of(code);
  const std::string name = code >= first_code ? std::string("--") + row.name : std::string("-") + row.letter;
  fail("option '" + name + "' needs a value (" + row.arg + ")");
}

void Parser::fail_unknown(const std::string& word, int code) const {
  if (code >= first_code) fail(std::string("option '--") + row_of(code).name + "' takes no value");
  if (code != 0) fail(std::string("unknown option '-") + static_cast<char>(code) + "'");
  fail_unknown_long(word);
}

void Parser::fail_unknown_long(const std::string& word) const {
  const std::string name = word.substr(2, word.find('=') - 2);
  std::vector<std::string> matching;
  for (const std::string& known : long_names())
    if (starts_with(known, name)) matching.push_back("--" + known);
  if (matching.size() > 1 && !name.empty()) fail("option '--" + name + "' is ambiguous: " + join(matching, ", "));
  const std::string meant = nearest(name, long_names());
  if (meant.empty()) fail("unknown option '--" + name + "'");
  fail("unknown option '--" + name + "'", {"did you mean '--" + meant + "'?"});
}

void Parser::check_count() const {
  if (args_.has("h") || args_.has("help")) return;
  const int count = static_cast<int>(args_.positional_.size());
  const std::string usage = "usage: " + spelt(command_, verb_) + " " + verb_.usage;
  if (count < verb_.min_args) fail(count == 0 ? "an argument is missing" : "too few arguments", {usage});
  if (verb_.max_args < 0 || count <= verb_.max_args) return;
  const std::string& extra = args_.positional_[static_cast<std::size_t>(verb_.max_args)];
  fail("unexpected argument '" + extra + "'", {usage});
}

}  // namespace

Args parse_args(const CommandRow& command, const Verb& verb, const std::vector<std::string>& argv) {
  if (verb.raw) {
    Args args;
    args.positional_ = argv;
    return args;
  }
  return Parser(command, verb, argv).parse();
}

bool Args::has(std::string_view option) const {
  for (const auto& [name, value] : values)
    if (name == option) return true;
  return false;
}

std::string Args::get(std::string_view option, std::string fallback) const {
  for (const auto& [name, value] : values)
    if (name == option) fallback = value;
  return fallback;
}

std::vector<std::string> Args::get_all(std::string_view option) const {
  std::vector<std::string> found;
  for (const auto& [name, value] : values)
    if (name == option) found.push_back(value);
  return found;
}

std::int64_t Args::get_number(std::string_view option, std::int64_t low, std::int64_t high,
                              std::int64_t fallback) const {
  if (!has(option)) return fallback;
  const std::string text = get(option);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && number >= low && number <= high && !text.empty())
    return number;
  fail_usage("option '--" + std::string(option) + "' needs a whole number from " + std::to_string(low) + " to " +
             std::to_string(high) + ", not '" + text + "'");
}

std::int64_t Args::get_duration(std::string_view option, std::int64_t fallback) const {
  if (!has(option)) return fallback;
  const std::string text = get(option);
  const std::int64_t seconds = parse_duration(text);
  if (seconds >= 0) return seconds;
  fail_usage("option '--" + std::string(option) + "' needs a duration such as 90s, 10m, 2h or 1d, not '" + text + "'");
}

std::string Args::at(std::size_t index) const { return index < positional_.size() ? positional_[index] : ""; }

}  // namespace ga::cli

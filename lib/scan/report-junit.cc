// JUnit's XML, which nobody has specified: as written by surefire, pytest, jest, nextest, GoogleTest and others.
#include <algorithm>
#include <utility>
#include <vector>

#include "scan/report-parts.hh"
#include "util/text.hh"
#include "util/xml.hh"

namespace ga::scan::detail {
namespace {

class Junit final : public XmlVisitor {
 public:
  explicit Junit(std::string_view root) : root_(root) {}

  void start(std::string_view name, const Attributes& attributes) override {
    if (depth_++ == 0 && name != "testsuites" && name != "testsuite")
      set_problem(report, "the root element is " + std::string(name) + ", not testsuites or testsuite");
    if (name == "testsuite" || name == "testsuites") {
      files_.push_back(value(attributes, "file"));
      if (files_.back().empty() && files_.size() > 1) files_.back() = files_[files_.size() - 2];
      if (depth_ == 1) declared_ = number_of(value(attributes, "tests"));
      declared_failures_ = std::max(declared_failures_,
                                    number_of(value(attributes, "failures")) + number_of(value(attributes, "errors")));
      suite_ = value(attributes, "name");
    } else if (name == "testcase") {
      begin_case(attributes);
    } else {
      outcome(name, attributes);
    }
  }

  void end(std::string_view name) override {
    --depth_;
    if ((name == "testsuite" || name == "testsuites") && !files_.empty()) files_.pop_back();
    if (name == "testcase" && in_case_) end_case();
    if (name == open_) close_outcome();
  }

  void text(std::string_view piece) override {
    constexpr std::size_t kKept = 64 << 10;
    if (!open_.empty() && text_.size() < kKept) text_ += piece.substr(0, kKept - text_.size());
  }

  void finish(bool whole) {
    // Numbers that merely differ prove nothing: pytest declares two where a test and its clean-up fail, Catch2 counts
    // assertions.
    if (report.failed == 0 && declared_failures_ > 0) {
      set_problem(report, "it declares " + std::to_string(declared_failures_) + " failures and holds none");
      report.failed = declared_failures_;
    }
    if (whole && cases_ == 0 && report.failed == 0)
      set_problem(report, declared_ > 0 ? "it declares " + std::to_string(declared_) + " tests and holds none"
                                        : "there is no test in it");
  }

  Report report;

 private:
  enum class State { passed, skipped, failed, flaky };

  static std::string value(const Attributes& attributes, std::string_view key) {
    const auto found = attributes.find(key);
    return found == attributes.end() ? "" : found->second;
  }

  void begin_case(const Attributes& attributes) {
    in_case_ = true;
    ++cases_;
    state_ = State::passed;
    case_ = {};
    case_line_ = number_of(value(attributes, "line"));
    const std::string group = value(attributes, "classname"), name = value(attributes, "name");
    case_.rule = group.empty() || group == name ? name : group + "." + name;
    std::string file = value(attributes, "file");
    if (file.empty() && !files_.empty()) file = files_.back();
    case_.file = place_of(file, root_).file;
    // GoogleTest: a test that is switched off is listed like one that ran.
    if (value(attributes, "status") == "notrun" || value(attributes, "result") == "suppressed") state_ = State::skipped;
  }

  void outcome(std::string_view name, const Attributes& attributes) {
    State state = State::passed;
    if (name == "failure" || name == "error") state = State::failed;
    else if (name == "flakyFailure" || name == "flakyError") state = State::flaky;
    else if (name == "skipped" || name == "ignored") state = State::skipped;
    if (state == State::passed || !open_.empty()) return;
    if (!in_case_) case_ = Finding{.rule = suite_};  // of the suite itself: it could not even begin
    if (in_case_ && (state_ == State::failed || (state_ == State::flaky && state != State::failed))) return;
    state_ = state;
    open_ = name;
    text_.clear();
    message_ = first_line(value(attributes, "message"));
    if (message_.empty()) message_ = first_line(value(attributes, "type"));
  }

  void close_outcome() {
    open_.clear();
    if (message_.empty()) message_ = first_line(text_);
    case_.description = message_;
    const TextPlace place = place_in_text(text_, case_.file, root_);
    if (place.line > 0) {
      case_.file = place.file;
      case_.line = place.line;
      case_.column = place.column;
    }
    if (!in_case_ && state_ == State::failed) {
      ++report.failed;
      add(report, finished(std::exchange(case_, {}), "testsuite"));
    }
  }

  void end_case() {
    in_case_ = false;
    ++(state_ == State::skipped ? report.skipped : report.executed);
    if (state_ == State::failed) ++report.failed;
    if (state_ == State::flaky) ++report.flaky;
    if (state_ != State::failed && state_ != State::flaky) return;
    // pytest counts a test's own line from 0, others from 1: it is used only where the failure names none.
    if (case_.line == 0 && !case_.file.empty()) case_.line = case_line_;
    case_.blocks = state_ == State::failed;
    if (!case_.blocks) case_.description = "passed only when tried again: " + case_.description;
    add(report, finished(std::move(case_), "test"));
  }

  std::string_view root_;
  std::vector<std::string> files_;  ///< of each suite that is open
  std::string suite_, open_, text_, message_;
  Finding case_;
  State state_ = State::passed;
  bool in_case_ = false;
  int depth_ = 0, cases_ = 0, case_line_ = 0, declared_ = 0, declared_failures_ = 0;
};

}  // namespace

Report read_junit(std::string_view bytes, std::string_view root) {
  Junit visitor(root);
  const std::string problem = read_xml(bytes, visitor);
  if (!problem.empty()) set_problem(visitor.report, problem);
  visitor.finish(problem.empty());
  return std::move(visitor.report);
}

}  // namespace ga::scan::detail

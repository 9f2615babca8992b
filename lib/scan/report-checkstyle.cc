// Checkstyle's XML, the common tongue of linters: file/error{line,column,severity,message,source}.
#include "scan/report-parts.hh"
#include "util/text.hh"
#include "util/xml.hh"

namespace ga::scan::detail {
namespace {

class Checkstyle final : public XmlVisitor {
 public:
  explicit Checkstyle(std::string_view root) : root_(root) {}

  void start(std::string_view name, const Attributes& attributes) override {
    if (depth_++ == 0) {
      if (name != "checkstyle") set_problem(report, "the root element is " + std::string(name) + ", not checkstyle");
      return;
    }
    if (name == "file") {
      ++report.executed;
      place_ = place_of(value(attributes, "name"), root_);
    } else if (name == "error") {
      error(attributes);
    } else if (name == "exception") {
      set_problem(report, "the tool failed on " + (place_.file.empty() ? "a file" : place_.file));
    }
  }
  void end(std::string_view) override { --depth_; }
  void text(std::string_view) override {}

  Report report;

 private:
  static std::string value(const Attributes& attributes, std::string_view key) {
    const auto found = attributes.find(key);
    return found == attributes.end() ? "" : found->second;
  }

  void error(const Attributes& attributes) {
    const std::string severity = lower_ascii(value(attributes, "severity"));
    if (severity == "ignore") {
      ++report.skipped;
      return;
    }
    Finding finding;
    finding.rule = value(attributes, "source");
    finding.description = first_line(value(attributes, "message"));
    finding.file = place_.file;
    if (!place_.outside.empty()) finding.description += " (in " + place_.outside + ", outside of the tree)";
    finding.line = number_of(value(attributes, "line"));
    finding.column = number_of(value(attributes, "column"));
    finding.blocks = severity != "warning" && severity != "info";
    if (finding.blocks) ++report.failed;
    add(report, finished(std::move(finding), "checkstyle"));
  }

  std::string_view root_;
  Place place_;
  int depth_ = 0;
};

}  // namespace

Report read_checkstyle(std::string_view bytes, std::string_view root) {
  Checkstyle visitor(root);
  const std::string problem = read_xml(bytes, visitor);
  if (!problem.empty()) set_problem(visitor.report, problem);
  return std::move(visitor.report);
}

}  // namespace ga::scan::detail

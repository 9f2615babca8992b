#include "gates/attempt.hh"

#include <algorithm>
#include <csignal>
#include <fstream>

#include "gates/interrupt.hh"
#include "scan/reports.hh"
#include "util/clock.hh"
#include "util/process.hh"
#include "util/text.hh"

namespace ga::gates {
namespace {

constexpr std::size_t kExcerptBytes = 2048;

/// The last lines of a log, safe to show.
std::string excerpt_of(const std::string& log) {
  std::ifstream in(log, std::ios::binary | std::ios::ate);
  const std::streamoff size = in ? static_cast<std::streamoff>(in.tellg()) : 0;
  const std::streamoff from = std::max<std::streamoff>(0, size - static_cast<std::streamoff>(kExcerptBytes));
  std::string text(static_cast<std::size_t>(size - from), '\0');
  in.seekg(from);
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  bool cut = from > 0;
  text = sanitize(text);
  if (text.size() > kExcerptBytes) {
    text.erase(0, text.size() - kExcerptBytes);
    cut = true;
  }
  // Begin at a line's begin when something was cut off.
  if (const auto end = text.find('\n'); cut && end != std::string::npos && end + 1 < text.size())
    text.erase(0, end + 1);
  return text;
}

Outcome judge(const Result& result) {
  if (result.timed_out) return Outcome::timeout;
  if (result.exit_code == 0) return Outcome::pass;
  // The program is missing or cannot start, or somebody killed it: no word about the tree.
  for (const int code : {-1, 126, 127, 128 + SIGKILL, 128 + SIGTERM, 128 + SIGINT, 128 + SIGHUP})
    if (result.exit_code == code) return Outcome::broken;
  return Outcome::fail;
}

Verdict broken(Verdict verdict, int exit_code, const std::string& why) {
  verdict.outcome = Outcome::broken;
  verdict.exit_code = exit_code;
  verdict.excerpt = why;
  append_file(verdict.log, why);
  return verdict;
}

/// bubblewrap on the gates' PATH that can take the network away here; asked once for each program.
std::string sandbox_of(const GateEnvironment& environment) {
  static std::mutex mutex;
  static std::map<std::string, bool> works;
  const std::string program = environment.find("bwrap");
  if (program.empty()) return "";
  const std::lock_guard<std::mutex> guard(mutex);
  const auto known = works.find(program);
  if (known != works.end()) return known->second ? program : "";
  Command probe;
  probe.argv = {program, "--dev-bind", "/", "/", "--unshare-net", "--", "/bin/sh", "-c", ":"};
  probe.clean_env = std::vector<std::string>{"PATH=" + environment.path()};
  probe.timeout_seconds = 10;
  return (works[program] = run(probe).ok()) ? program : "";
}

constexpr const char* kNoSandbox = "no sandbox takes the network away here (bwrap is missing or not permitted)";

std::string coverage_of(const Gate& gate, const scan::Report& report) {
  const bool tests = gate.report_format == "junit" || gate.report_format == "tap";
  const std::string noun = tests ? "test" : gate.report_format == "checkstyle" ? "file" : "result";
  std::string text = std::to_string(report.executed) + " " + noun + (report.executed == 1 ? "" : "s");
  if (report.skipped > 0) text += ", " + std::to_string(report.skipped) + " skipped";
  return text;
}

/// What the report says makes the verdict worse, never better.
void take_report(const Gate& gate, const fs::path& tree, const std::string& standard_output, Verdict& verdict) {
  if (gate.report_format.empty()) return;
  if (verdict.outcome != Outcome::pass && verdict.outcome != Outcome::fail) return;
  const fs::path file = tree / gate.report_path;
  std::optional<std::string> bytes;
  std::error_code error;
  if (gate.report_path == "-") bytes = standard_output;
  else if (is_inside(tree, file) && fs::is_regular_file(fs::symlink_status(file, error)))
    bytes = read_file(file, 128u << 20);
  std::string problem;
  if (!bytes) problem = "it left no report in " + gate.report_path;
  else if (trim(*bytes).empty()) problem = "its report is empty";
  else {
    const auto format = scan::report_format(gate.report_format);
    scan::Report report = scan::read_report(format.value_or(scan::ReportFormat::junit), *bytes, tree.string());
    problem = report.problem;
    verdict.findings = std::move(report.findings);
    verdict.coverage = coverage_of(gate, report);
    for (const scan::Finding& finding : verdict.findings)
      if (!finding.blocks && report.flaky > 0 && finding.rule.size() < 200) verdict.flaky_tests.push_back(finding.rule);
    if (report.flaky == 0) verdict.flaky_tests.clear();
    const bool blocks = report.failed > 0 || std::any_of(verdict.findings.begin(), verdict.findings.end(),
                                                         [](const scan::Finding& finding) { return finding.blocks; });
    if (blocks && verdict.outcome == Outcome::pass) verdict.outcome = Outcome::fail;
  }
  if (problem.empty()) return;
  scan::Finding finding;
  finding.rule = "report";
  finding.description = sanitize_line(problem);
  finding.fingerprint = gate.name + ":report:0";
  verdict.findings.insert(verdict.findings.begin(), std::move(finding));
  verdict.outcome = Outcome::fail;
}

}  // namespace

void remove_report(const Gate& gate, const fs::path& tree) {
  const fs::path file = tree / gate.report_path;
  // A link in the tree must not lead us to somebody's files.
  if (!gate.report_path.empty() && gate.report_path != "-" && is_inside(tree, file.parent_path())) remove_tree(file);
}

Verdict attempt(const Gate& gate, const GateEnvironment& environment, const git::Oid& tree, const std::string& event,
                const Place& place) {
  Verdict verdict;
  verdict.gate = gate.name;
  verdict.tree = tree;
  verdict.log = place.log;
  verdict.limit = gate.timeout_seconds;
  Command command;
  command.argv = gate.argv;
  if (command.argv.front().find('/') == std::string::npos)
    command.argv.front() = environment.find(command.argv.front());
  if (command.argv.front().empty())
    return broken(std::move(verdict), 127,
                  "no program '" + sanitize_line(gate.argv.front()) +
                      "' on the gates' PATH: " + sanitize_line(environment.path()) +
                      "\nthat PATH is the configuration agent.path; 'git config agent.path \"$PATH\"' changes it\n");
  if (!gate.network.empty()) {
    if (const std::string bwrap = sandbox_of(environment); !bwrap.empty()) {
      const std::vector<std::string> words = {bwrap,           "--dev-bind",        "/", "/",
                                              "--unshare-net", "--die-with-parent", "--"};
      command.argv.insert(command.argv.begin(), words.begin(), words.end());
    } else if (gate.network == "never") {
      return broken(std::move(verdict), 126,
                    std::string(kNoSandbox) +
                        ", and network = \"never\"\ninstall bubblewrap, or say network = false\n");
    } else {
      verdict.note = std::string("it ran with the network: ") + kNoSandbox;
    }
  }
  command.cwd = place.slot.tree().string();
  command.clean_env = environment.variables(gate, event, place.home, place.tmp);
  const bool from_output = gate.report_path == "-";
  if (!from_output) command.output_file = place.log;
  command.timeout_seconds = static_cast<double>(gate.timeout_seconds);
  command.own_group = true;
  pid_t group = 0;
  command.on_start = [&](pid_t pid) {
    Interrupts::began(group = pid);
    const std::lock_guard<std::mutex> guard(place.slot_mutex);
    place.slot.note_running(pid);
  };
  const double start = monotonic_seconds();
  const Result result = run(command);
  Interrupts::ended(group);
  if (from_output) append_file(place.log, result.out + result.err);
  verdict.seconds = monotonic_seconds() - start;
  verdict.exit_code = result.exit_code;
  verdict.outcome = judge(result);
  verdict.excerpt = excerpt_of(place.log);
  take_report(gate, place.slot.tree(), result.out, verdict);
  return verdict;
}

}  // namespace ga::gates

#include "gates/proposal.hh"

#include <algorithm>
#include <optional>
#include <vector>

#include "util/fs.hh"
#include "util/json.hh"
#include "util/text.hh"

namespace ga::gates {
namespace {

constexpr std::size_t kMaxBytes = 4u << 20;

struct Proposed {
  std::string name, run, why;
  bool shell = false;
};

/// The text of a file of the work tree; "" when it is none, or too large to be one of those looked for.
std::string text_of(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error) || fs::file_size(file, error) > kMaxBytes) return "";
  return read_file(file).value_or("");
}

bool is_there(const fs::path& file) {
  std::error_code error;
  return fs::exists(file, error);
}

bool has_make_target(const std::string& makefile, const std::string& target) {
  const auto lines = split_lines(makefile);
  return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
    if (!starts_with(line, target)) return false;
    const std::string rest = trim(line.substr(target.size()));
    return starts_with(rest, ":") && !starts_with(rest, ":=");
  });
}

void from_make(const fs::path& dir, std::vector<Proposed>& found) {
  for (const char* name : {"GNUmakefile", "makefile", "Makefile"}) {
    const std::string text = text_of(dir / name);
    if (text.empty()) continue;
    for (const char* target : {"lint", "test", "check"})
      if (has_make_target(text, target))
        found.push_back({std::string(target) == "check" ? "test" : target, std::string("make ") + target, name});
    return;
  }
}

void from_node(const fs::path& dir, std::vector<Proposed>& found) {
  const Json package = Json::parse(text_of(dir / "package.json"), nullptr, false);
  if (!package.is_object() || !package.contains("scripts") || !package["scripts"].is_object()) return;
  const std::string tool = is_there(dir / "pnpm-lock.yaml") ? "pnpm" : is_there(dir / "yarn.lock") ? "yarn" : "npm";
  for (const char* script : {"lint", "test"}) {
    const std::string text = get_string(package["scripts"], script);
    // What `npm init` writes is no test.
    if (!text.empty() && text.find("no test specified") == std::string::npos)
      found.push_back({script, tool + " run " + script, "package.json"});
  }
}

void from_python(const fs::path& dir, std::vector<Proposed>& found) {
  const std::string project = text_of(dir / "pyproject.toml");
  if (project.find("[tool.ruff") != std::string::npos || is_there(dir / "ruff.toml"))
    found.push_back({"lint", "ruff check .", "ruff"});
  const bool pytest = project.find("pytest") != std::string::npos || is_there(dir / "pytest.ini") ||
                      is_there(dir / "conftest.py") || text_of(dir / "tox.ini").find("[pytest]") != std::string::npos;
  if (pytest) found.push_back({"test", "python3 -m pytest -q", "pytest"});
  else if (!project.empty() && is_there(dir / "tests"))
    found.push_back({"test", "python3 -m unittest discover -b -s tests", "tests/"});
}

std::vector<Proposed> look(const fs::path& dir) {
  std::vector<Proposed> found;
  from_make(dir, found);
  from_node(dir, found);
  from_python(dir, found);
  if (is_there(dir / "Cargo.toml")) found.push_back({"test", "cargo test --quiet", "Cargo.toml"});
  if (is_there(dir / "go.mod")) {
    found.push_back({"lint", "go vet ./...", "go.mod"});
    found.push_back({"test", "go test ./...", "go.mod"});
  }
  if (is_there(dir / "meson.build"))
    found.push_back({"test", "meson setup build && meson test -C build", "meson.build", true});
  return found;
}

std::string gate_text(const Proposed& gate) {
  const bool quick = gate.name == "lint";
  std::string text = "\n# From " + gate.why + ".\n[[gate]]\nname = \"" + gate.name + "\"\n";
  text += quick ? "on = [\"pre-commit\", \"task-done\", \"merge\"]\n" : "on = [\"task-done\", \"merge\"]\n";
  text += "run = \"" + gate.run + "\"\n";
  if (gate.shell) text += "shell = true\n";
  return text + "timeout = \"10m\"\n";
}

}  // namespace

std::string propose_policy(const fs::path& dir) {
  std::string text =
      "# What agents are held to in this repository; see git-agent-config(5). Commit it: the target branch's version "
      "counts.\n"
      "\n"
      "[team]\n"
      "wip = 4                         # agents at work at once\n"
      "review-wip = 5                  # features waiting for the lead at once\n"
      "\n"
      "[guard]\n"
      "# AGENTS.md, this file and clients' configuration change only with an approval. Further patterns:\n"
      "protected = []\n"
      "\n"
      "# Gates run in a clean checkout of what is judged, after 'git agent-gate trust'. Files that are in no commit "
      "and yet\n"
      "# needed (node_modules/) are named in .worktreeinclude.\n";
  std::vector<std::string> names;
  for (const Proposed& gate : look(dir)) {
    if (std::find(names.begin(), names.end(), gate.name) != names.end()) continue;
    names.push_back(gate.name);
    text += gate_text(gate);
  }
  if (std::find(names.begin(), names.end(), "test") != names.end()) return text;
  return text + "\n# No test was found. Without such a gate, merges are marked as unverified.\n"
                "# [[gate]]\n# name = \"test\"\n# on = [\"task-done\", \"merge\"]\n# run = \"make test\"\n# timeout = "
                "\"10m\"\n";
}

}  // namespace ga::gates

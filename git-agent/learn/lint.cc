// git agent-learn lint: what is wrong with an AGENTS.md, by what this repository holds.
#include <filesystem>
#include <map>
#include <set>

#include "cli/input.hh"
#include "gates/agents-md.hh"
#include "git/cli.hh"
#include "learn/verbs.hh"
#include "scan/engine.hh"
#include "util/error.hh"
#include "util/fs.hh"
#include "util/text.hh"

namespace ga::cli::learn {
namespace {

// What the repository says of paths: those of the current commit, those that were there once (asked for when a path is not),
// and files that are not committed yet.
class World {
 public:
  explicit World(work::Project& project) : root_(project.repo().work_dir()) {
    const git::Repository& repo = project.repo();
    const git::Oid head = repo.ref("HEAD");
    if (!head.zero())
      git::each_change(repo, {}, git::tree_of(repo, head), [&](const git::Change& change) { add(change.path); });
  }

  gates::AgentsWorld callbacks() {
    return {.path = [this](const std::string& path) { return state_of(path); },
            .named =
                [this](const std::string& name) {
                  const auto found = named_.find(name);
                  return found == named_.end() ? std::vector<std::string>{} : found->second;
                },
            .read = [this](const std::string& path) { return read_file(root_ / path).value_or(""); },
            .secrets = [this](std::string_view text) { return secrets(text); }};
  }

 private:
  using Path = gates::AgentsWorld::Path;

  void add(const std::string& path) {
    there_.insert(path);
    named_[fs::path(path).filename().string()].push_back(path);
    for (std::size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1))
      there_.insert(path.substr(0, at));
  }

  Path state_of(const std::string& path) {
    std::error_code error;
    if (there_.count(path) != 0 || (!root_.empty() && fs::exists(root_ / path, error))) return Path::there;
    return was_there(path) ? Path::gone : Path::never;
  }

  bool was_there(const std::string& path) {
    if (!once_) {
      once_.emplace();
      const Result said = git::git({"log", "--diff-filter=DR", "--no-renames", "--name-only", "--format=", "-z"});
      for (const std::string& gone : split(said.out, '\0')) {
        const std::string name = trim(gone);
        if (name.empty()) continue;
        once_->insert(name);
        for (std::size_t at = name.find('/'); at != std::string::npos; at = name.find('/', at + 1))
          once_->insert(name.substr(0, at));
      }
    }
    return once_->count(path) != 0;
  }

  static std::vector<scan::Finding> secrets(std::string_view text) {
    const scan::RuleSet rules = scan::built_in_rules();
    const scan::Scanner scanner(rules);
    scan::Coverage coverage;
    std::vector<scan::Finding> found;
    for (const scan::Hit& hit : scanner.scan({.path = "AGENTS.md", .commit = "", .text = text}, coverage))
      found.push_back(hit.finding);
    return found;
  }

  fs::path root_;
  std::set<std::string> there_;
  std::map<std::string, std::vector<std::string>> named_;
  std::optional<std::set<std::string>> once_;
};

// The files named, else every AGENTS.md of the worktree that Git knows.
std::vector<std::string> files_of(work::Project& project, const Args& args) {
  if (!args.positional().empty()) return args.positional();
  std::vector<std::string> found;
  const git::Repository& repo = project.repo();
  const git::Oid head = repo.ref("HEAD");
  std::error_code error;
  if (fs::is_regular_file(repo.work_dir() / "AGENTS.md", error)) found.push_back("AGENTS.md");
  if (!head.zero())
    git::each_change(repo, {}, git::tree_of(repo, head), [&](const git::Change& change) {
      if (ends_with(change.path, "/AGENTS.md")) found.push_back(change.path);
    });
  return found;
}

}  // namespace

int lint(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  const bool by_name = !args.positional().empty();
  World world(project);
  Json files = Json::array(), findings = Json::array();
  bool blocks = false;
  for (const std::string& path : files_of(project, args)) {
    const fs::path root = project.repo().work_dir();
    const std::string text = by_name ? read_input(path) : read_file(root / path).value_or("");
    const std::string shown = by_name ? fs::path(path).lexically_normal().string() : path;
    const gates::AgentsLint lint = gates::lint_agents_md(shown, text, world.callbacks());
    for (const scan::Finding& finding : lint.findings) {
      ctx.out.print_line((finding.blocks ? "" : "warning: ") + scan::finding_line(finding));
      findings.push_back(scan::to_json(finding));
      blocks = blocks || finding.blocks;
    }
    for (const std::string& hint : lint.hints) ctx.out.hint(sanitize_line(shown) + ": " + hint);
    ctx.out.print_line(sanitize_line(shown) + ": " + std::to_string(lint.bytes) + " bytes, about " +
                       std::to_string(lint.tokens) + " tokens, " + std::to_string(lint.findings.size()) +
                       (lint.findings.size() == 1 ? " finding" : " findings"));
    files.push_back({{"file", shown}, {"bytes", lint.bytes}, {"tokens", lint.tokens}, {"hints", lint.hints}});
  }
  if (files.empty()) ctx.out.note("there is no AGENTS.md here");
  const Json data = {{"files", files}, {"findings", findings}};
  if (findings.empty()) return ctx.out.answer(data, files.empty() ? 1 : 0);
  throw Error(Kind::gate_failed,
              std::to_string(findings.size()) + (findings.size() == 1 ? " finding" : " findings") +
                  (blocks ? "" : ", all of them warnings"),
              {"correct the lines named; a change of the file takes an approval: git agent-guard approve"})
      .with_data(data);
}

}  // namespace ga::cli::learn

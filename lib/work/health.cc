#include "work/health.hh"
#include "work/sync.hh"

#include <algorithm>
#include <cstdio>
#include <unistd.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "gates/trust.hh"
#include "git/maintenance.hh"
#include "util/fs.hh"
#include "util/text.hh"

namespace ga::work {
namespace {

constexpr int kOldestMajor = 2, kOldestMinor = 38;  // merge-tree --write-tree
constexpr std::size_t kManyLoose = 20'000;

struct Check {
  const char* name;
  void (*run)(Examination&);
  bool needs_state;  ///< makes no sense while the ledger's tip cannot be read
};

constexpr Check kChecks[] = {
    {"setup", check_setup, false},   {"locks", check_locks, false},    {"ledger", check_ledger, false},
    {"index", check_index, true},    {"replay", check_replay, true},   {"links", check_links, true},
    {"notes", check_notes, true},    {"runs", check_runs, true},       {"merges", check_merges, true},
    {"owners", check_owners, true},  {"sharing", check_sharing, true}, {"backups", check_backups, false},
    {"policy", check_policy, false},
};

// What one check needed for a moment must not lie unused beneath what the next one needs.
void give_back_memory() {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}

// A check that fails is a finding; the others still run.
void run_check(Examination& e, const Check& check) {
  if (check.needs_state && !e.ledger_readable) return;
  e.progress(std::string("looking at ") + check.name);
  e.health.checks.emplace_back(check.name);
  give_back_memory();
  try {
    check.run(e);
  } catch (const Error& error) {
    const std::string repair = error.hints().empty() ? "" : error.hints().front();
    e.report(check.name, Severity::error, sanitize_line(error.what()), repair == "git agent-doctor" ? "" : repair);
  }
}

void check_version(Examination& e) {
  const std::string text = git::git_or_fail({"--version"});
  e.health.facts["git"] = text;
  int major = 0, minor = 0;
  if (std::sscanf(text.c_str(), "git version %d.%d", &major, &minor) != 2) return;
  if (major < kOldestMajor || (major == kOldestMajor && minor < kOldestMinor))
    e.report("setup", Severity::warning, sanitize_line(text) + " is older than 2.38, which predicting conflicts needs",
             "install a newer Git");
}

fs::path hooks_dir(Project& project) {
  const auto path = project.config().get("core.hookspath");
  if (!path) return project.repo().common_dir() / "hooks";
  const fs::path dir = *path;
  return dir.is_absolute() ? dir : project.repo().main_work_dir() / dir;
}

// Hooks of ours call a program: it must be there.
void check_hooks(Examination& e) {
  std::error_code none;
  const fs::path dir = hooks_dir(e.project);
  bool any = false;
  for (const char* name : {"pre-commit", "commit-msg", "post-commit", "prepare-commit-msg", "pre-push",
                           "reference-transaction", "post-merge", "post-checkout"}) {
    const auto text = read_file(dir / name, 1u << 20);
    if (!text || text->find("git-agent") == std::string::npos) continue;
    any = true;
    if (::access((dir / name).c_str(), X_OK) != 0)
      e.report("setup", Severity::warning, std::string("the hook ") + name + " cannot be executed, so Git skips it",
               "git agent-init");
    for (const std::string& word : split(replace_all(replace_all(*text, "\n", " "), "\"", " "), ' ')) {
      const std::string path = replace_all(word, "'", "");
      if (path.size() > 10 && path.front() == '/' && ends_with(path, "/git-agent") && ::access(path.c_str(), X_OK) != 0)
        e.report("setup", Severity::warning,
                 std::string("the hook ") + name + " calls " + sanitize_line(path) + ", which is not there",
                 "git agent-init");
    }
  }
  // Git looks there, finds nothing and runs no hook at all, without a word: so after the repository was moved.
  if (e.project.config().get("core.hookspath") && !fs::is_directory(dir, none))
    e.report("setup", Severity::warning,
             "core.hooksPath is " + sanitize_line(dir.string()) + ", which is not there: no hook runs",
             "git agent-init");
  e.health.facts["hooks"] = any;
}

void check_configuration(Examination& e) {
  const git::Config& config = e.project.config();
  const auto displayed = config.get_all("notes.displayref");
  const bool shown = std::any_of(displayed.begin(), displayed.end(), [](const std::string& ref) {
    return ref == "refs/notes/agent" || ref == "refs/notes/*" || ref == "refs/notes/agent*";
  });
  if (!shown && !e.project.ledger().tip().zero())
    e.report("setup", Severity::warning, "notes.displayRef does not name refs/notes/agent, so 'git log' shows no beads",
             "git agent-init");
  if (lower_ascii(config.get("gc.pruneexpire").value_or("")) == "now")
    e.report("setup", Severity::warning,
             "gc.pruneExpire is 'now': a gc beside a writer can destroy objects that are being written",
             "git config --unset gc.pruneExpire");
}

}  // namespace

Json to_json(const Finding& finding) {
  return {{"check", finding.check},
          {"severity", finding.severity == Severity::error ? "error" : "warning"},
          {"what", finding.what},
          {"repair", string_or_null(finding.repair)},
          {"fixed", finding.fixed}};
}

bool Health::clean() const {
  return std::all_of(findings.begin(), findings.end(), [](const Finding& finding) { return finding.fixed; });
}

index::Index& Examination::scratch() {
  if (!scratch_index) scratch_index = index::Index::scratch(project.repo());
  return *scratch_index;
}

Finding& Examination::report(const std::string& check, Severity severity, std::string what, std::string repair) {
  health.findings.push_back({check, severity, std::move(what), std::move(repair), false});
  return health.findings.back();
}

Health examine(Project& project, const HealthOptions& options) {
  Health health;
  project.repo();
  Examination e{project, options, health, true, nullptr};
  for (const Check& check : kChecks) run_check(e, check);
  return health;
}

void check_formats(Examination& e) {
  e.health.facts["objects"] = e.project.repo().uses_sha256() ? "sha256" : "sha1";
  e.health.facts["refs"] = e.project.repo().uses_reftable() ? "reftable" : "files";
}

void check_setup(Examination& e) {
  check_formats(e);
  check_version(e);
  check_configuration(e);
  check_hooks(e);
  const std::size_t loose = git::loose_objects(e.project.repo());
  e.health.facts["loose_objects"] = loose;
  if (loose > kManyLoose)
    e.report("setup", Severity::warning, "there are about " + std::to_string(loose) + " loose objects",
             "git maintenance run --task=loose-objects");
  if (const std::string trouble = background_trouble(e.project); !trouble.empty())
    e.report("setup", Severity::warning, "the ledger was not exchanged in the background: " + sanitize_line(trouble),
             "git agent-sync");
}

void check_policy(Examination& e) {
  const gates::Policy& policy = e.project.policy();
  for (const std::string& key : gates::unknown_keys(policy))
    e.report("policy", Severity::warning,
             sanitize_line(policy.origin) + " has the key '" + sanitize_line(key) + "', which nothing reads",
             "see git-agent-config(5)");
  if (!policy.executable_text().empty() && !gates::is_trusted(e.project.repo().common_dir(), policy))
    e.report("policy", Severity::warning,
             "the gates of " + sanitize_line(policy.origin) + " are not trusted, so none runs", "git agent-gate trust");
}

}  // namespace ga::work

// Whether everything of ours in a repository is sound, and repairing what is derived.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "work/project.hh"

namespace ga::work {

enum class Severity { warning, error };

struct Finding {
  std::string check;  ///< which check found it: "ledger", "index", ...
  Severity severity = Severity::warning;
  std::string what;    ///< what is wrong, safe to show
  std::string repair;  ///< how to repair it
  bool fixed = false;  ///< --fix repaired it
};
Json to_json(const Finding& finding);

struct HealthOptions {
  bool fix = false;   ///< repair what is derived: index, notes, stale locks, dead runs, half-made merges
  bool deep = false;  ///< replay every operation, however many
  std::function<void(const std::string&)> progress;
};

struct Health {
  std::vector<Finding> findings;
  std::vector<std::string> checks;  ///< what was looked at, in order
  Json facts = Json::object();      ///< git, operations, replayed, tasks, loose_objects, backups
  bool clean() const;               ///< nothing is left to repair
};

/// Looks at everything; throws only when there is no repository to look at.
Health examine(Project& project, const HealthOptions& options);

// ---- the checks, for the files of health*.cc ----------------------------------------------------------

/// One examination under way.
struct Examination {
  Project& project;
  const HealthOptions& options;
  Health& health;
  bool ledger_readable = true;                  ///< the state at the tip can be read
  std::unique_ptr<index::Index> scratch_index;  ///< see scratch()

  /// An index beside the real one, for looking at any commit of the ledger: made on first use, shared by the checks.
  index::Index& scratch();

  Finding& report(const std::string& check, Severity severity, std::string what, std::string repair);
  void progress(const std::string& text) const {
    if (options.progress) options.progress(text);
  }
};

void check_setup(Examination& e);   // version, configuration, hooks, loose objects
void check_ledger(Examination& e);  // format, history, objects of the tip
void check_replay(Examination& e);  // the state is what the operations make
void check_links(Examination& e);   // cycles, links to nothing, names twice
void check_index(Examination& e);
void check_notes(Examination& e);
void check_locks(Examination& e);    // lock files that nobody holds
void check_runs(Examination& e);     // runs, worktrees, claims
void check_merges(Examination& e);   // half-made ones, commits no merge accounts for
void check_owners(Examination& e);   // paths with two owners
void check_sharing(Examination& e);  // settings that would move the ledger past us, histories not followed
void check_backups(Examination& e);  // what is kept of removed work can be read
void check_policy(Examination& e);

}  // namespace ga::work

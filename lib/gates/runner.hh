// Running gates on a tree: in a private, pooled checkout of exactly that tree (gates/pool.hh), never in anybody's work
// tree, index or stash. The gates of one run share the checkout and run side by side; one that writes (effect =
// "write") has a checkout to itself, and no two of them run at once. The built-in gates (gates/builtin.hh) read objects
// and need no checkout.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gates/policy.hh"
#include "git/repository.hh"
#include "scan/finding.hh"

namespace ga::gates {

enum class Outcome { pass, fail, timeout, broken };
std::string_view outcome_name(Outcome outcome);  // "pass", "fail", "timeout", "error"

/// One gate's verdict on one tree.
struct Verdict {
  std::string gate;
  git::Oid tree;
  Outcome outcome = Outcome::broken;
  double seconds = 0;
  std::int64_t limit = 0;  ///< seconds it may take
  bool cached = false;
  int exit_code = 0;
  std::string log;      ///< path of the whole log; "" for a built-in gate
  std::string excerpt;  ///< the last lines, at most 2 KB, safe to show
  bool builtin = false;
  std::vector<scan::Finding> findings;   ///< of a built-in gate or read from its report
  std::string coverage;                  ///< what was looked at: "12 blobs, 84 KB", "41 tests"; "" when not known
  int attempts = 1;                      ///< how often it ran
  bool flaky = false;                    ///< both outcomes were seen on this tree
  std::vector<std::string> flaky_tests;  ///< which tests had both; "" is the gate as a whole
  std::vector<std::string> quarantined;  ///< failures that are shown and do not block
  std::string note;                      ///< what its reader should know, such as a sandbox that was not to be had
  bool passed() const { return outcome == Outcome::pass; }
};
/// `{"gate","tree","verdict","seconds","cached","flaky","findings":[],"log"}` plus excerpt, exit_code, builtin, coverage,
/// attempts, flaky_tests, quarantined and note. At most 100 findings; `findings_left_out` says how many there were more.
Json to_json(const Verdict& verdict);

struct GateRequest {
  git::Oid tree;                  ///< what is judged
  git::Oid base_tree;             ///< changed paths are the difference to it (zero: everything)
  std::string event;              ///< pre-commit, task-done, merge
  std::vector<std::string> only;  ///< names; empty: all of the event
  bool use_cache = true;
  bool by_agent = false;          ///< an agent's own run: its verdicts are cached apart and never count at merge
  bool commands = true;           ///< false: the built-in gates only
  std::vector<git::Oid> commits;  ///< that are to come, oldest first; for the built-in gates
  /// On how many trees a test of a gate ("" for the gate as a whole) was seen to fail and to pass; empty: on none.
  std::function<int(const std::string& gate, const std::string& test)> flaky_trees;
  std::function<void(const std::string&)> progress;
  /// Called on the checkout before gates run: for files that are in no tree (work::copy_included_files).
  std::function<void(const std::filesystem::path&)> prepare;
  /// See Subject::allowed.
  std::function<bool(const std::string& fingerprint)> allowed;
};

/// Runs the built-in gates, then the policy's gates of an event, in parallel. A built-in gate that fails before a commit
/// spares the commands. Throws Error(not_trusted) with the command to type before any command runs when the policy's
/// commands are not trusted (the built-in gates' verdicts are its data), unless those have failed: then these alone are
/// given. The environment is cleaned: a fixed PATH, a private HOME and TMPDIR, no SSH_AUTH_SOCK, no tokens, no GIT_*;
/// standard input empty; each in its own process group, killed whole at its deadline. Verdicts of commands (but
/// time-outs, errors and flaky ones) are cached by gate definition and tree.
std::vector<Verdict> run_gates(git::Repository& repo, const Policy& policy, const GateRequest& request);

/// What is known of one gate and a tree, without running it; none when it was not judged yet. Throws Error(not_found)
/// for a gate that the policy does not have.
std::optional<Verdict> known_verdict(const git::Repository& repo, const Policy& policy, const std::string& gate,
                                     const git::Oid& tree, bool by_agent);

/// Whether a command judged: what the built-in gates see is no test.
bool was_tested(const std::vector<Verdict>& verdicts);

/// What a bead keeps of verdicts: a list of `{"gate","verdict","event","milliseconds","cached","tree"}` and, where there
/// is such, "coverage", "flaky", "quarantined", "findings" (the first ones) and "excerpt", redacted. All excerpts and
/// findings of a list together are at most 8 KB.
Json verdicts_record(const std::vector<Verdict>& verdicts, const std::string& event);

/// "test  pass  1.2s (cached)": one line for a report, and for what did not pass the end of its log and where it is.
std::string verdict_line(const Verdict& verdict);
std::string failure_text(const Verdict& verdict);
/// A red verdict's sentence and the end of its log, without this machine's paths: fit for the ledger.
std::string refusal_text(const Verdict& verdict);
/// The gate judged the work and said no. One that could not run says nothing about the work.
bool is_about_work(const Verdict& verdict);

/// All that did not pass, for whoever has to mend it: each failure with file, line and rule (where there are findings,
/// else the end of the log), the path of the whole log. Never more than `bytes`.
std::string failures_text(const std::vector<Verdict>& verdicts, std::size_t bytes);
/// The one next step after these verdicts; "" when all passed.
std::string next_step(const std::vector<Verdict>& verdicts);
/// The verdicts as a document of SARIF 2.1.0 or JUnit XML.
std::string as_sarif(const std::vector<Verdict>& verdicts);
std::string as_junit(const std::vector<Verdict>& verdicts, const std::string& event);

/// Throws Error(gate_failed) with the verdicts as data unless all passed; `what` ends "the gate test refused ". The
/// message and its hint are less than 2 KB.
void require_green(const std::vector<Verdict>& verdicts, const std::string& what);

/// Built-in check of every content change between two trees: protected paths that changed.
std::vector<std::string> protected_changes(const git::Repository& repo, const Policy& policy,
                                           const git::Oid& before_tree, const git::Oid& after_tree);

}  // namespace ga::gates

// Running gates on a tree: in a private, pooled checkout of exactly that tree (gates/pool.hh), never in anybody's work
// tree, index or stash. The gates of one run share the checkout and run side by side.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gates/policy.hh"
#include "git/repository.hh"

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
  std::string log;      ///< path of the whole log
  std::string excerpt;  ///< the last lines, at most 2 KB, safe to show
  bool passed() const { return outcome == Outcome::pass; }
};
/// `{"gate","tree","verdict","seconds","cached","flaky","findings":[],"log"}` plus excerpt.
Json to_json(const Verdict& verdict);

struct GateRequest {
  git::Oid tree;                  ///< what is judged
  git::Oid base_tree;             ///< changed paths are the difference to it (zero: everything)
  std::string event;              ///< pre-commit, task-done, merge
  std::vector<std::string> only;  ///< names; empty: all of the event
  bool use_cache = true;
  bool by_agent = false;  ///< an agent's own run: its verdicts are cached apart and never count at merge
  std::function<void(const std::string&)> progress;
  /// Called on the checkout before gates run: for files that are in no tree (work::copy_included_files).
  std::function<void(const std::filesystem::path&)> prepare;
};

/// Runs the policy's gates of an event, in parallel. Throws Error(not_trusted) with the command to type before
/// anything runs when the policy's commands are not trusted. The environment is cleaned: a fixed PATH, a private
/// HOME and TMPDIR, no SSH_AUTH_SOCK, no tokens, no GIT_*; standard input empty; each in its own process group, killed
/// whole at its deadline. Verdicts (but time-outs and errors) are cached by gate definition and tree.
std::vector<Verdict> run_gates(git::Repository& repo, const Policy& policy, const GateRequest& request);

/// What is known of one gate and a tree, without running it; none when it was not judged yet. Throws Error(not_found)
/// for a gate that the policy does not have.
std::optional<Verdict> known_verdict(const git::Repository& repo, const Policy& policy, const std::string& gate,
                                     const git::Oid& tree, bool by_agent);

/// What a bead keeps of verdicts: a list of `{"gate","verdict","event","milliseconds","cached","tree"}`.
Json verdicts_record(const std::vector<Verdict>& verdicts, const std::string& event);

/// "test  pass  1.2s (cached)": one line for a report, and for what did not pass the end of its log and where it is.
std::string verdict_line(const Verdict& verdict);
std::string failure_text(const Verdict& verdict);
/// A red verdict's sentence and the end of its log, without this machine's paths: fit for the ledger.
std::string refusal_text(const Verdict& verdict);
/// The gate judged the work and said no. One that could not run says nothing about the work.
bool is_about_work(const Verdict& verdict);

/// Throws Error(gate_failed) with the verdicts as data unless all passed; `what` ends "the gate test refused ".
void require_green(const std::vector<Verdict>& verdicts, const std::string& what);

/// Built-in check of every content change between two trees: protected paths that changed.
std::vector<std::string> protected_changes(const git::Repository& repo, const Policy& policy,
                                           const git::Oid& before_tree, const git::Oid& after_tree);

}  // namespace ga::gates

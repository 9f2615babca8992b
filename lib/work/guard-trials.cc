#include "work/guard-trials.hh"

#include <unistd.h>

#include "gates/install.hh"
#include "git/cli.hh"
#include "trust/signature.hh"
#include "trust/ssh-wire.hh"
#include "util/fs.hh"
#include "util/process.hh"
#include "util/text.hh"
#include "work/guard.hh"

namespace ga::work {
namespace {

constexpr double kSignSeconds = 5, kHookSeconds = 60;
constexpr const char* kAgent = "doctor";

// ---- the key ------------------------------------------------------------------------------------

bool needs_touch(const trust::SigningKey& key) { return starts_with(trust::key_type(key.key), "sk-"); }

std::string how_reached(const trust::SigningKey& key) {
  const auto file = key.file.empty() ? std::nullopt : read_file(key.file, 1u << 20);
  const auto secret = file ? trust::parse_private_key(*file) : std::nullopt;
  return secret && !secret->encrypted ? "its file has no passphrase" : "ssh-agent signs with it and asks nobody";
}

Trial try_key(Project& project, const Authority& rules) {
  Trial trial{.attack = "sign an approval with your key"};
  trust::SigningKey key;
  try {
    key = signing_key(project, rules);
  } catch (const Error& error) {
    return {trial.attack, Level::enforced, "there is no key of yours to reach: " + sanitize_line(error.what()), "",
            false};
  }
  if (needs_touch(key))
    return {trial.attack, Level::enforced, "the hardware key " + trust::fingerprint(key.key) + " must be touched",
            "touch it only when you have asked for it yourself", false};
  if (!trust::can_sign_unasked(key, kSignSeconds))
    return {trial.attack, Level::enforced, "it cannot be used without its passphrase or your confirmation", "", false};
  const std::string name = key.file.empty() ? "~/.ssh/id_curator" : key.file;
  return {trial.attack, Level::advisory,
          "it went through: " + how_reached(key) + " (" + trust::fingerprint(key.key) + ")",
          "give it a passphrase (ssh-keygen -p -f " + shell_quote(name) +
              ") and hold it with ssh-add -c; or use a hardware key",
          true};
}

// An approval signed by a key made for this, which is nobody's.
Trial try_forgery(Project& project, const Authority& rules) {
  const std::string attack = "put a forged approval into the ledger";
  if (!rules.configured())
    return {attack, Level::advisory,
            "no curators are named, so an approval is whatever the ledger says: all are marked unsigned",
            "name curators: see CURATORS in git-agent-guard(1)", true};
  const trust::PrivateDirectory dir;
  Command make;
  make.argv = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", dir.path("key")};
  if (!run(make).ok())
    return {attack, Level::advisory, "ssh-keygen, which verifies approvals, does not work here", "install OpenSSH",
            true};
  trust::Statement statement;
  statement.kind = "guard";
  statement.repository = rules.repository;
  statement.path = "AGENTS.md";
  statement.before = statement.after = {project.repo().zero_id(), 0};
  statement.policy = project.repo().zero_id();
  statement.curator =
      rules.curators.lines.empty() ? "lead" : split(rules.curators.lines.front().principals, ',').front();
  statement.time = now();
  model::Approval approval;
  approval.statement = trust::statement_text(statement);
  approval.signature = trust::sign(trust::key_from_setting(dir.path("key")), approval.statement);
  const std::string problem = approval_problem(rules, approval, statement);
  if (problem.empty())
    return {attack, Level::advisory, "it was accepted: the curators file lets any key approve",
            "name single keys in it", true};
  return {attack, Level::enforced, "refused: " + problem, "", false};
}

Trial try_commit_key(Project& project, const Authority& rules) {
  const std::string attack = "have a commit signed, and use that key";
  bool listed = false;
  for (const std::string& setting : project.config().get_all("user.signingkey"))
    listed = listed || !rules.curators.of_key(trust::public_key_of(setting)).empty();
  if (!listed) return {attack, Level::enforced, "what signs your commits is no curator's key", "", false};
  if (rules.commit_keys.empty())
    return {attack, Level::advisory, "user.signingKey is a curator's key, and agent.allowCommitKey lets it approve",
            "make another key for approvals", true};
  return {attack, Level::enforced, "user.signingKey is a curator's key, but approves nothing",
          "take it out of the curators file", false};
}

// ---- a scratch repository -----------------------------------------------------------------------

class Scratch {
 public:
  Scratch() {
    const std::string home = dir_.path("repo");
    make_directories(home);
    git::git_or_fail({"init", "-q", "-b", "main", home});
    write("AGENTS.md", "Use tabs.\n");
    git_({"add", "AGENTS.md"});
    git_({"commit", "-q", "--no-verify", "-m", "Begin"});
    base_ = trim(git_({"rev-parse", "HEAD"}).out);
    auto repo = git::Repository::discover(home);
    gates::install(repo, {.hooks = true, .target = "refs/heads/main"});
    git_({"checkout", "-q", "-b", "agent/doctor"});
  }

  void write(const std::string& name, const std::string& text) { write_file_atomic(dir_.path("repo/" + name), text); }
  // As an agent would.
  bool commit(const std::string& text, const std::vector<std::string>& before, const std::vector<std::string>& after) {
    write("AGENTS.md", text);
    git_({"add", "AGENTS.md"});
    std::vector<std::string> args = before;
    args.insert(args.end(), {"commit", "-q", "-m", "An agent's"});
    args.insert(args.end(), after.begin(), after.end());
    return git_(args, true).ok();
  }
  bool raw_ref() {
    write_file_atomic(dir_.path("repo/.git/refs/heads/main"), trim(git_({"rev-parse", "HEAD"}).out) + "\n");
    return trim(git_({"rev-parse", "refs/heads/main"}).out) == trim(git_({"rev-parse", "HEAD"}).out);
  }
  // What the merge asks: whether each commit may come in, by the side of the base.
  bool is_caught() {
    Command command;
    command.argv = {self_path(), "guard", "check", base_ + "..HEAD"};
    command.cwd = dir_.path("repo");
    command.unset_env = git::local_env_vars();
    command.timeout_seconds = kHookSeconds;
    return run(command).exit_code == exit_code(Kind::guarded);
  }

 private:
  Result git_(const std::vector<std::string>& args, bool as_agent = false) {
    git::GitOptions options;
    options.cwd = dir_.path("repo");
    options.timeout_seconds = kHookSeconds;
    for (const char* who : {"AUTHOR", "COMMITTER"}) {
      options.env[std::string("GIT_") + who + "_NAME"] = kAgent;
      options.env[std::string("GIT_") + who + "_EMAIL"] = "doctor@localhost";
    }
    if (as_agent) options.env.insert({{"GIT_AGENT_NAME", kAgent}, {"GIT_AGENT_ROLE", "builder"}});
    return git::git(args, options);
  }

  trust::PrivateDirectory dir_;
  std::string base_;
};

void try_commits(std::vector<Trial>& trials) {
  Scratch scratch;
  const auto report = [&](const std::string& attack, bool through, const std::string& if_not) {
    if (through)
      trials.push_back({attack, Level::tripwire,
                        "it goes through, and the merge and the server's hook judge the commit again", "", false});
    else trials.push_back({attack, Level::tripwire, if_not, "", false});
  };
  const bool plain = scratch.commit("Never.\n", {}, {});
  if (plain)
    trials.push_back({"commit a change of AGENTS.md", Level::advisory,
                      "no hook of ours refused it: another core.hooksPath counts here",
                      "git config --show-origin core.hooksPath", true});
  else trials.push_back({"commit a change of AGENTS.md", Level::tripwire, "the pre-commit hook refuses it", "", false});
  report("git commit --no-verify", scratch.commit("Never, too.\n", {}, {"--no-verify"}), "refused");
  report("git -c core.hooksPath=/dev/null commit",
         scratch.commit("Never again.\n", {"-c", "core.hooksPath=/dev/null"}, {}), "refused");
  if (scratch.is_caught())
    trials.push_back({"bring such a commit to the target with git agent-merge", Level::enforced,
                      "refused: nobody has approved it", "", false});
  else
    trials.push_back({"bring such a commit to the target with git agent-merge", Level::advisory, "it was not refused",
                      "this is a fault of git-agent: please report it", true});
  if (scratch.raw_ref())
    trials.push_back({"write the target's ref by hand", Level::advisory,
                      "it goes through on this machine; 'git agent-status' lists commits that no merge brought",
                      "push through a server that judges (docs/server.md), and protect the branch there", false});
  else trials.push_back({"write the target's ref by hand", Level::tripwire, "refs are no plain files here", "", false});
}

// ---- what stands around -------------------------------------------------------------------------

Trial look_at_hooks(Project& project) {
  const std::string attack = "commit where no hook runs";
  const std::string path = project.config().get("core.hookspath").value_or("");
  if (path.find("agent/hooks") != std::string::npos)
    return {attack, Level::tripwire, "the hooks of git-agent are installed in this repository", "", false};
  return {attack, Level::advisory,
          path.empty() ? "no hooks of git-agent are installed here" : "core.hooksPath is " + sanitize_line(path),
          "git agent-init", true};
}

Trial look_at_program(const std::string& program) {
  const std::string attack = "replace git-agent itself";
  const bool writable =
      ::access(program.c_str(), W_OK) == 0 || ::access(fs::path(program).parent_path().c_str(), W_OK) == 0;
  if (!writable)
    return {attack, Level::enforced, sanitize_line(program) + " is not this account's to write", "", false};
  return {attack, Level::advisory, "this account may write " + sanitize_line(program) + ", and the pin of the curators",
          "run agents under another account or in a container, or let a server judge (docs/server.md)", false};
}

void look_at_remotes(Project& project, std::vector<Trial>& trials) {
  for (const std::string& remote : project.repo().remotes())
    trials.push_back({"push past everything to " + sanitize_line(remote), Level::advisory,
                      "whether a hook there judges pushes cannot be known from here",
                      "see docs/server.md; try it with a branch that changes AGENTS.md", false});
  if (project.repo().remotes().empty())
    trials.push_back({"push past everything", Level::advisory, "there is no remote: this clone is all there is",
                      "a server that judges pushes is out of an agent's hands (docs/server.md)", false});
}

}  // namespace

std::string_view level_name(Level level) {
  if (level == Level::enforced) return "enforced";
  return level == Level::tripwire ? "tripwire" : "advisory";
}

Json to_json(const Trial& trial) {
  return {{"attack", trial.attack},
          {"level", level_name(trial.level)},
          {"found", trial.found},
          {"advice", string_or_null(trial.advice)},
          {"preventable", trial.preventable}};
}

std::vector<Trial> try_attacks(Project& project, const std::function<void(const std::string&)>& progress) {
  std::vector<Trial> trials;
  const Authority rules = authority(project);
  if (!rules.problem.empty())
    trials.push_back({"change the curators", Level::enforced,
                      rules.problem + ": no approval counts until one of them approves it",
                      "git agent-guard approve " + sanitize_line(rules.curators_path), true});
  if (progress) progress("trying the key");
  trials.push_back(try_forgery(project, rules));
  if (rules.configured()) {
    trials.push_back(try_key(project, rules));
    trials.push_back(try_commit_key(project, rules));
  } else {
    trials.push_back({"approve at a terminal of one's own", Level::advisory,
                      "without curators, whoever has this account's terminal is the person", "name curators", true});
  }
  if (progress) progress("trying commits in a scratch repository");
  trials.push_back(look_at_hooks(project));
  try_commits(trials);
  trials.push_back(look_at_program(self_path()));
  look_at_remotes(project, trials);
  return trials;
}

}  // namespace ga::work

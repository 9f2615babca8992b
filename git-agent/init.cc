// git agent-init: prepares a repository, and takes everything away again.
#include <array>

#include "cli/command.hh"
#include "cli/context.hh"
#include "gates/install.hh"
#include "gates/proposal.hh"
#include "git/cli.hh"
#include "util/error.hh"
#include "util/fs.hh"
#include "util/text.hh"
#include "work/sync.hh"

namespace ga::cli {
namespace {

/// What init wrote as the policy, so that uninstall knows its own: the hash of its bytes.
fs::path policy_record(work::Project& project) { return project.agent_dir() / "policy-written"; }

/// The branch of the main worktree (or of the bare repository), also while it has no commit; "" when HEAD is detached.
std::string current_target(const git::Repository& repo) {
  const std::string head = repo.head_of(repo.common_dir()).branch;
  return starts_with(head, "refs/heads/") ? head : "";
}

bool has_policy(work::Project& project, const fs::path& file) {
  std::error_code error;
  if (fs::exists(fs::symlink_status(file, error))) return true;
  const git::Oid tip = project.repo().ref(project.target_ref());
  const auto commit = tip.zero() ? std::nullopt : project.repo().read_commit(tip);
  return commit && project.repo().entry_at(commit->tree, gates::kPolicyFile);
}

/// The path of the policy written; "" when there was one, or there is no work tree to write to.
std::string write_policy(work::Project& project) {
  const fs::path dir = project.repo().main_work_dir();
  if (dir.empty() || has_policy(project, dir / gates::kPolicyFile)) return "";
  const std::string text = gates::propose_policy(dir);
  make_directories(project.agent_dir());
  write_file_atomic(policy_record(project), sha256_hex(text) + "\n");
  write_file_atomic(dir / gates::kPolicyFile, text);
  return (dir / gates::kPolicyFile).string();
}

/// Removes the policy that init wrote, unless somebody changed it or Git knows it.
bool remove_policy(work::Project& project) {
  const auto written = read_file(policy_record(project));
  if (!written) return false;
  remove_tree(policy_record(project));
  const fs::path dir = project.repo().main_work_dir();
  const auto text = dir.empty() ? std::nullopt : read_file(dir / gates::kPolicyFile);
  if (!text || sha256_hex(*text) != trim(*written)) return false;
  git::GitOptions options;
  options.cwd = dir;
  const bool known = git::git({"ls-files", "--error-unmatch", "--", gates::kPolicyFile}, options).ok();
  if (!known) remove_tree(dir / gates::kPolicyFile);
  return !known;
}

/// Object directories made beforehand: Git's own gc may remove an empty one under a writer.
void make_object_directories(const fs::path& common_dir) {
  std::array<char, 3> name{};
  for (unsigned n = 0; n < 256; ++n) {
    constexpr const char* digits = "0123456789abcdef";
    name = {digits[n >> 4], digits[n & 15], '\0'};
    make_directories(common_dir / "objects" / name.data());
  }
}

int run_uninstall(Context& ctx) {
  work::Project& project = ctx.project();
  const bool hooks = gates::uninstall(project.repo());
  const bool policy = remove_policy(project);
  if (!hooks && !policy) ctx.out.print_line("nothing to take away");
  if (hooks) ctx.out.print_line("hooks and configuration are as they were");
  if (policy) ctx.out.print_line("removed " + std::string(gates::kPolicyFile) + ", which nobody had changed");
  if (hooks) ctx.out.note("the ledger (refs/agent/ledger) stays");
  return ctx.out.answer(
      {{"policy", nullptr}, {"hooks", Json::array()}, {"target", nullptr}, {"changed", hooks || policy}});
}

void print_report(Context& ctx, const gates::Installed& done, const std::string& policy) {
  if (!policy.empty()) ctx.out.print_line("wrote " + sanitize_line(policy) + ": read it, then commit it");
  if (done.changed) {
    if (!done.hooks.empty()) ctx.out.print_line("hooks: " + join(done.hooks, ", "));
    if (!done.target.empty()) ctx.out.print_line("features merge into " + sanitize_line(done.target));
  }
  if (!done.changed && policy.empty()) ctx.out.print_line("everything is set up already: nothing changed");
}

// Where the remote has a ledger, this clone takes part in it from the beginning. Nothing fails because of a remote that
// does not answer.
Json join_team(Context& ctx) {
  constexpr double kSeconds = 30;
  work::Project& project = ctx.project();
  if (project.repo().remotes().empty()) return {};
  try {
    const work::SyncResult result = work::sync_ledger(
        project, {.remote = "", .progress = {}, .confirm = "", .seconds = kSeconds, .only_if_there = true});
    if (result.tip.zero()) return {};
    ctx.out.note("the ledger of " + sanitize_line(result.remote) + " is here: " + std::to_string(result.received) +
                 " operations");
    return work::to_json(result);
  } catch (const Error& error) {
    ctx.out.warning("the ledger was not exchanged: " + std::string(error.what()));
    ctx.out.hint("later: git agent-sync");
    return {};
  }
}

int run_init(Context& ctx, const Args& args) {
  work::Project& project = ctx.project();
  project.require_lead(args.has("uninstall") ? "taking git-agent's hooks away" : "setting up a repository");
  if (args.has("uninstall")) return run_uninstall(ctx);
  const git::Repository& repo = project.repo();
  const bool had_ledger = !repo.ref(ledger::kLedgerRef).zero();
  const gates::InstallWish wish{!args.has("no-hooks") && !repo.main_work_dir().empty(), current_target(repo)};
  gates::Installed done = gates::install(repo, wish);
  make_object_directories(repo.common_dir());
  project.ledger().initialise();
  done.changed |= !had_ledger;
  const std::string policy = write_policy(project);
  print_report(ctx, done, policy);
  if (!done.warning.empty()) ctx.out.warning(sanitize_line(done.warning));
  if (done.target.empty())
    ctx.out.warning("HEAD is no branch: say where features merge with 'git config agent.target BRANCH'");
  const Json joined = join_team(ctx);
  return ctx.out.answer({{"policy", string_or_null(policy)},
                         {"sync", joined},
                         {"hooks", done.hooks},
                         {"target", string_or_null(done.target)},
                         {"changed", done.changed || !policy.empty()}});
}

}  // namespace

extern const CommandRow cmd_init;
const CommandRow cmd_init = {
    .name = "init",
    .summary = "prepare a repository for a team of agents",
    .group = Group::plan,
    .verbs = {{.usage = "[--no-hooks] [--uninstall]",
               .summary = "policy, hooks, ledger; or take them away",
               .options = {{.name = "no-hooks", .help = "install no hooks"},
                           {.name = "uninstall", .help = "take hooks and configuration away; the ledger stays"}},
               .run = run_init}}};

}  // namespace ga::cli

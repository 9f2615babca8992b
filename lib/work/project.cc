#include "work/project.hh"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "gates/install.hh"
#include "git/cli.hh"
#include "model/graph.hh"
#include "model/names.hh"
#include "util/fs.hh"
#include "util/text.hh"
#include "work/runs.hh"
#include "work/worktrees.hh"

namespace ga::work {
namespace {

std::string env(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

model::Actor person(const git::Config& config) {
  std::string name = trim(config.get("user.name").value_or(""));
  for (const char* fallback : {"GIT_COMMITTER_NAME", "USER", "LOGNAME"})
    if (name.empty()) name = trim(env(fallback));
  return {normalize_utf8(name.empty() ? "somebody" : name), "lead", true};
}

// A shell lives as long as one command line: not the process whose life a claim should share.
bool is_passing_process(pid_t pid) {
  const auto name = trim(read_file("/proc/" + std::to_string(pid) + "/comm").value_or(""));
  static constexpr std::array kPassing = {"sh",  "dash", "ash",  "bash",    "zsh",   "fish",
                                          "ksh", "env",  "sudo", "timeout", "xargs", "make"};
  return name == "git" || starts_with(name, "git-agent") ||
         std::any_of(kPassing.begin(), kPassing.end(), [&](const char* p) { return name == p; });
}

// The process that a claim made by hand belongs to: the nearest ancestor that stays.
ProcessId claiming_process() {
  pid_t pid = ::getppid();
  for (int level = 0; level < 16 && pid > 1 && is_passing_process(pid); ++level) pid = parent_of(pid);
  return pid > 1 ? process_identity(pid) : ProcessId{};
}

}  // namespace

struct Project::Impl {
  std::optional<git::Repository> repo;
  std::unique_ptr<index::Index> index;
  std::unique_ptr<ledger::Ledger> ledger;
  std::optional<git::Config> config;
  std::optional<model::Actor> actor;
  std::optional<gates::Policy> policy;
  bool fresh = false;  ///< the index stands at the tip
};

Project::Project() : impl_(std::make_unique<Impl>()) {}
Project::~Project() = default;

git::Repository& Project::repo() {
  if (!impl_->repo) impl_->repo = git::Repository::discover();
  return *impl_->repo;
}

ledger::Ledger& Project::ledger() {
  if (!impl_->ledger) {
    impl_->index = std::make_unique<index::Index>(repo());
    impl_->ledger = std::make_unique<ledger::Ledger>(repo(), *impl_->index);
  }
  return *impl_->ledger;
}

index::Index& Project::index() {
  ledger();
  if (!impl_->fresh) {
    impl_->index->refresh(impl_->ledger->tip());
    impl_->fresh = true;
  }
  return *impl_->index;
}

bool Project::wrote() const { return impl_->ledger && impl_->ledger->wrote(); }

const git::Config& Project::config() {
  if (!impl_->config) {
    // The main worktree's directory: configuration is the repository's, wherever we stand.
    const auto dir = repo().work_dir().empty() ? repo().git_dir() : repo().work_dir();
    impl_->config = git::Config::load(dir);
  }
  return *impl_->config;
}

const model::Actor& Project::actor() {
  if (impl_->actor) return *impl_->actor;
  const std::string name = env("GIT_AGENT_NAME");
  if (!name.empty()) {
    if (!model::is_agent_name(name))
      fail_usage("GIT_AGENT_NAME is '" + sanitize_line(fit(name, 60)) + "', which is no agent's name",
                 {"use lower-case letters, digits, '-' and '_'"});
    const std::string role = env("GIT_AGENT_ROLE");
    impl_->actor = model::Actor{name, role.empty() ? "builder" : role, false};
  } else if (const auto run = current_run(*this)) {
    impl_->actor = model::Actor{run->agent, run->role, false};
  } else {
    impl_->actor = person(config());
  }
  return *impl_->actor;
}

void Project::require_lead(const std::string& what) {
  const model::Actor& who = actor();
  if (who.person || who.role == "lead") return;
  throw Error(Kind::not_lead,
              what + " is the lead's act; you act as " + who.name + " (" + sanitize_line(who.role) + ")",
              {"ask the lead to do it"});
}

std::string Project::target_ref() {
  const auto full = [](const std::string& name) { return starts_with(name, "refs/") ? name : "refs/heads/" + name; };
  // What init recorded is read without starting git, when nothing else can say otherwise.
  if (const auto recorded = gates::recorded_target(repo().common_dir())) return *recorded;
  if (const auto chosen = config().get("agent.target")) return full(*chosen);
  const auto main_dir = repo().main_work_dir();
  if (!main_dir.empty()) {
    // HEAD of the main worktree, which a linked worktree's own HEAD is not.
    const std::string head = repo().head_of(repo().common_dir()).branch;
    if (starts_with(head, "refs/heads/")) return head;
  } else if (const std::string head = repo().symbolic_target("HEAD"); !head.empty()) {
    return head;
  }
  return full(config().get("init.defaultbranch").value_or("main"));
}

const gates::Policy& Project::policy() {
  if (impl_->policy) return *impl_->policy;
  const std::string ref = target_ref();
  const git::Oid tip = repo().ref(ref);
  const std::string name = ref.substr(ref.rfind('/') + 1) + ":" + gates::kPolicyFile;
  const auto commit = tip.zero() ? std::nullopt : repo().read_commit(tip);
  if (commit && repo().entry_at(commit->tree, gates::kPolicyFile)) {
    impl_->policy = gates::policy_at(repo(), tip, name);
    return *impl_->policy;
  }
  // Until the target has its first policy, the main worktree's file counts: it is the person's.
  const auto main_dir = repo().main_work_dir();
  const auto text = main_dir.empty() ? std::nullopt : read_file(main_dir / gates::kPolicyFile, 2u << 20);
  impl_->policy = text ? gates::parse_policy(*text, gates::kPolicyFile) : gates::parse_policy("", "defaults");
  if (!text) impl_->policy->scan.commit = tip;
  impl_->policy->origin = text ? std::string(gates::kPolicyFile) + " (not committed yet)" : "defaults";
  return *impl_->policy;
}

model::Operation Project::operation(const std::string& kind, Json args) {
  return {new_id(), kind, actor(), now(), std::move(args)};
}

ledger::Committed Project::commit(const std::string& kind, Json args) {
  model::Operation op = operation(kind, std::move(args));
  auto done = ledger().transact([&](model::State& state) {
    // An agent writes under its claim: the fence of its run, so that a revived process is refused.
    if (!op.actor.person && op.args.contains("task") && !op.args.contains("fence"))
      if (const auto task = state.task(get_string(op.args, "task"))) {
        const std::string fence = fence_for(*task);
        if (!fence.empty()) op.args["fence"] = fence;
      }
    return op;
  });
  impl_->fresh = true;
  return done;
}

Json Project::bead(const std::string& kind, const std::string& text, const std::string& task,
                   const std::string& evidence) {
  model::Bead bead;
  bead.id = new_id();
  bead.kind = kind;
  bead.text = normalize_utf8(text);
  bead.task = task;
  bead.agent = actor().name;
  bead.evidence = evidence;
  bead.client = env("GIT_AGENT_CLIENT");
  bead.model = env("GIT_AGENT_MODEL");
  bead.time = 0;
  Json json = model::to_json(bead);
  json.erase("time");
  return json;
}

model::Task Project::task(const std::string& name) {
  if (model::is_id(name))
    if (auto found = index().task(name)) return *found;
  if (const std::string id = index().task_by_slug(name); !id.empty()) return known_task(id);
  if (model::is_id_prefix(name)) {
    const auto ids = index().ids_with_prefix(name, 5);
    if (ids.size() == 1) return known_task(ids.front());
    if (ids.size() > 1) {
      std::vector<std::string> hints;
      for (const std::string& id : ids) hints.push_back(short_id(id) + "  " + sanitize_line(known_task(id).title));
      throw Error(Kind::usage, "'" + name + "' is the beginning of several ids", hints);
    }
  }
  // Near names, from a bounded look at the open tasks.
  std::vector<std::string> near;
  int looked = 0;
  index().each_task({.open_only = true, .limit = 500}, [&](const model::Task& task) {
    if (edit_distance(task.slug, name.substr(0, 64)) <= 2) near.push_back(task.slug);
    return ++looked < 500 && near.size() < 3;
  });
  throw Error(Kind::not_found, "no task '" + sanitize_line(fit(name, 80)) + "'",
              {near.empty() ? "see the tasks with 'git agent-task list'" : "did you mean " + join(near, ", ") + "?"});
}

model::Task Project::known_task(const std::string& id) {
  if (auto found = index().task(id)) return *std::move(found);
  throw Error(Kind::not_found, "the task " + sanitize_line(fit(id, 40)) + " is gone: somebody has taken it back",
              {"see 'git agent-log'"});
}

std::optional<model::Task> Project::task_here() {
  std::string id = agent_worktree_task(repo().git_dir());
  if (id.empty()) return std::nullopt;
  return index().task(id);
}

model::Task Project::task_or_here(const std::string& name) {
  if (!name.empty()) return task(name);
  if (auto here = task_here()) return *here;
  fail_usage("which task? this is no agent's worktree", {"name a task: an id or a slug, see 'git agent-task list'"});
}

std::string Project::fence_for(const model::Task& task) {
  const std::string fence = env("GIT_AGENT_FENCE");
  if (fence.empty()) return "";
  // The fence belongs to one task: the one the agent was started for. Its children are written without.
  const std::string mine = env("GIT_AGENT_TASK");
  return mine == task.slug || mine == task.id ? fence : "";
}

Json Project::claim_args(const model::Task& task, const std::string& agent) {
  const ProcessId process = claiming_process();
  return {{"task", task.id},        {"agent", agent},       {"host", host_name()},   {"pid", process.pid},
          {"start", process.start}, {"boot", process.boot}, {"lease", kLeaseSeconds}};
}

std::filesystem::path Project::agent_dir() { return repo().common_dir() / "agent"; }

Holder holder_state(const model::Claim& claim) {
  if (claim.host != host_name()) return Holder::unknown;
  if (claim.pid == 0) return Holder::unknown;
  return ga::is_alive(ProcessId{static_cast<pid_t>(claim.pid), claim.start, claim.boot}) ? Holder::alive : Holder::dead;
}

bool may_take_over(const model::Claim& claim, Time now) {
  return claim.expires <= now && holder_state(claim) != Holder::alive;
}

}  // namespace ga::work

#include "work/authority.hh"

#include <algorithm>

#include "gates/trust.hh"
#include "trust/ssh-wire.hh"
#include "util/fs.hh"
#include "util/text.hh"
#include "util/toml.hh"

namespace ga::work {
namespace {

constexpr std::size_t kMaxPin = 4096;

// The first commit of the line: clones agree on it, other repositories do not.
std::string repository_id(const git::Repository& repo, const git::Oid& tip) {
  if (tip.zero()) return repo.zero_id();
  const auto line = repo.commits_between({}, tip, true);
  return line.empty() ? repo.zero_id() : line.front().hex();
}

std::optional<git::TreeEntry> file_at(const git::Repository& repo, const git::Oid& tree, const std::string& path) {
  if (tree.zero() || path.empty()) return std::nullopt;
  auto entry = repo.entry_at(tree, path);
  if (!entry) return std::nullopt;
  if (entry->mode != 0100644 && entry->mode != 0100755)
    fail_environment(sanitize_line(path) + " is no regular file", {"a person makes it one, on the target branch"});
  return entry;
}

std::string blob_text(const git::Repository& repo, const git::Oid& id, const std::string& path) {
  auto text = repo.read_blob(id);
  if (!text)
    fail_environment("the content of " + sanitize_line(path) + " is missing from the repository", {"run 'git fsck'"});
  return *std::move(text);
}

trust::KeyRule key_rule(const gates::Policy& policy) {
  if (policy.curator_keys == "pin") return trust::KeyRule::pin;
  return policy.curator_keys == "touch" ? trust::KeyRule::touch : trust::KeyRule::any;
}

trust::Verification verification(const Authority& authority) {
  return {authority.curators, authority.revoked, authority.keys, authority.commit_keys, now()};
}

// ---- the pin ------------------------------------------------------------------------------------

struct Pin {
  std::string path;
  git::Oid file;
};

std::optional<Pin> read_pin(Project& project) {
  const auto text = read_file(pin_file(project), kMaxPin);
  if (!text) return std::nullopt;
  const auto space = text->find(' ');
  const git::Oid file = git::Oid::parse(text->substr(0, space));
  if (file.zero() || space == std::string::npos)
    fail_environment(pin_file(project).string() + " is not readable",
                     {"take the curators file as it stands now for the first: git agent-guard approve --pin"});
  return Pin{trim(text->substr(space + 1)), file};
}

void write_pin(Project& project, const Pin& pin) {
  const fs::path file = pin_file(project);
  make_directories(file.parent_path());
  fs::permissions(file.parent_path(), fs::perms::owner_all);
  write_file_atomic(file, pin.file.hex() + " " + pin.path + "\n", 0600);
}

// Whether curators of the pinned file have approved what follows it, one step after the other, up to `now`.
bool is_succession(Project& project, const Authority& authority, Pin pin, const git::Oid& now) {
  constexpr int kMaxSteps = 64;
  const auto approvals = approvals_at(project.repo(), project.ledger().tip());
  const auto step = [&]() -> bool {
    Authority before = authority;
    before.problem.clear();
    before.file = pin.file;
    before.curators = trust::parse_curators(blob_text(project.repo(), pin.file, pin.path), pin.path);
    for (const model::Approval& approval : approvals) {
      const auto statement = trust::parse_statement(approval.statement);
      if (!statement || statement->kind != "guard" || statement->path != authority.curators_path) continue;
      const git::Oid old = git::Oid::parse(statement->before.id), next = git::Oid::parse(statement->after.id);
      const bool follows = old == pin.file || (old.zero() && pin.path != authority.curators_path);
      if (!follows || next == pin.file || !approval_problem(before, approval, *statement).empty()) continue;
      pin = {authority.curators_path, next};
      return true;
    }
    return false;
  };
  for (int n = 0; n < kMaxSteps; ++n) {
    if (pin.file == now) return true;
    if (pin.file.zero() || !step()) return false;
  }
  return false;
}

void refuse_all(Project& project, Authority& authority, const Pin& pin) {
  authority.problem = "the curators file " + sanitize_line(authority.curators_path) +
                      (authority.file.zero() ? " is gone" : " was changed") + " without an approval of those it named";
  // Those who were named decide.
  authority.curators = trust::parse_curators(blob_text(project.repo(), pin.file, pin.path), pin.path);
}

// An older state of the target: its curators count for it when those of today follow from them.
void compare_with_pin(Project& project, Authority& authority) {
  const auto pin = read_pin(project);
  if (!pin || authority.file.zero() || pin->file == authority.file) return;
  const Pin older{authority.curators_path, authority.file};
  if (is_succession(project, authority, older, pin->file) || is_succession(project, authority, *pin, authority.file))
    return;
  refuse_all(project, authority, *pin);
}

void follow_pin(Project& project, Authority& authority) {
  const auto pin = read_pin(project);
  if (!pin) {
    if (authority.file.zero()) return;
    write_pin(project, {authority.curators_path, authority.file});
    std::vector<std::string> names;
    for (const trust::CuratorLine& line : authority.curators.lines) names.push_back(sanitize_line(line.principals));
    authority.notice = "the curators named in " + sanitize_line(authority.curators_path) +
                       " are taken at their word, once: " + join(names, ", ") +
                       "; later changes of that file need their approval";
    return;
  }
  if (pin->file == authority.file) return;
  if (is_succession(project, authority, *pin, authority.file)) {
    if (authority.file.zero()) fs::remove(pin_file(project));
    else write_pin(project, {authority.curators_path, authority.file});
    return;
  }
  refuse_all(project, authority, *pin);
}

std::vector<std::string> commit_keys(Project& project) {
  if (project.config().get_bool("agent.allowcommitkey", false)) return {};
  std::vector<std::string> keys;
  for (const std::string& setting : project.config().get_all("user.signingkey"))
    if (std::string key = trust::public_key_of(setting); !key.empty()) keys.push_back(std::move(key));
  return keys;
}

// What a stranger's object cannot say is no approval; it must not keep others from being found.
model::Approval read_approval(const git::Repository& repo, const git::TreeEntry& entry) {
  try {
    const auto text = repo.read_blob(entry.id);
    if (text) return model::approval_from_json(parse_toml(*text, entry.name));
  } catch (const Error&) {}
  return {};
}

void read_tree_into(const git::Repository& repo, const git::Oid& tree, int depth, std::vector<model::Approval>& found) {
  constexpr int kLevels = 3;
  const auto entries = repo.read_tree(tree);
  if (!entries) return;
  for (const git::TreeEntry& entry : *entries) {
    if (entry.is_tree() && depth < kLevels) {
      read_tree_into(repo, entry.id, depth + 1, found);
    } else if (entry.mode == 0100644 && depth == kLevels) {
      model::Approval approval = read_approval(repo, entry);
      // Its name says what it must be; anything else was put there by hand.
      if (approval.id + ".toml" == entry.name &&
          approval.id == model::approval_id(approval.statement, approval.signature))
        found.push_back(std::move(approval));
    }
  }
}

}  // namespace

Authority authority_at(const git::Repository& repo, const gates::Policy& policy, const git::Oid& commit) {
  Authority authority;
  const git::Oid tree = git::tree_of(repo, commit);
  authority.repository = repository_id(repo, commit);
  authority.curators_path = policy.curators;
  authority.keys = key_rule(policy);
  if (const auto entry = tree.zero() ? std::nullopt : repo.entry_at(tree, gates::kPolicyFile))
    authority.policy = entry->id;
  if (const auto entry = file_at(repo, tree, policy.curators)) {
    authority.file = entry->id;
    authority.curators = trust::parse_curators(blob_text(repo, entry->id, policy.curators), policy.curators);
  }
  if (const auto entry = file_at(repo, tree, policy.revoked))
    authority.revoked = blob_text(repo, entry->id, policy.revoked);
  return authority;
}

Authority authority(Project& project, const git::Oid& commit) {
  const git::Oid tip = commit.zero() ? project.branch_tip(project.target_ref()) : commit;
  const gates::Policy policy =
      commit.zero() ? project.policy()
                    : gates::policy_at(project.repo(), commit, commit.brief() + ":" + gates::kPolicyFile);
  Authority result = authority_at(project.repo(), policy, tip);
  result.commit_keys = commit_keys(project);
  if (commit.zero()) follow_pin(project, result);
  else compare_with_pin(project, result);
  return result;
}

std::filesystem::path pin_file(Project& project) {
  return gates::trust_store(project.repo().common_dir()) / "curators";
}

void pin_curators(Project& project) {
  const Authority now = authority_at(project.repo(), project.policy(), project.branch_tip(project.target_ref()));
  if (now.file.zero()) fs::remove(pin_file(project));
  else write_pin(project, {now.curators_path, now.file});
}

std::vector<model::Approval> approvals_at(const git::Repository& repo, const git::Oid& ledger) {
  std::vector<model::Approval> found;
  const git::Oid tree = git::tree_of(repo, ledger);
  const auto folder = tree.zero() ? std::nullopt : repo.entry_at(tree, "approvals");
  if (folder && folder->is_tree()) read_tree_into(repo, folder->id, 0, found);
  return found;
}

std::string approval_problem(const Authority& authority, const model::Approval& approval,
                             const trust::Statement& statement) {
  if (!authority.problem.empty()) return authority.problem;
  if (statement.repository != authority.repository) return "it is about another repository";
  if (authority.file.zero()) return approval.signature.empty() ? "" : "nobody is named as a curator here";
  if (approval.signature.empty()) return "it is not signed by a curator";
  return trust::signature_problem(approval.statement, statement, approval.signature, verification(authority));
}

std::string approver(const model::Approval& approval) {
  return sanitize_line(approval.curator) + (approval.signature.empty() ? " (unsigned)" : "");
}

trust::SigningKey signing_key(Project& project, const Authority& authority) {
  trust::SigningKey key;
  if (const auto setting = project.config().get("agent.signingkey"); setting && !trim(*setting).empty()) {
    key = trust::key_from_setting(trim(*setting));
  } else {
    for (trust::SigningKey& held : trust::keys_in_agent())
      if (key.key.empty() && !authority.curators.of_key(held.key).empty()) key = std::move(held);
    if (key.key.empty())
      throw Error(Kind::not_approved, "nothing says which key you approve with",
                  {"name it, in your own configuration: git config --global agent.signingKey ~/.ssh/id_curator",
                   "it must stand in " + sanitize_line(authority.curators_path) + " on the target branch"});
  }
  const auto& refused = authority.commit_keys;
  if (std::find(refused.begin(), refused.end(), key.key) != refused.end())
    throw Error(Kind::not_approved,
                "the key " + trust::fingerprint(key.key) +
                    " also signs your commits (user.signingKey), which every agent can ask for",
                {"make another one for approvals: ssh-keygen -t ed25519 -f ~/.ssh/id_curator",
                 "to use it nevertheless: git config --global agent.allowCommitKey true"});
  if (authority.curators.of_key(key.key).empty())
    throw Error(Kind::not_approved,
                "the key " + trust::fingerprint(key.key) + " is not in " + sanitize_line(authority.curators_path) +
                    " on the target branch",
                {"a curator adds it there and approves that: git agent-guard approve " +
                 sanitize_line(authority.curators_path)});
  return key;
}

namespace {

// An approval serves once, and the same statement signed again is the same approval: what is approved a second time within
// a second is dated a second later.
Time time_of_its_own(Project& project, const trust::Statement& statement) {
  Time time = now();
  for (const model::Approval& approval : approvals_at(project.repo(), project.ledger().tip())) {
    auto other = trust::parse_statement(approval.statement);
    if (!other || other->time < time) continue;
    const Time taken = other->time;
    other->time = statement.time;
    other->curator = statement.curator;
    if (*other == statement) time = taken + 1;
  }
  return time;
}

}  // namespace

model::Approval approve(Project& project, const Authority& authority, trust::Statement statement,
                        const std::string& why, const std::string& task) {
  model::Approval approval;
  statement.repository = authority.repository;
  statement.policy = authority.policy.zero() ? project.repo().zero_id() : authority.policy.hex();
  statement.time = time_of_its_own(project, statement);
  approval.kind = statement.kind;
  approval.task = task;
  approval.why = normalize_utf8(trim(why));
  if (authority.configured()) {
    const trust::SigningKey key = signing_key(project, authority);
    statement.curator = authority.curators.principal_of(key.key, project.config().get("user.email").value_or(""));
    approval.statement = trust::statement_text(statement);
    approval.signature = trust::sign(key, approval.statement);
    // What nobody would accept is not kept.
    const std::string problem =
        trust::signature_problem(approval.statement, statement, approval.signature, verification(authority));
    if (!problem.empty())
      throw Error(Kind::not_approved, "the approval would not hold: " + problem,
                  {"see git-agent-guard(1) for what a key must be"});
    approval.curator = statement.curator;
  } else {
    approval.statement = trust::statement_text(statement);
    approval.curator = project.actor().name;
  }
  approval.id = model::approval_id(approval.statement, approval.signature);
  return approval;
}

}  // namespace ga::work

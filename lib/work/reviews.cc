#include "work/reviews.hh"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "git/cli.hh"
#include "util/text.hh"
#include "work/move.hh"
#include "work/shown.hh"
#include "work/trailers.hh"

namespace ga::work {
namespace {

constexpr const char* kShownAs = "review";
constexpr std::size_t kMessageBytes = 1900;  // a message holds 2000 characters

std::vector<model::Review> reviews_of(Project& project, const std::string& task, const std::string& commit) {
  std::vector<model::Review> found;
  for (const Json& object : project.index().objects("reviews", task)) {
    model::Review review = model::review_from_json(object);
    if (commit.empty() || review.commit == commit) found.push_back(std::move(review));
  }
  return found;
}

Json message_to(const std::string& to, const std::string& text) {
  return {{"id", new_id()}, {"to", to}, {"text", std::string(utf8_prefix(text, kMessageBytes))}};
}

// Those who have worked on it beside its claims: agents whose runs it had, and whose names stand on its commits.
std::set<std::string> authors(Project& project, const model::Task& task) {
  std::set<std::string> names;
  for (const std::string& name : model::authors_of(task)) names.insert(name);
  for (const Json& object : project.index().objects("runs", task.id)) {
    const model::Run run = model::run_from_json(object);
    if (get_string(run.extra, "role") != "reviewer") names.insert(run.agent);
  }
  const git::Oid tip = git::Oid::parse(task.commit), base = git::Oid::parse(task.base);
  if (tip.zero() || base.zero()) return names;
  for (const git::Oid& id : project.repo().commits_between(base, tip)) {
    const auto commit = project.repo().read_commit(id);
    if (!commit) continue;
    for (const auto& [name, value] : trailers_of(commit->message))
      if (name == "Agent-Name") names.insert(trim(value));
  }
  return names;
}

void require_no_author(Project& project, const model::Task& task, const std::string& name) {
  if (!authors(project, task).contains(name)) return;
  throw Error(Kind::not_approved,
              "'" + sanitize_line(name) + "' has worked on '" + task.slug + "', and nobody reviews work of their own",
              {"let a reviewer do it: git agent-spin --role reviewer --task " + task.slug});
}

// The commit that the verdict is about: what whoever gives it has seen.
void require_version(Project& project, const model::Task& task, const ReviewVerdict& verdict) {
  if (reviewed_task(project.repo().git_dir()) == task.id) {
    const git::Oid here = project.repo().ref("HEAD");
    if (here.hex() != task.commit)
      throw Error(Kind::target_moved,
                  "this worktree holds " + here.brief() + " of '" + task.slug + "', and " + task.commit.substr(0, 10) +
                      " is in review now",
                  {"start again on that: git agent-spin --role reviewer --task " + task.slug});
  } else if (project.actor().person || !verdict.at.empty()) {
    require_shown(project, {kShownAs, task.id, task.commit, verdict.at, verdict.show});
  }
  const git::Oid tip = task.branch.empty() ? git::Oid{} : project.branch_tip(task.branch);
  if (tip.zero() || tip.hex() == task.commit) return;
  throw Error(Kind::target_moved,
              "'" + task.slug + "' has newer commits (" + tip.brief() + ") than the one in review (" +
                  task.commit.substr(0, 10) + ")",
              {"let them be handed in first: git agent-task done " + task.slug});
}

}  // namespace

ReviewStanding review_standing(Project& project, const model::Task& task) {
  ReviewStanding standing;
  if (task.review_state.empty()) return standing;
  standing.state = task.review_state;
  standing.commit = task.review_commit;
  const auto all = reviews_of(project, task.id, task.review_commit);
  if (!all.empty()) standing.review = all.front();
  const git::Oid tip = task.branch.empty() ? git::Oid{} : project.branch_tip(task.branch);
  const bool newer = task.status == model::Status::in_review &&
                     (task.review_commit != task.commit || (!tip.zero() && tip.hex() != task.commit));
  if (newer) standing.state = "void";
  return standing;
}

Json to_json(const ReviewStanding& standing) {
  return {{"state", standing.state},
          {"commit", string_or_null(standing.commit)},
          {"review", standing.review ? model::to_json(*standing.review) : Json()}};
}

model::Review request_review(Project& project, const model::Task& task, const std::string& reviewer,
                             const std::string& text) {
  model::Review review;
  review.id = new_id();
  review.reviewer = reviewer;
  review.text = normalize_utf8(text);
  if (!reviewer.empty()) require_no_author(project, task, reviewer);
  Json args = {{"task", task.id}, {"commit", task.commit}};
  args["review"] = {{"id", review.id}, {"reviewer", review.reviewer}, {"text", review.text}};
  if (!reviewer.empty())
    args["tell"] =
        Json::array({message_to(reviewer, "please review '" + task.slug + "' at " + task.commit.substr(0, 10) +
                                              (text.empty() ? "" : ": " + sanitize_line(text)))});
  project.commit("review.request", std::move(args));
  return model::review_from_json(project.ledger().state().object("reviews", review.id));
}

model::Review give_verdict(Project& project, const model::Task& task, const ReviewVerdict& verdict) {
  require_version(project, task, verdict);
  require_no_author(project, task, project.actor().name);
  model::Review review;
  review.id = new_id();
  for (const model::Review& asked : reviews_of(project, task.id, task.commit))
    if (asked.state == "requested") review.id = asked.id;
  if (const auto run = reviewer_run(project); run && run->task == task.id) review.run = run->id;
  review.text = normalize_utf8(verdict.text);
  review.comments = verdict.comments;
  for (model::ReviewComment& comment : review.comments) {
    comment.file = normalize_utf8(comment.file);
    comment.text = normalize_utf8(comment.text);
  }
  const std::string word = verdict.passed ? "passed" : "failed";
  const std::string said =
      review.text + (review.text.empty() || review.comments.empty() ? "" : "\n") + model::comments_text(review);
  Json args = {{"task", task.id}, {"commit", task.commit}, {"review", model::to_json(review)}};
  const git::Oid tree = git::tree_of(project.repo(), git::Oid::parse(task.commit));
  if (!tree.zero()) args["tree"] = tree.hex();
  args["bead"] = project.bead("review", "Review " + word + (said.empty() ? "" : ": " + said), task.id);
  if (!task.worker.empty() && (!verdict.passed || !said.empty()))
    args["tell"] =
        Json::array({message_to(task.worker, "review of '" + task.slug + "' at " + task.commit.substr(0, 10) + " " +
                                                 word + (said.empty() ? "" : ":\n" + said))});
  project.commit(verdict.passed ? "review.pass" : "review.fail", std::move(args));
  if (project.actor().person) mark_shown(project, kShownAs, task.id, task.commit);
  return model::review_from_json(project.ledger().state().object("reviews", review.id));
}

void require_reviewed(Project& project, const gates::Policy& policy, const model::Task& task, bool must) {
  const ReviewStanding standing = review_standing(project, task);
  if (standing.passed()) return;
  const bool asked = standing.state == "requested" || standing.state == "self-declared";
  must = must || policy.merge_review == "required";
  if (!must && !asked) return;
  const std::string why = standing.state == "requested"       ? "its review is asked for, and not given"
                          : standing.state == "self-declared" ? "its review is self-declared, by no reviewer we started"
                          : standing.state == "void"          ? "its review was of an older commit"
                                                              : "nobody has reviewed it, and its policy asks for that";
  throw Error(Kind::not_approved, "'" + task.slug + "' is not merged at " + task.commit.substr(0, 10) + ": " + why,
              {"let a reviewer look at it: git agent-spin --role reviewer --task " + task.slug,
               "or look yourself: git agent-review show " + task.slug + ", then git agent-review pass " + task.slug})
      .with_data({{"review", to_json(standing)}})
      .next({"git", "agent-review", "show", task.slug});
}

std::vector<Json> recorded_verdicts(Project& project, const model::Task& task, const git::Oid& commit) {
  const std::string tree = git::tree_of(project.repo(), commit).hex();
  std::vector<Json> found;
  std::set<std::string> known;
  for (const Json& bead : project.index().objects("beads", task.id)) {
    const auto gates = bead.find("gates");
    if (gates == bead.end() || !gates->is_array()) continue;
    for (const Json& gate : *gates) {
      if (get_string(gate, "tree") != tree || !known.insert(get_string(gate, "gate")).second) continue;
      found.push_back(gate);
      found.back()["by"] = get_string(bead, "agent");
    }
  }
  return found;
}

// ---- the lead's minute ----------------------------------------------------------------------------

namespace {

git::GitOptions in_repository(Project& project) {
  git::GitOptions options;
  options.cwd = project.repo().common_dir();
  return options;
}

std::vector<ReviewSheet::File> changed_files(Project& project, const git::Oid& base, const git::Oid& commit) {
  std::vector<ReviewSheet::File> files;
  if (base.zero()) return files;
  const Result result = git::git({"diff-tree", "-r", "-z", "--no-renames", "--numstat", "--no-ext-diff",
                                  "--no-textconv", base.hex(), commit.hex()},
                                 in_repository(project));
  for (const std::string& record : split(result.out, '\0')) {
    const std::vector<std::string> fields = split(record, '\t');
    if (fields.size() < 3) continue;
    const auto number = [](const std::string& text) {
      return text == "-" ? -1 : std::strtol(text.c_str(), nullptr, 10);
    };
    files.push_back({record.substr(fields[0].size() + fields[1].size() + 2), number(fields[0]), number(fields[1])});
  }
  return files;
}

std::vector<std::string> conflicting_paths(Project& project, const git::Oid& target, const git::Oid& commit) {
  std::vector<std::string> paths;
  if (target.zero()) return paths;
  const Result merged =
      git::git({"merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", target.hex(), commit.hex()},
               in_repository(project));
  if (merged.exit_code != 1) return paths;
  const auto fields = split(merged.out, '\0');
  for (std::size_t i = 1; i < fields.size(); ++i)
    if (!fields[i].empty()) paths.push_back(fields[i]);
  return paths;
}

std::vector<std::string> next_command(Project& project, const ReviewSheet& sheet) {
  using S = model::Status;
  const std::string& slug = sheet.task.slug;
  if (sheet.task.status == S::completed) return {"git", "agent-clean", slug};
  if (sheet.task.status != S::in_review) return {"git", "agent-spin", slug};
  const bool needed = project.policy().merge_review == "required" || sheet.standing.state == "requested" ||
                      sheet.standing.state == "self-declared";
  if (needed && !sheet.standing.passed()) {
    if (sheet.standing.state == "requested") return {"git", "agent-review", "wait", slug};
    return {"git", "agent-spin", "--role", "reviewer", "--task", slug};
  }
  return {"git", "agent-merge", slug};
}

}  // namespace

ReviewSheet review_sheet(Project& project, const model::Task& task) {
  ReviewSheet sheet;
  sheet.task = task;
  sheet.commit = git::Oid::parse(task.commit);
  if (sheet.commit.zero() && !task.branch.empty()) sheet.commit = project.branch_tip(task.branch);
  if (sheet.commit.zero() || !project.repo().read_commit(sheet.commit))
    throw Error(Kind::not_found, "'" + task.slug + "' has no commit that could be looked at",
                {"see how it stands: git agent-task show " + task.slug});
  sheet.target = project.branch_tip(task.target.empty() ? project.target_ref() : task.target);
  sheet.base = sheet.target.zero() ? git::Oid{} : project.repo().merge_base(sheet.commit, sheet.target);
  // Merged already: what it brought is told by where it began.
  if (sheet.base == sheet.commit) sheet.base = git::Oid::parse(task.base);
  sheet.standing = review_standing(project, task);
  sheet.reviews = reviews_of(project, task.id, sheet.commit.hex());
  sheet.gates = recorded_verdicts(project, task, sheet.commit);
  if (!sheet.base.zero()) sheet.commits = project.repo().commits_between(sheet.base, sheet.commit);
  sheet.files = changed_files(project, sheet.base, sheet.commit);
  if (task.status == model::Status::in_review || task.status == model::Status::in_progress)
    sheet.conflicts = conflicting_paths(project, sheet.target, sheet.commit);
  sheet.next = next_command(project, sheet);
  if (project.actor().person) mark_shown(project, kShownAs, task.id, sheet.commit.hex());
  return sheet;
}

Json to_json(Project& project, const ReviewSheet& sheet) {
  Json reviews = Json::array(), files = Json::array(), commits = Json::array(), conflicts = Json::array();
  long added = 0, removed = 0;
  for (const model::Review& review : sheet.reviews) reviews.push_back(model::to_json(review));
  for (const ReviewSheet::File& file : sheet.files) {
    const bool binary = file.added < 0;
    files.push_back({{"path", normalize_utf8(file.path)},
                     {"added", binary ? Json() : Json(file.added)},
                     {"removed", binary ? Json() : Json(file.removed)}});
    added += std::max(0L, file.added);
    removed += std::max(0L, file.removed);
  }
  for (const git::Oid& id : sheet.commits) {
    const auto commit = project.repo().read_commit(id);
    commits.push_back({{"commit", id.hex()}, {"subject", commit ? normalize_utf8(commit->subject()) : ""}});
  }
  for (const std::string& path : sheet.conflicts) conflicts.push_back({{"path", normalize_utf8(path)}});
  const Json task = project.view(sheet.task);
  return {{"task", task},
          {"commit", sheet.commit.hex()},
          {"base", sheet.base.zero() ? Json() : Json(sheet.base.hex())},
          {"criteria", task["accept"]},
          {"gates", sheet.gates},
          {"review", to_json(sheet.standing)},
          {"reviews", reviews},
          {"commits", commits},
          {"diffstat", {{"files", files}, {"added", added}, {"removed", removed}}},
          {"cost", nullptr},
          {"conflicts", conflicts},
          {"next", sheet.next}};
}

std::string review_diff(Project& project, const ReviewSheet& sheet) {
  if (sheet.base.zero()) return "";
  const Result result = git::git(
      {"diff-tree", "-r", "-p", "--no-color", "--no-ext-diff", "--no-textconv", sheet.base.hex(), sheet.commit.hex()},
      in_repository(project));
  return sanitize(result.out);
}

std::string version_difference(Project& project, const std::string& before, const std::string& after) {
  const git::Oid from = git::Oid::parse(before), to = git::Oid::parse(after);
  if (from.zero() || to.zero() || !project.repo().has_object(from)) return "";
  const Result result =
      git::git({"diff-tree", "-r", "--stat=80", "--no-color", "--no-ext-diff", "--no-textconv", from.hex(), to.hex()},
               in_repository(project));
  return result.ok() ? sanitize(result.out) : "";
}

}  // namespace ga::work

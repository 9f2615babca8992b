#include "work/pull-request.hh"

#include <algorithm>

#include "git/cli.hh"
#include "model/bead.hh"
#include "util/fs.hh"
#include "util/process.hh"
#include "util/text.hh"
#include "work/guard.hh"
#include "work/move.hh"
#include "work/plans.hh"
#include "work/reviews.hh"
#include "work/shown.hh"

namespace ga::work {
namespace {

constexpr double kProgramSeconds = 120;
constexpr std::size_t kMaxBeads = 20;

struct Address {
  std::string host, path;
};

// "https://user:secret@host:8443/owner/name.git", "ssh://git@host/owner/name", "git@host:owner/name"
Address address_of(const std::string& url) {
  Address address;
  std::string rest = url;
  const std::size_t scheme = rest.find("://");
  const bool by_scheme = scheme != std::string::npos;
  if (by_scheme) {
    const std::string word = lower_ascii(rest.substr(0, scheme));
    if (word != "https" && word != "http" && word != "ssh" && word != "git") return address;
    rest.erase(0, scheme + 3);
  }
  const std::size_t end = rest.find(by_scheme ? '/' : ':');
  if (end == std::string::npos || (!by_scheme && rest.find('/') < end)) return address;
  std::string host = rest.substr(0, end);
  if (const std::size_t at = host.rfind('@'); at != std::string::npos) host.erase(0, at + 1);
  if (const std::size_t port = host.find(':'); port != std::string::npos) host.resize(port);
  std::string path = rest.substr(end + 1);
  while (!path.empty() && path.back() == '/') path.pop_back();
  if (ends_with(path, ".git")) path.resize(path.size() - 4);
  while (!path.empty() && path.front() == '/') path.erase(0, 1);
  if (host.empty() || path.empty()) return address;
  return {lower_ascii(host), path};
}

std::string encoded(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || c == '.' || c == '~';
    out += plain ? std::string(1, c) : "%" + hex_digits(std::string_view(&c, 1));
  }
  return out;
}

std::string page_of(const PullRequest& request) {
  const std::string base = web_address(request.remote_url);
  if (base.empty()) return "";
  if (request.host == "github")
    return base + "/compare/" + encoded(request.target) + "..." + encoded(request.branch) + "?expand=1";
  if (request.host == "gitlab")
    return base + "/-/merge_requests/new?merge_request%5Bsource_branch%5D=" + encoded(request.branch) +
           "&merge_request%5Btarget_branch%5D=" + encoded(request.target);
  return "";
}

std::string chosen_remote(Project& project, const std::string& target) {
  const auto remotes = project.repo().remotes();
  if (remotes.empty())
    fail_environment("this repository has no remote to open a pull request at", {"git remote add origin URL"});
  for (const auto& wanted :
       {project.config().get("remote.pushdefault"), project.config().get("branch." + target + ".remote"),
        std::optional<std::string>("origin")})
    if (wanted && std::find(remotes.begin(), remotes.end(), *wanted) != remotes.end()) return *wanted;
  return remotes.front();
}

git::GitOptions in_repository(Project& project) {
  git::GitOptions options;
  options.cwd = project.repo().common_dir();
  options.env["GIT_AGENT_INTERNAL"] = "1";
  return options;
}

// As Markdown that shows the words of others as they are.
std::string text_of(Project& project, const PullRequest& request) {
  const model::Task& task = request.task;
  std::string text;
  if (!task.description.empty()) text += sanitize(trim(task.description)) + "\n\n";
  if (!task.accept.empty()) text += "## Acceptance criteria\n\n";
  for (const model::Criterion& c : task.accept) {
    text += std::string("- [") + (c.met_at(task.commit) ? "x" : " ") + "] " + sanitize_line(c.text);
    if (!c.evidence.empty()) text += " -- " + sanitize_line(c.evidence);
    text += "\n";
  }
  const auto gates = recorded_verdicts(project, task, request.commit);
  text += "\n## Gates on " + request.commit.brief() + "\n\n";
  if (gates.empty()) text += "unverified: no gate has judged it\n";
  for (const Json& gate : gates) {
    const std::string coverage = get_string(gate, "coverage");
    text += "- " + sanitize_line(get_string(gate, "gate")) + ": " + sanitize_line(get_string(gate, "verdict")) +
            (coverage.empty() ? "" : ", " + sanitize_line(coverage)) + "\n";
  }
  const ReviewStanding standing = review_standing(project, task);
  text += "\n## Review\n\n" + standing.state;
  if (standing.review && !standing.review->by.empty())
    text += ", by " + sanitize_line(standing.review->by) +
            (standing.review->text.empty() ? "" : ": " + sanitize_line(fit(standing.review->text, 500)));
  text += "\n";
  std::string beads;
  for (const Json& object : project.index().objects("beads", task.id, kMaxBeads)) {
    const model::Bead bead = model::bead_from_json(object);
    if (bead.kind == "decision" || bead.kind == "outcome" || bead.kind == "gotcha")
      beads += "- " + sanitize_line(bead.kind) + " (" + sanitize_line(bead.agent) +
               "): " + sanitize_line(fit(bead.text, 500)) + "\n";
  }
  if (!beads.empty()) text += "\n## Decisions and outcomes\n\n" + beads;
  return text + "\nAgent-Task: " + task.slug + " " + project.short_id(task.id) +
         "\nAgent-Name: " + sanitize_line(task.worker.empty() ? project.actor().name : task.worker) + "\n";
}

void push(Project& project, const PullRequest& request) {
  const Result pushed =
      git::git({"push", "--quiet", request.remote, request.commit.hex() + ":refs/heads/" + request.branch},
               in_repository(project));
  if (pushed.ok()) return;
  throw Error(Kind::environment,
              "'" + request.branch + "' was not pushed to " + sanitize_line(request.remote) + ": " +
                  sanitize_line(fit(trim(pushed.err), 300)),
              {"push it by hand, then try again: git push " + shell_quote(request.remote) + " " + request.branch});
}

// The last line that is an address: gh and glab print it so.
std::string printed_address(const std::string& output) {
  std::string found;
  for (const std::string& line : split_lines(output))
    for (const std::string& word : split(trim(line), ' '))
      if (starts_with(word, "https://") || starts_with(word, "http://")) found = sanitize_line(word);
  return found;
}

void open_at_host(Project& project, PullRequest& request) {
  const std::string name = request.host == "github" ? "gh" : request.host == "gitlab" ? "glab" : "";
  const std::string program = name.empty() ? "" : find_program(name);
  if (program.empty()) return;
  Command command;
  const Address address = address_of(request.remote_url);
  if (name == "gh")
    command.argv = {program,       "pr",           "create",    "--repo",       address.host + "/" + address.path,
                    "--base",      request.target, "--head",    request.branch, "--title",
                    request.title, "--body",       request.text};
  else
    command.argv = {program,
                    "mr",
                    "create",
                    "--repo",
                    address.host + "/" + address.path,
                    "--target-branch",
                    request.target,
                    "--source-branch",
                    request.branch,
                    "--title",
                    request.title,
                    "--description",
                    request.text,
                    "--yes"};
  const fs::path main_dir = project.repo().main_work_dir();
  command.cwd = (main_dir.empty() ? project.repo().common_dir() : main_dir).string();
  command.set_env = {{"GH_PROMPT_DISABLED", "1"}, {"NO_COLOR", "1"}};
  command.timeout_seconds = kProgramSeconds;
  const Result result = run(command);
  if (result.ok()) {
    request.opened_by = name;
    if (const std::string url = printed_address(result.out + "\n" + result.err); !url.empty()) request.url = url;
    return;
  }
  request.trouble =
      name + (result.timed_out
                  ? " did not end in time"
                  : " failed: " + sanitize_line(fit(trim(result.err.empty() ? result.out : result.err), 300)));
}

git::Oid submitted_commit(Project& project, const model::Task& task) {
  if (task.status != model::Status::in_review)
    throw Error(Kind::not_done,
                "'" + task.slug + "' is " + std::string(model::status_name(task.status)) + ", not in review",
                {"it is handed in with 'git agent-task done " + task.slug + "'"});
  const git::Oid commit = git::Oid::parse(task.commit);
  const git::Oid tip = task.branch.empty() ? commit : project.branch_tip(task.branch);
  if (commit.zero() || (!tip.zero() && tip != commit))
    throw Error(Kind::not_done, "'" + task.slug + "' has commits after the one that was submitted",
                {"let them be judged too: git agent-task done " + task.slug});
  return commit;
}

}  // namespace

std::string web_address(const std::string& remote_url) {
  const Address address = address_of(remote_url);
  return address.host.empty() ? "" : "https://" + address.host + "/" + address.path;
}

std::string host_kind(const std::string& remote_url) {
  const std::string host = address_of(remote_url).host;
  if (host.find("github") != std::string::npos) return "github";
  return host.find("gitlab") != std::string::npos ? "gitlab" : "plain";
}

Json to_json(const PullRequest& request) {
  return {{"remote", request.remote},
          {"host", request.host},
          {"branch", request.branch},
          {"target", request.target},
          {"commit", request.commit.hex()},
          {"title", request.title},
          {"text", request.text},
          {"url", string_or_null(request.url)},
          {"opened", !request.opened_by.empty()},
          {"opened_by", string_or_null(request.opened_by)},
          {"trouble", string_or_null(request.trouble)}};
}

namespace {

// What no forge knows: who approved changes of protected files, and the plan.
void require_approvals(Project& project, const model::Task& task, const git::Oid& tip) {
  const git::Oid base = project.branch_tip(task.target.empty() ? project.target_ref() : task.target);
  Guard guard = guard_of(project, project.policy(), base);
  require_approved(guard.commits(project.repo().commits_between(base, tip)), "'" + task.slug + "'",
                   {"git", "agent-guard", "approve", task.slug});
  require_plan(project, project.policy(), task, changed_paths(project, task, tip), "the pull request");
}

}  // namespace

PullRequest open_pull_request(Project& project, const PullRequestWish& wish) {
  project.require_lead("opening a pull request");
  PullRequest request;
  request.task = project.task_or_here(wish.feature);
  const model::Task& task = request.task;
  request.commit = submitted_commit(project, task);
  const std::string before = last_shown(project, "review", task.id);
  require_shown(project, {"review", task.id, task.commit, wish.at, [&] {
                            if (wish.note)
                              wish.note("'" + task.slug + "' has changed since you saw it:\n" +
                                        version_difference(project, before, task.commit));
                          }});
  require_reviewed(project, project.policy(), task, false);
  require_approvals(project, task, request.commit);
  request.target = branch_name(task.target.empty() ? project.target_ref() : task.target);
  request.branch = branch_name(task.branch);
  request.remote = chosen_remote(project, request.target);
  request.remote_url = trim(git::git_or_fail({"remote", "get-url", "--push", request.remote}, in_repository(project)));
  request.host = host_kind(request.remote_url);
  request.title = sanitize_line(task.title);
  request.text = text_of(project, request);
  request.url = page_of(request);
  if (wish.dry_run) return request;
  if (wish.progress) wish.progress("pushing " + request.branch + " to " + request.remote);
  push(project, request);
  if (wish.progress) wish.progress("opening the pull request");
  open_at_host(project, request);
  if (!request.opened_by.empty()) {
    Json bead = project.bead("decision", "Pull request opened into " + request.target + ": " + request.url, task.id);
    bead["commit"] = request.commit.hex();
    project.commit("bead.add", {{"bead", std::move(bead)}});
  }
  return request;
}

}  // namespace ga::work

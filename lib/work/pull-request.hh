// Handing a feature to a host's pull requests instead of merging it here.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "work/project.hh"

namespace ga::work {

struct PullRequest {
  model::Task task;
  std::string remote, remote_url;  ///< where the branch goes
  std::string host;                ///< github, gitlab or plain
  std::string branch, target;      ///< short names, there
  git::Oid commit;
  std::string title, text;  ///< criteria with evidence, gates, review and beads, as Markdown
  std::string url;          ///< of the request when it was opened, else where to open it; "" when the host has none
  std::string opened_by;    ///< gh or glab; "" when it is for the person to open
  std::string trouble;      ///< why the program did not open it; ""
};
Json to_json(const PullRequest& request);

/// Where a remote's address leads: "https://host/owner/name" for a page, "" for a plain one. Understands https, ssh and
/// git@host:path; credentials in it are dropped.
std::string web_address(const std::string& remote_url);
/// github, gitlab or plain, by the host's name.
std::string host_kind(const std::string& remote_url);

struct PullRequestWish {
  std::string feature, at;
  bool dry_run = false;  ///< nothing is pushed and nothing opened
  std::function<void(const std::string&)> progress, note;
};
/// Pushes the branch of a feature in review and opens a pull request by gh or glab where that is installed and the remote
/// is such a host; else what is needed to open one is in the answer. The lead's act. Refuses what a merge would refuse
/// for its state, version and review; the gates run on the host's side.
PullRequest open_pull_request(Project& project, const PullRequestWish& wish);

}  // namespace ga::work

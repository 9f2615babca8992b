// Reviews: asked for, passed, failed. One verdict on one exact commit; whatever is newer has none.
#include <algorithm>

#include "model/apply.hh"
#include "model/names.hh"
#include "model/review.hh"

namespace ga::model::detail {
namespace {

constexpr std::size_t kMaxComments = 200, kMaxComment = 4096;

const Json& member(const Json& object, const char* key) {
  static const Json none = Json::object();
  const auto found = object.find(key);
  return found == object.end() || !found->is_object() ? none : *found;
}

// What is in review, at the commit that whoever acts has looked at.
Task task_in_review(Judge& judge) {
  Task task = judge.task();
  if (task.status != Status::in_review)
    refuse(Kind::wrong_status, "'" + task.slug + "' is " + std::string(status_name(task.status)) + ", not in review",
           {"hand it in first: git agent-task done " + task.slug}, {{"status", status_name(task.status)}});
  const std::string commit = judge.arg("commit");
  if (commit.empty()) refuse(Kind::usage, "a review of no commit");
  if (commit != task.commit)
    refuse(Kind::target_moved,
           "'" + task.slug + "' is in review at " + task.commit.substr(0, 10) + " now, not at " +
               sanitize_line(fit(commit, 10)),
           {"look at it again: git agent-review show " + task.slug}, {{"commit", task.commit}});
  return task;
}

void request(Judge& judge) {
  Task task = task_in_review(judge);
  const Json& object = member(judge.op.args, "review");
  Review review;
  review.id = get_string(object, "id");
  if (!is_id(review.id)) refuse(Kind::usage, "a review without a valid id");
  if (judge.state.object("reviews", review.id).is_object()) refuse(Kind::wrong_status, "that review is there already");
  if (task.review_commit == task.commit && (task.review_state == "requested" || task.review_state == "passed"))
    refuse(Kind::wrong_status,
           task.review_state == "passed" ? "'" + task.slug + "' has passed its review at this commit"
                                         : "a review of '" + task.slug + "' at this commit is asked for already",
           {"git agent-review show " + task.slug});
  review.reviewer = get_string(object, "reviewer");
  const auto authors = authors_of(task);
  if (std::find(authors.begin(), authors.end(), review.reviewer) != authors.end())
    refuse(Kind::not_approved, "'" + sanitize_line(review.reviewer) + "' has worked on '" + task.slug + "'",
           {"ask somebody else"});
  review.task = task.id;
  review.commit = task.commit;
  review.state = "requested";
  review.requested_by = judge.op.actor.name;
  review.text = get_string(object, "text");
  if (review.text.size() > kMaxText) refuse(Kind::usage, "the text is too long (at most 256 KiB)");
  review.time = judge.op.time;
  judge.put("reviews", review.id, to_json(review));
  task.review_state = "requested";
  task.review_commit = task.commit;
  judge.save(task);
  judge.summary("review asked for at " + task.commit.substr(0, 10), task);
}

// A run of a reviewer of this task that we started, by the agent that acts.
bool is_reviewer_run(Judge& judge, const Task& task, const std::string& id) {
  const Json object = id.empty() || !is_id(id) ? Json() : judge.state.object("runs", id);
  if (!object.is_object()) return false;
  const Run run = run_from_json(object);
  return run.task == task.id && run.agent == judge.op.actor.name && get_string(run.extra, "role") == "reviewer" &&
         run.ended == 0;
}

std::vector<ReviewComment> read_comments(const Review& review) {
  if (review.comments.size() > kMaxComments)
    refuse(Kind::usage, "too many remarks (at most " + std::to_string(kMaxComments) + ")");
  for (const ReviewComment& comment : review.comments)
    if (comment.text.size() > kMaxComment || comment.file.size() > kMaxComment)
      refuse(Kind::usage, "a remark is too long (at most 4 KiB)");
  return review.comments;
}

// The request that this verdict answers keeps its id, so that there is one object for one review.
Review answered(Judge& judge, const Task& task, const Review& given) {
  Review review;
  review.id = given.id;
  const Json before = judge.state.object("reviews", given.id);
  if (before.is_object()) {
    review = review_from_json(before);
    if (review.state != "requested" || review.task != task.id || review.commit != task.commit)
      refuse(Kind::wrong_status, "that review has its verdict already");
  }
  return review;
}

void give_verdict(Judge& judge, bool passed) {
  Task task = task_in_review(judge);
  const auto authors = authors_of(task);
  if (std::find(authors.begin(), authors.end(), judge.op.actor.name) != authors.end())
    refuse(Kind::not_approved,
           "'" + sanitize_line(judge.op.actor.name) + "' has worked on '" + task.slug +
               "', and nobody reviews work of their own",
           {"let a reviewer do it: git agent-spin --role reviewer --task " + task.slug});
  const Review given = review_from_json(member(judge.op.args, "review"));
  if (!is_id(given.id)) refuse(Kind::usage, "a review without a valid id");
  Review review = answered(judge, task, given);
  review.task = task.id;
  review.commit = task.commit;
  review.state = passed ? "passed" : "failed";
  review.by = judge.op.actor.name;
  review.run = given.run;
  review.declared = judge.op.actor.person                     ? "person"
                    : is_reviewer_run(judge, task, given.run) ? "run"
                                                              : "self-declared";
  review.text = given.text;
  review.comments = read_comments(given);
  review.time = judge.op.time;
  if (review.text.size() > kMaxText) refuse(Kind::usage, "the text is too long (at most 256 KiB)");
  if (!passed && trim(review.text).empty() && review.comments.empty())
    refuse(Kind::usage, "say what is wrong, with -m or --comment");
  judge.put("reviews", review.id, to_json(review));
  task.review_commit = task.commit;
  task.review_state = review.counts() ? review.state : review.declared;
  // Anybody's word may help; only one that counts sends the work back.
  if (!passed && review.counts()) {
    judge.step(task, Event::rework);
    task.reason = "the review by " + sanitize_line(review.by) + " failed: " + review.text +
                  (review.text.empty() || review.text.back() == '\n' ? "" : "\n") + comments_text(review);
    const std::string tree = judge.arg("tree");
    auto& known = task.failed_trees;
    if (!tree.empty() && std::find(known.begin(), known.end(), tree) == known.end()) {
      known.push_back(tree);
      ++task.iteration;
    }
  }
  judge.save(task);
  judge.save_bead(task.commit);
  judge.summary(std::string("review ") + (passed ? "passed" : "failed") + (review.counts() ? "" : " (self-declared)"),
                task);
}

}  // namespace

void apply_review_operation(Judge& judge) {
  const std::string& kind = judge.op.kind;
  if (kind == "review.request") return request(judge);
  if (kind == "review.pass") return give_verdict(judge, true);
  if (kind == "review.fail") return give_verdict(judge, false);
  judge.leave_alone();
}

}  // namespace ga::model::detail

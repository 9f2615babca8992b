// A review: one verdict on one exact commit of a task.
#pragma once

#include <string>
#include <vector>

#include "model/task.hh"
#include "util/clock.hh"
#include "util/json.hh"

namespace ga::model {

/// A remark on one line; `line` 0: on the file as a whole.
struct ReviewComment {
  std::string file;
  int line = 0;
  std::string text;
};

struct Review {
  std::string id, task, commit;
  std::string state;         ///< requested, passed, failed
  std::string requested_by;  ///< who asked; "" for a verdict nobody asked for
  std::string reviewer;      ///< who was asked; "" for whoever comes
  std::string by;            ///< who gave the verdict
  std::string run;           ///< id of the reviewer's run
  /// Whose word the verdict is: "person", "run" (of a reviewer that we started), or "self-declared", which counts for
  /// nothing.
  std::string declared;
  std::string text;
  std::vector<ReviewComment> comments;
  Time time = 0;
  Json extra = Json::object();

  bool counts() const { return declared == "person" || declared == "run"; }
};
/// `{"id","task","commit","state","requested_by","reviewer","by","run","declared","text","comments":[{"file","line",
/// "text"}],"time"}`; from_json() accepts every object.
Json to_json(const Review& review);
Review review_from_json(const Json& object);

/// Who has worked on a task, as far as its claims tell: they do not review it.
std::vector<std::string> authors_of(const Task& task);

/// "src/a.js:12: TEXT" for each remark.
std::string comments_text(const Review& review);

}  // namespace ga::model

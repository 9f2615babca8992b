#include "model/review.hh"

#include <algorithm>

#include "util/text.hh"

namespace ga::model {

Json to_json(const Review& review) {
  Json out = review.extra.is_object() ? review.extra : Json::object();
  Json comments = Json::array();
  for (const ReviewComment& comment : review.comments)
    comments.push_back({{"file", comment.file}, {"line", comment.line}, {"text", comment.text}});
  for (const auto& [key, value] : {std::pair<const char*, const std::string&>{"id", review.id},
                                   {"task", review.task},
                                   {"commit", review.commit},
                                   {"state", review.state},
                                   {"requested_by", review.requested_by},
                                   {"reviewer", review.reviewer},
                                   {"by", review.by},
                                   {"run", review.run},
                                   {"declared", review.declared},
                                   {"text", review.text}})
    if (!value.empty()) out[key] = value;
  if (!comments.empty()) out["comments"] = comments;
  out["time"] = format_time(review.time);
  return out;
}

Review review_from_json(const Json& object) {
  Review review;
  review.id = get_string(object, "id");
  review.task = get_string(object, "task");
  review.commit = get_string(object, "commit");
  review.state = get_string(object, "state");
  review.requested_by = get_string(object, "requested_by");
  review.reviewer = get_string(object, "reviewer");
  review.by = get_string(object, "by");
  review.run = get_string(object, "run");
  review.declared = get_string(object, "declared");
  review.text = get_string(object, "text");
  review.time = parse_time(get_string(object, "time"));
  const auto comments = object.is_object() ? object.find("comments") : object.end();
  if (comments != object.end() && comments->is_array())
    for (const Json& comment : *comments)
      review.comments.push_back({get_string(comment, "file"),
                                 static_cast<int>(std::clamp<std::int64_t>(get_int(comment, "line"), 0, 1 << 30)),
                                 get_string(comment, "text")});
  if (object.is_object())
    for (const auto& [key, value] : object.items())
      if (const Json known = {"id", "task", "commit", "state", "requested_by", "reviewer", "by", "run", "declared",
                              "text", "comments", "time"};
          std::find(known.begin(), known.end(), Json(key)) == known.end())
        review.extra[key] = value;
  return review;
}

std::vector<std::string> authors_of(const Task& task) {
  std::vector<std::string> authors = get_strings(task.extra, "workers");
  if (!task.worker.empty() && std::find(authors.begin(), authors.end(), task.worker) == authors.end())
    authors.push_back(task.worker);
  return authors;
}

std::string comments_text(const Review& review) {
  std::string text;
  for (const ReviewComment& comment : review.comments)
    text += sanitize_line(comment.file) + (comment.line > 0 ? ":" + std::to_string(comment.line) : "") + ": " +
            sanitize_line(comment.text) + "\n";
  return text;
}

}  // namespace ga::model

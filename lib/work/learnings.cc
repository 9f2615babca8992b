#include "work/learnings.hh"

#include <algorithm>

#include "model/names.hh"
#include "util/clock.hh"
#include "util/error.hh"
#include "util/text.hh"

namespace ga::work {
namespace {

Json proposal(std::string_view answer, const char* kind) {
  model::Learning learning = model::proposal(answer, kind);
  learning.id = new_id();
  return model::to_json(learning);
}

// A message to whoever proposed it.
Json tell(const model::Learning& learning, const std::string& text) {
  if (learning.by.empty()) return Json::array();
  return Json::array({{{"id", new_id()}, {"to", learning.by}, {"text", text}}});
}

std::string short_id(const model::Learning& learning) { return learning.id.substr(0, 8); }

// The lines of a file that say something, with their numbers.
void remark_on_lines(Project& project, const model::Learning& learning, std::vector<Remark>& remarks) {
  const std::string path = file_of(learning);
  int number = 0;
  for (const std::string& raw : split_lines(curated_text(project, path))) {
    ++number;
    std::string line = trim(raw);
    if (line.empty() || line[0] == '#' || line[0] == '`' || starts_with(line, "<!--")) continue;
    if (line.size() > 2 && (line[0] == '-' || line[0] == '*') && line[1] == ' ') line = trim(line.substr(2));
    const auto likeness = line == learning.text ? model::Likeness::same : model::compare_rules(learning.text, line);
    if (likeness != model::Likeness::none) remarks.push_back({likeness, path + ":" + std::to_string(number), line});
  }
}

}  // namespace

std::string file_of(const model::Learning& learning) {
  return learning.kind == "prompt" ? std::string(kPromptsFolder) + "/" + learning.section + ".md" : kRulesFile;
}

std::string curated_text(Project& project, const std::string& path) {
  const git::Repository& repo = project.repo();
  const git::Oid tree = git::tree_of(repo, project.branch_tip(project.target_ref()));
  const auto entry = tree.zero() ? std::nullopt : repo.entry_at(tree, path);
  const bool is_file = entry && (entry->mode == 0100644 || entry->mode == 0100755);
  return is_file ? repo.read_blob(entry->id).value_or("") : "";
}

Reflected reflect(Project& project, const model::Task& task, std::string_view text) {
  const auto read = model::read_reflection(text);
  if (!read.problem.empty())
    fail_usage("the reflection cannot be taken: " + read.problem,
               {"three answers under their headings; 'git agent-reflect --template' prints the form",
                "where there is nothing to say, write: none"});
  model::Reflection reflection = read.reflection;
  reflection.id = new_id();
  if (!task.branch.empty())
    if (const git::Oid tip = project.branch_tip(task.branch); !tip.zero()) reflection.commit = tip.hex();
  Json proposals = Json::array();
  if (!reflection.pattern.empty()) proposals.push_back(proposal(reflection.pattern, "rule"));
  if (!reflection.improvement.empty()) proposals.push_back(proposal(reflection.improvement, "prompt"));
  Json args = {{"task", task.id}, {"reflection", model::to_json(reflection)}, {"learnings", proposals}};
  if (!reflection.surprise.empty()) {
    args["bead"] = project.bead("gotcha", reflection.surprise, task.id, "reflection");
    if (!reflection.commit.empty()) args["bead"]["commit"] = reflection.commit;
  }
  const std::string fence = project.fence_for(task);
  if (!fence.empty()) args["fence"] = fence;
  project.commit("reflect", std::move(args));
  auto state = project.ledger().state();
  Reflected made{model::reflection_from_json(state.object("reflections", reflection.id)), {}};
  for (const Json& one : proposals)
    made.learnings.push_back(model::learning_from_json(state.object("learnings", get_string(one, "id"))));
  return made;
}

bool owes_reflection(const model::Task& task) {
  return task.reflected == 0 || (task.claim && task.reflected < task.claim->since);
}

std::vector<Remark> remarks_on(Project& project, const model::Learning& learning) {
  std::vector<Remark> remarks;
  remark_on_lines(project, learning, remarks);
  for (const model::Learning& other : learnings(project, "", learning.kind)) {
    if (other.id == learning.id || other.section != learning.section || other.state == "approved") continue;
    const auto likeness = model::compare_rules(learning.text, other.text);
    if (likeness != model::Likeness::none)
      remarks.push_back({likeness, "learning " + short_id(other) + " (" + other.state + ")", other.text});
  }
  return remarks;
}

std::vector<model::Learning> learnings(Project& project, const std::string& state, const std::string& kind) {
  std::vector<model::Learning> list;
  project.index().each_object("learnings", "", [&](const Json& object) {
    model::Learning learning = model::learning_from_json(object);
    if ((state.empty() || learning.state == state) && (kind.empty() || learning.kind == kind))
      list.push_back(std::move(learning));
    return true;
  });
  return list;
}

model::Learning find_learning(Project& project, const std::string& id) {
  if (!model::is_id_prefix(id))
    fail_usage("'" + sanitize_line(fit(id, 40)) + "' is no learning's id",
               {"ids are hexadecimal; see 'git agent-learn list --all'"});
  const auto ids = project.index().objects_with_prefix("learnings", id, 5);
  if (ids.empty()) throw Error(Kind::not_found, "no learning '" + id + "'", {"see 'git agent-learn list --all'"});
  if (ids.size() > 1) throw Error(Kind::usage, "'" + id + "' is the beginning of several learnings' ids", ids);
  auto state = project.ledger().state();
  return model::learning_from_json(state.object("learnings", ids.front()));
}

Json to_json(const model::Learning& learning) {
  return {{"id", learning.id},
          {"kind", learning.kind},
          {"text", learning.text},
          {"section", learning.section},
          {"file", file_of(learning)},
          {"task", string_or_null(learning.task)},
          {"by", string_or_null(learning.by)},
          {"state", learning.state},
          {"reason", string_or_null(learning.reason)},
          {"decided_by", string_or_null(learning.decided_by)},
          {"decided", learning.decided == 0 ? Json() : Json(format_time(learning.decided))},
          {"commit", string_or_null(learning.commit)},
          {"approval", string_or_null(learning.approval)},
          {"time", format_time(learning.time)}};
}

void edit_learning(Project& project, const model::Learning& learning, const std::string& text,
                   const std::string& section) {
  Json args = {{"learning", learning.id}};
  if (!text.empty()) args["text"] = text;
  if (!section.empty()) args["section"] = section;
  project.commit("learn.edit", std::move(args));
}

void reject_learning(Project& project, const model::Learning& learning, const std::string& why) {
  const std::string text = "Rejected: " + learning.text + "\n\n" + why;
  project.commit("learn.reject",
                 {{"learning", learning.id},
                  {"why", why},
                  {"bead", project.bead("decision", text, learning.task, "learning " + short_id(learning))},
                  {"tell", tell(learning, "your proposal '" + fit(learning.text, 120) + "' was rejected: " + why)}});
}

}  // namespace ga::work

// What a merge writes into commits and beads.
#include <algorithm>
#include <set>

#include "model/bead.hh"
#include "util/text.hh"
#include "work/merge-steps.hh"
#include "work/merge.hh"
#include "work/move.hh"
#include "work/trailers.hh"

namespace ga::work {
namespace {

// Only we write these, so whatever an agent's own commit says there is taken off.
const std::vector<std::string> kOurs = {"Agent-Task", "Agent-Name", "Agent-Decision", "Agent-Gates"};

// Commits that earlier merges (of children) made: their trailers are ours.
std::set<std::string> written_before(Project& project, const Rebase& plan) {
  std::set<std::string> mine, asked;
  for (const Pick& pick : plan.picks)
    for (const auto& [name, value] : trailers_of(pick.original.message))
      if (name == kOurs.front()) asked.insert(pick.original.id.hex());
  if (asked.empty()) return mine;
  for (const Json& merge : project.index().objects("merges")) {
    const auto commits = merge.find("commits");
    if (commits == merge.end() || !commits->is_object()) continue;
    for (const auto& [before, after] : commits->items())
      if (after.is_string() && asked.contains(after.get<std::string>())) mine.insert(after.get<std::string>());
  }
  return mine;
}

// One line of the last decision or outcome; an outcome's first line is often only the title.
std::string last_decision(Project& project, const model::Task& task) {
  for (const Json& object : project.index().objects("beads", task.id)) {
    const model::Bead bead = model::bead_from_json(object);
    if (bead.kind != "decision" && bead.kind != "outcome") continue;
    std::string text = trim(bead.text);
    if (starts_with(text, task.title + "\n")) text = trim(text.substr(task.title.size() + 1));
    return trailer_value(text);
  }
  return "";
}

class Messages {
 public:
  Messages(Project& project, const model::Task& task, const Rebase& plan, const std::string& gates)
      : before_(written_before(project, plan)) {
    identity_ = {{"Agent-Task", task.slug + " " + project.short_id(task.id)}};
    identity_.emplace_back("Agent-Name", trailer_value(task.worker.empty() ? project.actor().name : task.worker));
    if (const std::string decision = last_decision(project, task); !decision.empty())
      verdict_.emplace_back("Agent-Decision", decision);
    verdict_.emplace_back("Agent-Gates", trailer_value(gates));
  }

  // Who made it stands on every commit; decision and gates on the last, whose tree they are about.
  std::string of(const git::CommitInfo& commit, bool last) const {
    const bool kept = before_.contains(commit.id.hex());
    std::vector<Trailer> added;
    if (!kept || last) added = identity_;
    if (last) added.insert(added.end(), verdict_.begin(), verdict_.end());
    if (!kept) return with_trailers(commit.message, kOurs, added);
    return last ? with_trailers(commit.message, {"Agent-Decision", "Agent-Gates"}, added) : commit.message;
  }
  std::string whole(const std::string& text) const {
    std::vector<Trailer> added = identity_;
    added.insert(added.end(), verdict_.begin(), verdict_.end());
    return with_trailers(text, kOurs, added);
  }

 private:
  std::set<std::string> before_;
  std::vector<Trailer> identity_, verdict_;
};

using Commits = std::vector<std::pair<git::Oid, git::Oid>>;

// Dropped commits stand where the last kept one before them stands.
void map_dropped(const Rebase& plan, const std::vector<git::Oid>& written, Commits& commits) {
  for (const auto& [id, before] : plan.dropped)
    commits.emplace_back(id,
                         before == 0 || written.empty() ? plan.onto : written[std::min(before, written.size()) - 1]);
}

git::Oid write_squash(Project& project, const model::Task& task, const Rebase& plan, const Messages& messages,
                      Commits& commits) {
  std::string text = sanitize_line(task.title) + "\n";
  for (const Pick& pick : plan.picks)
    if (plan.picks.size() > 1)
      text +=
          std::string(&pick == &plan.picks.front() ? "\n" : "") + "* " + sanitize_line(pick.original.subject()) + "\n";
  if (plan.picks.size() == 1) text = plan.picks.front().original.message;
  CommitWriter writer(project);
  const git::Oid id =
      writer.write(plan.tree, {plan.onto}, plan.picks.back().original.author, messages.whole(normalize_utf8(text)));
  for (const Pick& pick : plan.picks) commits.emplace_back(pick.original.id, id);
  map_dropped(plan, {id}, commits);
  return id;
}

}  // namespace

std::string gates_summary(const std::vector<gates::Verdict>& verdicts) {
  if (!gates::was_tested(verdicts)) return "unverified: no test gate";
  std::vector<std::string> words;
  // The built-in gates pass wherever anything is merged.
  for (const gates::Verdict& verdict : verdicts)
    if (!verdict.builtin)
      words.push_back(sanitize_line(verdict.gate) + "=" + std::string(gates::outcome_name(verdict.outcome)));
  return join(words, " ");
}

git::Oid write_result(Project& project, const model::Task& task, const Rebase& plan, MergeStyle style,
                      const std::string& target, const std::string& gates, Commits& commits) {
  commits.clear();
  if (plan.empty()) {
    map_dropped(plan, {}, commits);
    return plan.onto;
  }
  const Messages messages(project, task, plan, gates);
  if (style == MergeStyle::squash) return write_squash(project, task, plan, messages, commits);
  CommitWriter writer(project);
  std::vector<git::Oid> written;
  git::Oid tip = plan.onto;
  for (const Pick& pick : plan.picks) {
    const bool last = &pick == &plan.picks.back() && style != MergeStyle::no_ff;
    tip = writer.rewrite(pick.original, pick.tree, {tip}, messages.of(pick.original, last));
    written.push_back(tip);
    commits.emplace_back(pick.original.id, tip);
  }
  map_dropped(plan, written, commits);
  if (style != MergeStyle::no_ff) return tip;
  const std::string text = "Merge branch '" + branch_name(task.branch) + "' into " + branch_name(target) + "\n\n" +
                           sanitize_line(task.title) + "\n";
  return writer.write(plan.tree, {plan.onto, tip}, writer.committer(), messages.whole(text));
}

Json merge_bead(Project& project, const MergeResult& result, const std::string& gates) {
  const model::Task& task = result.task;
  std::string text = "merged '" + sanitize_line(task.title) + "' into " + branch_name(result.target) + ": " +
                     std::to_string(result.commits.size()) + (result.commits.size() == 1 ? " commit" : " commits");
  if (!task.worker.empty()) text += " by " + sanitize_line(task.worker);
  for (const model::Criterion& criterion : task.accept) {
    text += "\n" + std::string(criterion.done ? "[x] " : "[ ] ") + sanitize_line(criterion.text);
    if (!criterion.evidence.empty()) text += " -- " + sanitize_line(criterion.evidence);
  }
  text += "\ngates: " + gates;
  Json bead = project.bead("merge", text, task.id, gates);
  bead["gates"] = gates::verdicts_record(result.verdicts, kMergeEvent);
  return bead;
}

}  // namespace ga::work

#include "work/beads.hh"

#include <algorithm>
#include <map>

#include "model/names.hh"
#include "util/error.hh"
#include "util/text.hh"

namespace ga::work {
namespace {

// What each one that was superseded has been superseded by.
std::map<std::string, std::string> successors(Project& project) {
  std::map<std::string, std::string> by;
  project.index().each_object("beads", "", [&](const Json& object) {
    if (const std::string old = get_string(object, "supersedes"); !old.empty())
      by.emplace(old, get_string(object, "id"));
    return true;
  });
  return by;
}

class Reader {
 public:
  explicit Reader(Project& project) : project_(project), successors_(successors(project)) {}

  BeadView view(const Json& object) {
    BeadView view{model::bead_from_json(object), "", ""};
    view.slug = slug(view.bead.task);
    if (const auto by = successors_.find(view.bead.id); by != successors_.end()) view.superseded_by = by->second;
    return view;
  }

 private:
  const std::string& slug(const std::string& task) {
    const auto [at, fresh] = slugs_.try_emplace(task);
    if (fresh && !task.empty())
      if (const auto found = project_.index().task(task)) at->second = found->slug;
    return at->second;
  }

  Project& project_;
  std::map<std::string, std::string> successors_, slugs_;
};

bool has_words(const BeadView& view, const std::vector<std::string>& folded) {
  if (folded.empty()) return true;
  const std::string text = fold_case(view.bead.kind + "\n" + view.bead.text + "\n" + view.bead.evidence + "\n" +
                                     view.bead.agent + "\n" + view.slug);
  return std::all_of(folded.begin(), folded.end(),
                     [&](const std::string& word) { return text.find(word) != std::string::npos; });
}

}  // namespace

Json to_json(const BeadView& view) {
  const model::Bead& bead = view.bead;
  return {{"id", bead.id},
          {"kind", bead.kind},
          {"text", bead.text},
          {"task", string_or_null(bead.task)},
          {"commit", string_or_null(bead.commit)},
          {"agent", string_or_null(bead.agent)},
          {"client", string_or_null(bead.client)},
          {"model", string_or_null(bead.model)},
          {"evidence", string_or_null(bead.evidence)},
          {"operation", string_or_null(bead.operation)},
          {"time", format_time(bead.time)},
          {"supersedes", string_or_null(bead.supersedes)},
          {"superseded_by", string_or_null(view.superseded_by)}};
}

void each_bead(Project& project, const BeadFilter& filter, const std::function<bool(const BeadView&)>& visit) {
  Reader reader(project);
  std::vector<std::string> folded;
  for (const std::string& word : filter.words) folded.push_back(fold_case(word));
  project.index().each_object("beads", filter.task, [&](const Json& object) {
    const BeadView view = reader.view(object);
    if (!filter.kind.empty() && view.bead.kind != filter.kind) return true;
    if (!filter.commit.zero() && view.bead.commit != filter.commit.hex()) return true;
    if (!filter.superseded && !view.superseded_by.empty()) return true;
    return !has_words(view, folded) || visit(view);
  });
}

BeadView find_bead(Project& project, const std::string& id) {
  if (!model::is_id_prefix(id))
    fail_usage("'" + sanitize_line(fit(id, 40)) + "' is no bead's id",
               {"ids are hexadecimal; see 'git agent-bead list'"});
  const auto ids = project.index().objects_with_prefix("beads", id, 5);
  if (ids.empty()) throw Error(Kind::not_found, "no bead '" + id + "'", {"see 'git agent-bead list --all'"});
  if (ids.size() > 1) throw Error(Kind::usage, "'" + id + "' is the beginning of several beads' ids", ids);
  auto state = project.ledger().state();
  return Reader(project).view(state.object("beads", ids.front()));
}

}  // namespace ga::work

#include "interop/plan.hh"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "model/graph.hh"
#include "model/imported.hh"
#include "model/names.hh"
#include "util/parallel.hh"
#include "util/text.hh"

namespace ga::interop {
namespace {

using model::Task;

// Deeper than this the ledger takes no children; some are left for those that are added here.
constexpr std::size_t kMaxLevels = 48;
constexpr std::array kOwnWords = {"title", "description"};

class Planner {
 public:
  Planner(model::State& state, const std::string& from, Reading reading)
      : state_(state), from_(from), reading_(std::move(reading)) {
    plan_.skipped = std::move(reading_.skipped);
    plan_.warnings = std::move(reading_.warnings);
  }

  ImportPlan run() {
    choose_newest();
    for_all([&](Entry& entry) { describe(entry); });
    for (Entry& entry : entries_) prepare(entry);
    for (Entry& entry : entries_) link_parent(entry);
    for (Entry& entry : entries_) check_parent(entry);
    for (Entry& entry : entries_) link_needs(entry);
    for (Entry& entry : entries_) entry.same_again = entry.mine && is_same_again(entry);
    drop_cycles();
    for_all([&](Entry& entry) { entry.object = object_of(entry); });
    for (Entry& entry : entries_) emit(entry);
    keep_until_exit(std::move(entries_));
    const auto by_line = [](const Remark& a, const Remark& b) { return a.line < b.line; };
    std::stable_sort(plan_.skipped.begin(), plan_.skipped.end(), by_line);
    std::stable_sort(plan_.warnings.begin(), plan_.warnings.end(), by_line);
    return std::move(plan_);
  }

 private:
  struct Entry {
    Record record;
    std::optional<Task> mine;
    bool left_out = false;
    bool same_again = false;                               // the record and its links are what the last import had
    std::vector<std::string> same;                         // members of the record that the task says in the same words
    std::string text;                                      // the record without them
    Json object;                                           // the task as the operation has it
    std::unordered_map<std::string, std::size_t> need_at;  // task id: its place in record.needs
  };

  void warn(const Record& record, const std::string& reason) {
    plan_.warnings.push_back({record.line, record.shown, reason});
  }
  void skip(const Record& record, const std::string& reason, bool expected = false) {
    plan_.skipped.push_back({record.line, record.shown, reason, expected});
  }

  static bool is_newer(const Record& a, const Record& b) {
    return std::tuple(a.version, a.deleted, a.line) > std::tuple(b.version, b.deleted, b.line);
  }

  void choose_newest() {
    entries_.reserve(reading_.records.size());
    for (Record& record : reading_.records) {
      const auto [at, fresh] = by_id_.try_emplace(record.id, entries_.size());
      if (fresh) {
        entries_.push_back({.record = std::move(record)});
        continue;
      }
      Record& kept = entries_[at->second].record;
      if (is_newer(record, kept)) std::swap(record, kept);
      skip(record, "the id stands here twice: line " + std::to_string(kept.line) + " is newer");
    }
  }

  // What needs nothing but the entry, side by side.
  void for_all(const std::function<void(Entry&)>& work) {
    constexpr std::size_t kWorthAThread = 200;
    side_by_side(stretches(entries_.size(), kWorthAThread), [&](std::size_t, Stretch part) {
      for (std::size_t i = part.begin; i < part.end; ++i) work(entries_[i]);
    });
  }

  // Id, slug, and the record as it is kept.
  void describe(Entry& entry) const {
    Task& task = entry.record.task;
    task.id = model::import_id(from_, entry.record.id);
    if (!model::is_slug(task.slug)) task.slug = model::slug_for(task.title);
    strip_own_words(entry);
  }

  // What is there already.
  void prepare(Entry& entry) {
    const Task& task = entry.record.task;
    entry.left_out = is_too_large(entry);
    if (entry.left_out) skip(entry.record, "it is larger than the ledger keeps a task (768 KiB)");
    else entry.mine = state_.task(task.id);
  }

  // With room for links, and for what later operations add.
  bool is_too_large(const Entry& entry) const {
    constexpr std::size_t kMost = 700 * 1024, kSurelyLess = 64 * 1024;
    const Task& task = entry.record.task;
    std::size_t size = entry.text.size() + task.description.size();
    for (const model::ProgressNote& note : task.notes) size += note.text.size();
    return size > kSurelyLess && canonical(object_of(entry)).size() > kMost;
  }

  // The title and the description are most of a record: they are not kept twice.
  static void strip_own_words(Entry& entry) {
    const Task& task = entry.record.task;
    Json& record = entry.record.original;
    const std::array own = {&task.title, &task.description};
    for (std::size_t i = 0; i < own.size(); ++i) {
      const auto found = record.find(kOwnWords[i]);
      if (found == record.end() || !found->is_string() || found->get_ref<const std::string&>() != *own[i]) continue;
      record.erase(found);
      entry.same.emplace_back(kOwnWords[i]);
    }
    entry.text = canonical(record);
    record = nullptr;
  }

  bool is_same_again(const Entry& entry) const {
    const auto origin = entry.mine->extra.find("origin");
    return origin != entry.mine->extra.end() && *origin == object_of(entry)["origin"];
  }

  // The record of that id, if it is to be a task.
  const Entry* entry(const std::string& id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() || entries_[found->second].record.deleted || entries_[found->second].left_out
               ? nullptr
               : &entries_[found->second];
  }
  // The task that a foreign id names: of this file, or of an import before.
  std::string task_of(const std::string& id) {
    if (const Entry* other = entry(id)) return other->record.task.id;
    std::string task = model::import_id(from_, id);
    return by_id_.count(id) == 0 && state_.has_task(task) ? task : "";
  }

  void link_parent(Entry& entry) {
    const Record& record = entry.record;
    if (record.parent.empty() || record.deleted) return;
    const std::string parent = task_of(record.parent);
    if (!parent.empty() && parent != record.task.id) entry.record.task.parent = parent;
    else if (record.parent == record.id) warn(record, "it is its own parent");
    else if (record.parent_is_guess) warn(record, "an orphan: its parent '" + fit(record.parent, 60) + "' is not here");
    else warn(record, "its parent '" + fit(record.parent, 60) + "' is not here");
  }

  // Up to the top without coming back, and not too far; and no open task below one that has ended.
  void check_parent(Entry& entry) {
    Task& task = entry.record.task;
    std::size_t levels = 0;
    for (const Entry* above = &entry; !above->record.task.parent.empty(); ++levels) {
      const Entry* parent = this->entry(above->record.parent);
      if (parent == &entry || levels > kMaxLevels) {
        warn(entry.record, levels > kMaxLevels ? "it lies too deep below others: without its parent"
                                               : "it lies below itself: without its parent");
        task.parent.clear();
        return;
      }
      if (parent == nullptr) break;
      above = parent;
    }
    if (task.parent.empty() || !task.open() || !has_ended(this->entry(entry.record.parent), task.parent)) return;
    warn(entry.record, "it is open, its parent '" + fit(entry.record.parent, 60) + "' has ended: without its parent");
    task.parent.clear();
  }

  // In the file, or here: what ended here stays so whatever the file says of it.
  bool has_ended(const Entry* parent, const std::string& id) {
    if (parent != nullptr && !parent->record.task.open()) return true;
    const auto here = state_.task(id);
    return here && !here->open();
  }

  void link_needs(Entry& entry) {
    const Record& record = entry.record;
    if (record.deleted) return;
    for (std::size_t i = 0; i < record.needs.size(); ++i) {
      const std::string& id = record.needs[i].id;
      const std::string on = task_of(id);
      if (on.empty()) warn(record, "it needs '" + fit(id, 80) + "', which is not here");
      else if (on == record.task.id) warn(record, "it needs itself");
      else if (entry.need_at.emplace(on, i).second) entry.record.task.needs.push_back(on);
    }
  }

  // The graph as it would become, with nothing in it but links.
  void put_links(model::MemoryState& world) {
    for (const Entry& entry : entries_) {
      const Task& task = entry.record.task;
      if (entry.left_out || (entry.record.deleted && !entry.mine)) continue;
      Json links = {{"slug", task.slug}, {"parent", task.parent}, {"needs", task.needs}};
      if (entry.same_again) {
        links = {{"slug", entry.mine->slug}, {"parent", entry.mine->parent}, {"needs", entry.mine->needs}};
      } else if (entry.mine) {
        const auto merged = model::merge_import(*entry.mine, model::task_from_json(object_of(entry)));
        const Task& then = merged ? *merged : *entry.mine;
        links = {{"slug", then.slug}, {"parent", then.parent}, {"needs", then.needs}};
      }
      world.put("tasks", task.id, std::move(links));
    }
  }

  // The usual case, decided cheaply: everything is new, and has an order even if each need counted for all that lies
  // above it too, which is more than a lifted one does.
  bool is_plainly_acyclic() const {
    std::vector<std::vector<std::size_t>> before(entries_.size());
    std::vector<int> waiting(entries_.size(), 0);
    const auto add = [&](std::size_t first, std::size_t then) {
      before[first].push_back(then);
      ++waiting[then];
    };
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const Record& record = entries_[i].record;
      if (entries_[i].mine) return false;
      if (!record.task.parent.empty())
        if (const auto parent = by_id_.find(record.parent); parent != by_id_.end()) add(i, parent->second);
      for (const auto& [on, at] : entries_[i].need_at)
        for (const Entry* way = entry(record.needs[at].id); way != nullptr;
             way = way->record.task.parent.empty() ? nullptr : entry(way->record.parent))
          add(static_cast<std::size_t>(way - entries_.data()), i);
    }
    std::vector<std::size_t> free;
    for (std::size_t i = 0; i < entries_.size(); ++i)
      if (waiting[i] == 0) free.push_back(i);
    std::size_t done = 0;
    for (; !free.empty(); ++done) {
      const std::size_t at = free.back();
      free.pop_back();
      for (const std::size_t then : before[at])
        if (--waiting[then] == 0) free.push_back(then);
    }
    return done == entries_.size();
  }

  void drop_cycles() {
    if (std::all_of(entries_.begin(), entries_.end(), [](const Entry& e) { return e.same_again; })) return;
    if (is_plainly_acyclic()) return;
    // Nothing here can lie behind tasks that are all new: then the state below need not be asked.
    const bool all_new =
        std::none_of(entries_.begin(), entries_.end(), [](const Entry& e) { return e.mine.has_value(); });
    model::MemoryState world(all_new ? nullptr : &state_);
    put_links(world);
    std::vector<std::string> ids;
    std::unordered_map<std::string, Entry*> by_task;
    for (Entry& entry : entries_) {
      ids.push_back(entry.record.task.id);
      by_task[ids.back()] = &entry;
    }
    const auto ages = ages_of_needs();
    const auto age = [&](const model::Need& need) {
      const auto found = ages.find(need.task + need.on);
      return found == ages.end() ? -1 : found->second;
    };
    for (const model::Need& need : model::needs_to_drop(world, ids, age)) {
      Entry& entry = *by_task.at(need.task);
      const std::string& id = entry.record.needs[entry.need_at.at(need.on)].id;
      entry.same_again = false;
      auto& needs = entry.record.task.needs;
      needs.erase(std::remove(needs.begin(), needs.end(), need.on), needs.end());
      warn(entry.record, "it needs '" + fit(id, 80) + "', which waits for it: left out");
    }
  }

  // The newest need has the greatest number; where the file does not say, the last one in it is the newest.
  std::unordered_map<std::string, std::int64_t> ages_of_needs() const {
    std::vector<std::tuple<std::string, std::size_t, std::size_t, std::string>> all;
    for (std::size_t i = 0; i < entries_.size(); ++i)
      for (const auto& [on, at] : entries_[i].need_at)
        all.emplace_back(entries_[i].record.needs[at].since, i, at, entries_[i].record.task.id + on);
    std::sort(all.begin(), all.end());
    std::unordered_map<std::string, std::int64_t> ages;
    for (std::size_t i = 0; i < all.size(); ++i) ages[std::get<3>(all[i])] = static_cast<std::int64_t>(i);
    return ages;
  }

  // The task with its origin, as the operation has it.
  Json object_of(const Entry& entry) const {
    const Task& task = entry.record.task;
    Json object = model::to_json(task);
    object.erase("updated");
    if (task.created <= 0) object.erase("created");
    const model::Origin origin{from_, entry.record.id, entry.text, entry.same, task.updated, entry.record.deleted, {}};
    object["origin"] = model::origin_json(origin, object);
    return object;
  }

  void emit(Entry& entry) {
    const Record& record = entry.record;
    if (entry.left_out) return;
    if (entry.same_again) {
      ++plan_.unchanged;
      return;
    }
    if (record.deleted && !entry.mine) return skip(record, "deleted there", true);
    Json& object = entry.object;
    if (!entry.mine) {
      ++plan_.added;
    } else if (const Task task = model::task_from_json(object); model::merge_import(*entry.mine, task)) {
      remark_on_merge(entry, task);
      ++plan_.updated;
    } else {
      remark_on_refusal(entry, task);
      ++plan_.unchanged;
      return;
    }
    plan_.tasks.push_back(std::move(object));
  }

  void remark_on_merge(const Entry& entry, const Task& task) {
    auto last = model::origin_of(*entry.mine);
    if (!last) return;
    auto theirs = model::origin_of(task);
    const bool moved = theirs->base["status"] != last->base["status"];
    if (entry.record.deleted && !entry.mine->open()) return;
    if ((moved || entry.record.deleted) && !model::may_move(*entry.mine))
      warn(entry.record, entry.record.deleted ? "deleted there, but worked on here: it stays"
                                              : "its status changed there and here: the one here stays");
  }

  void remark_on_refusal(const Entry& entry, const Task& task) {
    const auto last = model::origin_of(*entry.mine);
    if (!last || last->from != from_ || entry.mine->extra["origin"] == task.extra["origin"]) return;
    if (last->deleted) skip(entry.record, "deleted before: it does not come back");
    else warn(entry.record, "older than what is here: left as it is");
  }

  model::State& state_;
  const std::string& from_;
  Reading reading_;
  ImportPlan plan_;
  std::vector<Entry> entries_;
  std::unordered_map<std::string, std::size_t> by_id_;
};

}  // namespace

bool ImportPlan::has_remarks() const {
  return !warnings.empty() ||
         std::any_of(skipped.begin(), skipped.end(), [](const Remark& remark) { return !remark.expected; });
}

ImportPlan plan_import(model::State& state, const std::string& from, Reading reading) {
  return Planner(state, from, std::move(reading)).run();
}

Json original_record(const Task& task) {
  const auto origin = model::origin_of(task);
  if (!origin) return nullptr;
  Json record = parse_json(origin->record, "the record of " + task.slug);
  for (const std::string& member : origin->same) record[member] = member == "title" ? task.title : task.description;
  return record;
}

}  // namespace ga::interop

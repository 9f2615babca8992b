// Files of other trackers, the first byte choosing which: whatever is in them, they are read, what becomes tasks holds in the
// model, the same file again changes nothing, and what is written for beads reads back to the same.
#include <algorithm>
#include <array>

#include "fuzz.hh"
#include "interop/export.hh"
#include "interop/plan.hh"
#include "model/imported.hh"
#include "model/operation.hh"

namespace ga::fuzz {
namespace {

constexpr std::array kFormats = {"beads", "ralph", "taskmaster", "backlog", "taskwarrior", "github"};

interop::ImportPlan import(model::MemoryState& state, const std::string& format, const std::string& text, int number) {
  interop::Reading reading = interop::find_format(format)->read({{"tasks/file.md", text}});
  HOLDS(reading.readable || reading.records.empty());
  interop::ImportPlan plan = interop::plan_import(state, format, std::move(reading));
  if (plan.tasks.empty()) return plan;
  model::Operation op{std::string(31, 'a') + std::to_string(number),
                      "task.import",
                      {"Lead", "lead", true},
                      1'700'000'000,
                      {{"from", format}, {"tasks", plan.tasks}}};
  const model::Outcome outcome = model::apply(state, op);
  // Too large or too deep for the ledger: the only reasons there are.
  if (outcome.refusal) {
    HOLDS(outcome.refusal->kind == Kind::usage);
    return plan;
  }
  for (const model::ObjectChange& change : outcome.changes) state.put(change.folder, change.id, change.value);
  HOLDS(
      interop::plan_import(state, format, interop::find_format(format)->read({{"tasks/file.md", text}})).tasks.empty());
  return plan;
}

std::string exported(model::MemoryState& state) {
  std::vector<std::pair<std::string, std::string>> records;
  for (const auto& [key, value] : state.all()) {
    const model::Task task = model::task_from_json(value);
    const auto origin = model::origin_of(task);
    if (origin && origin->deleted) continue;
    const interop::Surroundings around{
        [&](const std::string& id) { return interop::beads_id(state.task(id).value_or(model::Task{})); },
        [](const std::string&) { return true; }, false};
    records.emplace_back(interop::beads_id(task), canonical(interop::to_beads(task, around)) + "\n");
  }
  std::sort(records.begin(), records.end());
  std::string text;
  for (const auto& [id, record] : records) text += record;
  return text;
}

}  // namespace

void fuzz_one(std::string_view input) {
  if (input.empty()) return;
  const std::string format = kFormats[static_cast<unsigned char>(input.front()) % kFormats.size()];
  model::MemoryState first, second;
  import(first, format, std::string(input.substr(1)), 1);
  const std::string text = exported(first);
  import(second, "beads", text, 2);
  HOLDS(exported(second) == text);
}

}  // namespace ga::fuzz

// git agent-reflect: three answers after a task.
#include <filesystem>

#include "cli/command.hh"
#include "cli/context.hh"
#include "cli/input.hh"
#include "cli/terminal.hh"
#include "util/error.hh"
#include "util/text.hh"
#include "work/learnings.hh"

namespace ga::cli {
namespace {

constexpr const char* kFile = "REFLECTION.md";

std::filesystem::path lying_file(Context& ctx) { return ctx.project().repo().work_dir() / kFile; }

// The file named, the one that lies in this worktree, or what a person types.
std::string answers(Context& ctx, const Args& args) {
  if (args.has("file")) return read_input(args.get("file"));
  const std::filesystem::path lying = lying_file(ctx);
  std::error_code error;
  if (std::filesystem::is_regular_file(lying, error)) return read_input(lying.string());
  if (can_ask()) {
    const std::string text = edit_text(model::reflection_template(), kFile);
    if (trim(text).empty()) fail_usage("the reflection is empty: nothing is recorded");
    return text;
  }
  fail_usage("there is no reflection to take: no -F, and no " + std::string(kFile) + " in this worktree",
             {"answer in a file: git agent-reflect --template >" + std::string(kFile),
              "or from standard input: git agent-reflect -F -"});
}

// What is in the ledger need not lie about as an uncommitted file, which `done` would refuse.
void take_away(Context& ctx) {
  work::Project& project = ctx.project();
  const git::Repository& repo = project.repo();
  const std::filesystem::path lying = lying_file(ctx);
  std::error_code error;
  if (!std::filesystem::is_regular_file(lying, error)) return;
  if (repo.entry_at(repo.write_index_tree(), kFile)) return;  // the project's own
  if (std::filesystem::remove(lying, error)) ctx.out.note(std::string(kFile) + " is taken, and removed here");
}

int run_reflect(Context& ctx, const Args& args) {
  if (args.has("template")) {
    ctx.out.print(model::reflection_template());
    return ctx.out.answer({{"template", model::reflection_template()}});
  }
  work::Project& project = ctx.project();
  const model::Task task = project.task_or_here(args.get("task"));
  const std::string text = answers(ctx, args);
  if (!is_valid_utf8(text)) fail_usage("the reflection is not valid UTF-8");
  ctx.say_actor();
  const work::Reflected made = work::reflect(project, task, text);
  Json proposals = Json::array();
  ctx.out.print_line("reflection on '" + task.slug + "' recorded");
  if (!args.has("file")) take_away(ctx);
  for (const model::Learning& learning : made.learnings) {
    Json one = work::to_json(learning);
    ctx.out.print_line("proposed for " + sanitize_line(work::file_of(learning)) + " (" + learning.id.substr(0, 8) +
                       "): " + sanitize_line(learning.text));
    for (const work::Remark& remark : work::remarks_on(project, learning))
      ctx.out.note(std::string(remark.likeness == model::Likeness::same ? "much the same stands in "
                                                                        : "the opposite stands in ") +
                   sanitize_line(remark.where) + ": " + sanitize_line(remark.text));
    proposals.push_back(std::move(one));
  }
  Json reflection = model::to_json(made.reflection);
  return ctx.out.answer({{"reflection", std::move(reflection)}, {"learnings", std::move(proposals)}});
}

}  // namespace

extern const CommandRow cmd_reflect;
const CommandRow cmd_reflect = {
    .name = "reflect",
    .summary = "three answers after a task, from which the team learns",
    .group = Group::retro,
    .verbs = {
        {.name = "",
         .usage = "[-F FILE] [--task ID] [--template]",
         .summary = "",
         .options = {{.name = "file", .letter = 'F', .arg = "FILE", .help = "the answers; - is standard input"},
                     {.name = "task", .arg = "ID", .help = "the task they are about", .completes = Completes::task},
                     {.name = "template", .help = "print the form to fill in"}},
         .run = run_reflect}}};

}  // namespace ga::cli

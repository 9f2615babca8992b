// git agent-clean: remove worktrees and branches, never work.
#include "work/clean.hh"

#include "cli/command.hh"
#include "cli/context.hh"
#include "util/text.hh"
#include "work/move.hh"

namespace ga::cli {
namespace {

Json item_json(const work::CleanItem& item) {
  return {{"feature", item.what.name},
          {"path", string_or_null(item.what.worktree.string())},
          {"branch", string_or_null(work::branch_name(item.what.branch))},
          {"reason", item.reason},
          {"backup", string_or_null(item.backup)},
          {"dropped", item.dropped}};
}

Json items_json(const std::vector<work::CleanItem>& items) {
  Json list = Json::array();
  for (const work::CleanItem& item : items) list.push_back(item_json(item));
  return list;
}

void print_items(Output& out, const std::vector<work::CleanItem>& items, const std::string& word, Style style) {
  for (const work::CleanItem& item : items) {
    out.print_line(out.paint(style, word) + " " + sanitize_line(item.what.name) + "  " + sanitize_line(item.reason));
    if (!item.backup.empty()) out.print_line("  backup: " + item.backup);
  }
}

int run_undo(Context& ctx, const Args& args) {
  if (args.positional().size() > 1) fail_usage("--undo takes at most one feature");
  for (const char* other : {"merged", "stale", "force", "dry-run"})
    if (args.has(other)) fail_usage("--undo and --" + std::string(other) + " exclude each other");
  ctx.say_actor();
  const auto backups =
      work::undo_clean(ctx.project(), args.at(0), [&](const std::string& text) { ctx.out.note(text); });
  Json list = Json::array();
  for (const work::Backup& backup : backups) {
    ctx.out.print_line("restored " + sanitize_line(backup.slug) + ": " + work::branch_name(backup.branch) +
                       (backup.worktree.empty() ? "" : " at " + sanitize_line(backup.worktree.string())));
    for (const std::string& lost : backup.dropped) ctx.out.note("not kept, so not restored: " + sanitize_line(lost));
    list.push_back({{"feature", backup.slug},
                    {"branch", work::branch_name(backup.branch)},
                    {"path", string_or_null(backup.worktree.string())},
                    {"backup", backup.ref}});
  }
  return ctx.out.answer({{"restored", list}});
}

int run_clean(Context& ctx, const Args& args) {
  if (args.has("undo")) return run_undo(ctx, args);
  work::CleanRequest request;
  request.features = args.positional();
  request.merged = args.has("merged");
  request.stale = args.get_duration("stale", -1);
  request.force = args.has("force");
  request.dry_run = args.has("dry-run");
  if (!request.features.empty() && (request.merged || request.stale >= 0))
    fail_usage("name features, or say --merged or --stale, not both");
  request.progress = [&](const std::string& text) { ctx.out.progress(text); };
  request.note = [&](const std::string& text) {
    ctx.out.end_progress();
    ctx.out.note(text);
  };
  const bool only_looks = request.dry_run || (request.features.empty() && !request.merged && request.stale < 0);
  if (!only_looks) ctx.say_actor();
  const work::CleanResult result = work::clean_features(ctx.project(), request);
  ctx.out.end_progress();
  print_items(ctx.out, result.removed, only_looks ? "would remove" : "removed", Style::yellow);
  print_items(ctx.out, result.kept, only_looks ? "would keep" : "kept", Style::dim);
  if (result.removed.empty() && result.kept.empty()) ctx.out.note("nothing to clean");
  else if (only_looks && !result.removed.empty() && !request.dry_run)
    ctx.out.hint("remove what is merged with 'git agent-clean --merged'");
  return ctx.out.answer(
      {{"removed", items_json(result.removed)}, {"kept", items_json(result.kept)}, {"dry_run", only_looks}},
      result.removed.empty() ? 1 : 0);
}

}  // namespace

extern const CommandRow cmd_clean;  // const alone would be local to this file
const CommandRow cmd_clean = {
    .name = "clean",
    .summary = "remove worktrees and branches of features; all work is backed up",
    .group = Group::integrate,
    .verbs = {{.name = "",
               .usage = "[FEATURE...] [--merged] [--stale DURATION] [--force] [--dry-run] [--undo]",
               .summary = "remove what is merged, or say what could be removed",
               .options = {{.name = "merged", .help = "every feature whose work is in its target"},
                           {.name = "stale",
                            .arg = "DURATION",
                            .help = "every feature without activity for so long, such as 7d"},
                           {.name = "force", .help = "unmerged work too; it is backed up"},
                           {.name = "dry-run", .help = "say what would be removed"},
                           {.name = "undo", .help = "bring back what the last clean removed"}},
               .max_args = -1,
               .run = run_clean,
               .completes = Completes::feature}}};

}  // namespace ga::cli

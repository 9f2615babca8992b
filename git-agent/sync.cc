// git agent-sync: exchange the ledger with a remote.
#include "work/sync.hh"

#include <unistd.h>

#include "cli/command.hh"
#include "cli/context.hh"
#include "util/text.hh"

namespace ga::cli {
namespace {

constexpr unsigned kLookMicroseconds = 200'000;
constexpr int kLooksBetweenFetches = 50;  // ten seconds

std::string counted(std::size_t n) { return std::to_string(n) + (n == 1 ? " operation" : " operations"); }

void show(Output& out, const work::SyncResult& result) {
  out.end_progress();
  if (result.fell_back)
    out.note("'" + sanitize_line(result.remote) +
             "' refuses refs/agent/ledger: the ledger is kept there in the branch git-agent-ledger");
  if (result.received + result.sent == 0) out.print_line(sanitize_line(result.remote) + ": nothing new on either side");
  else
    out.print_line(sanitize_line(result.remote) + ": " + counted(result.received) + " received, " +
                   counted(result.sent) + " sent");
  for (const auto& [op, why] : result.refused)
    out.warning(op.kind + " by " + sanitize_line(op.actor.name) + " no longer holds: " + sanitize_line(why) +
                " (kept in the ledger as refused, " + op.id.substr(0, 8) + ")");
}

// Until the ledger moves here, or it is time to look there.
void wait_for_news(work::Project& project, const git::Oid& tip) {
  for (int look = 0; look < kLooksBetweenFetches && project.ledger().tip() == tip; ++look) ::usleep(kLookMicroseconds);
}

int watch(Context& ctx, const work::SyncRequest& request) {
  std::string trouble;  // said once, not at every try
  for (bool first = true;; first = false) {
    git::Oid tip = ctx.project().ledger().tip();
    try {
      const work::SyncResult result = work::sync_ledger(ctx.project(), request);
      if (first || result.received + result.sent > 0 || !trouble.empty()) show(ctx.out, result);
      trouble.clear();
      tip = result.tip;
    } catch (const Error& error) {
      // A remote that is away comes back; a history that cannot be followed does not.
      const bool passes =
          error.kind() == Kind::environment || error.kind() == Kind::target_moved || error.kind() == Kind::timeout;
      if (first || !passes || error.data().contains("quarantine")) throw;
      if (trouble != error.what()) ctx.out.warning(error.what());
      trouble = error.what();
    }
    wait_for_news(ctx.project(), tip);
  }
}

int run_sync(Context& ctx, const Args& args) {
  work::SyncRequest request{.remote = args.at(0), .progress = [&](const std::string& text) { ctx.out.progress(text); }};
  if (int{args.has("watch")} + int{args.has("later")} + int{args.has("install")} > 1)
    fail_usage("--watch, --later and --install exclude each other", {"say them one after the other"});
  if (args.has("later"))
    return ctx.out.answer({{"sync", work::exchange_after_pause(ctx.project(), request)}, {"installed", false}});
  if (args.has("watch") && ctx.out.json())
    fail_usage("--watch and --json exclude each other", {"call 'git agent-sync --json' as often as needed"});
  if (args.has("watch")) return watch(ctx, request);
  const work::SyncResult result = work::sync_ledger(ctx.project(), request);
  show(ctx.out, result);
  Json data = {{"sync", work::to_json(result)}, {"installed", false}};
  if (args.has("install")) {
    const bool changed = work::install_fetch(ctx.project(), result);
    ctx.out.note(changed ? "'git fetch " + result.remote + "' brings the ledger along from now on"
                         : "'git fetch " + result.remote + "' brings the ledger along already");
    data["installed"] = changed;
  }
  return ctx.out.answer(data);
}

}  // namespace

extern const CommandRow cmd_sync;
const CommandRow cmd_sync = {
    .name = "sync",
    .summary = "exchange the ledger with a remote",
    .group = Group::integrate,
    .verbs = {{.usage = "[REMOTE] [--watch|--later|--install]",
               .summary = "fetch, judge again what both did, push",
               .options = {{.name = "watch", .help = "go on: whenever the ledger moves, and every ten seconds"},
                           {.name = "later", .help = "wait a second for more, then exchange in silence"},
                           {.name = "install", .help = "let plain 'git fetch' bring the ledger along"}},
               .max_args = 1,
               .run = run_sync}}};

}  // namespace ga::cli

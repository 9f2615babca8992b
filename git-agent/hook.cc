// git agent-hook: what Git's hooks call.
#include <unistd.h>

#include <array>

#include "cli/command.hh"
#include "cli/context.hh"
#include "util/error.hh"
#include "util/text.hh"
#include "work/git-hooks.hh"
#include "work/guard.hh"

namespace ga::cli {
namespace {

constexpr std::size_t kMaxInput = 64u << 20;

std::string standard_input() {
  std::string text;
  std::array<char, 65536> buffer;
  for (ssize_t n = 0; text.size() < kMaxInput && (n = ::read(0, buffer.data(), buffer.size())) > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(n));
  return text;
}

// Lines of "OLD NEW REF", as pre-receive gets them.
std::vector<work::RefMove> pushed_refs(const std::string& lines) {
  std::vector<work::RefMove> moves;
  for (const std::string& line : split_lines(lines)) {
    const auto first = line.find(' '), second = line.find(' ', first == std::string::npos ? first : first + 1);
    if (second == std::string::npos) fail_usage("a line of the push is not readable: " + sanitize_line(fit(line, 100)));
    const std::string before = line.substr(0, first), after = line.substr(first + 1, second - first - 1);
    const auto is_id = [](const std::string& text) {
      return text.find_first_not_of("0123456789abcdef") == std::string::npos &&
             (text.size() == 40 || text.size() == 64);
    };
    if (!is_id(before) || !is_id(after))
      fail_usage("a line of the push names no objects: " + sanitize_line(fit(line, 100)));
    moves.push_back({line.substr(second + 1), git::Oid::parse(before), git::Oid::parse(after)});
  }
  return moves;
}

int run_git_hook(Context& ctx, const Args& args) {
  const std::string event = args.at(0);
  const auto say = [&](const std::string& line) { ctx.out.note("git-agent: " + line); };
  const auto warn = [&](const std::string& line) { ctx.out.warning(line); };
  if (event == "pre-commit") {
    work::pre_commit(ctx.project(), warn, say);
  } else if (event == "prepare-commit-msg") {
    if (args.at(1).empty()) fail_usage("prepare-commit-msg needs the file of the message");
    work::prepare_commit_msg(ctx.project(), args.at(1));
  } else if (event == "pre-push") {
    work::pre_push(ctx.project(), standard_input());
  } else if (event == "reference-transaction") {
    work::reference_transaction(ctx.project(), args.at(1), standard_input());
  } else if (event == "pre-receive") {
    work::judge_push(ctx.project(), pushed_refs(standard_input()), say);
  } else if (event == "update") {
    if (args.at(3).empty()) fail_usage("update needs a ref, its old and its new value");
    work::judge_push(ctx.project(), pushed_refs(args.at(2) + " " + args.at(3) + " " + args.at(1)), say);
  } else {
    fail_usage("git-agent acts on no Git hook '" + sanitize_line(event) + "'",
               {"it acts on pre-commit, prepare-commit-msg, pre-push and reference-transaction, and on a server on "
                "pre-receive "
                "and update"});
  }
  return 0;
}

}  // namespace

extern const CommandRow cmd_hook;
const CommandRow cmd_hook = {.name = "hook",
                             .summary = "act on an event of Git, called by the installed hooks",
                             .group = Group::hidden,
                             .verbs = {{.name = "git",
                                        .usage = "EVENT [ARG]...",
                                        .summary = "judge a commit, its message, a push or a ref update",
                                        .min_args = 1,
                                        .max_args = -1,
                                        .run = run_git_hook,
                                        .raw = true}}};

}  // namespace ga::cli

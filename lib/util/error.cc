#include "util/error.hh"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "util/version.hh"

namespace ga {

namespace {

struct KindFacts {
  Kind kind;
  std::string_view name;
  int code;
};

// In the order of the enum, so that a kind is its own index.
constexpr std::array kinds = {
    KindFacts{Kind::empty, "empty", 1},
    KindFacts{Kind::not_found, "not_found", 1},
    KindFacts{Kind::gate_failed, "gate_failed", 1},
    KindFacts{Kind::review_failed, "review_failed", 1},
    KindFacts{Kind::claim_lost, "claim_lost", 3},
    KindFacts{Kind::target_moved, "target_moved", 3},
    KindFacts{Kind::target_busy, "target_busy", 3},
    KindFacts{Kind::merge_conflict, "merge_conflict", 3},
    KindFacts{Kind::timeout, "timeout", 3},
    KindFacts{Kind::newer_version, "newer_version", 3},
    KindFacts{Kind::agent_alive, "agent_alive", 3},
    KindFacts{Kind::not_approved, "not_approved", 4},
    KindFacts{Kind::locked, "locked", 4},
    KindFacts{Kind::guarded, "guarded", 4},
    KindFacts{Kind::over_budget, "over_budget", 4},
    KindFacts{Kind::wip, "wip", 4},
    KindFacts{Kind::not_trusted, "not_trusted", 4},
    KindFacts{Kind::iteration_limit, "iteration_limit", 4},
    KindFacts{Kind::reflection_due, "reflection_due", 4},
    KindFacts{Kind::fenced, "fenced", 4},
    KindFacts{Kind::not_lead, "not_lead", 4},
    KindFacts{Kind::not_done, "not_done", 4},
    KindFacts{Kind::unmerged, "unmerged", 4},
    KindFacts{Kind::wrong_status, "wrong_status", 4},
    KindFacts{Kind::environment, "environment", 128},
    KindFacts{Kind::usage, "usage", 129},
};

constexpr bool in_enum_order() {
  for (std::size_t i = 0; i < kinds.size(); ++i)
    if (static_cast<std::size_t>(kinds[i].kind) != i) return false;
  return kinds.back().kind == Kind::usage;
}
static_assert(in_enum_order(), "a kind is missing from the table, or out of order");

const KindFacts& facts(Kind kind) { return kinds[static_cast<std::size_t>(kind)]; }

}  // namespace

std::string_view kind_name(Kind kind) { return facts(kind).name; }

int exit_code(Kind kind) { return facts(kind).code; }

const std::vector<Kind>& all_kinds() {
  static const std::vector<Kind> all = [] {
    std::vector<Kind> list;
    for (const KindFacts& row : kinds) list.push_back(row.kind);
    return list;
  }();
  return all;
}

Error::Error(Kind kind, const std::string& message, std::vector<std::string> hints)
    : std::runtime_error(message), kind_(kind), hints_(std::move(hints)) {}

Error&& Error::next(std::vector<std::string> argv) && {
  next_ = std::move(argv);
  return std::move(*this);
}

Error&& Error::with_data(Json data) && {
  data_ = std::move(data);
  return std::move(*this);
}

void fail_environment(const std::string& message, std::vector<std::string> hints) {
  throw Error(Kind::environment, message, std::move(hints));
}

void fail_usage(const std::string& message, std::vector<std::string> hints) {
  throw Error(Kind::usage, message, std::move(hints));
}

void bug_at(const char* file, int line, const std::string& what) {
  std::fflush(stdout);
  std::fprintf(stderr,
               "BUG: %s:%d: %s\n"
               "This is a mistake in git-agent %s itself. Please report these lines and the command\n"
               "that you ran to the people who gave you git-agent.\n",
               file, line, what.c_str(), version());
  std::abort();
}

}  // namespace ga

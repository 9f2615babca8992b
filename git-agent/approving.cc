#include "approving.hh"

#include "cli/terminal.hh"
#include "util/error.hh"

namespace ga::cli {

void require_person(Context& ctx, const ApprovalAsked& asked) {
  const work::Authority& rules = asked.rules;
  if (!rules.notice.empty()) ctx.out.warning(rules.notice);
  if (!rules.configured()) {
    if (!ctx.project().actor().person || !can_ask())
      throw Error(Kind::not_approved,
                  "no curators are named here, so approving takes a person at a terminal; nothing is approved",
                  {"say it at a terminal, or name curators: see CURATORS in git-agent-guard(1)"})
          .with_data(asked.data);
    ctx.out.warning("no curators are named: the approval is unsigned, and stands for whoever sits at this terminal");
  }
  // Signed, it needs no terminal; at one, nothing is signed that was not read.
  const bool ask = can_ask() && (!asked.seen || !rules.configured());
  if (!ask || ask_yes(asked.question)) return;
  throw Error(Kind::not_approved, "not approved", {asked.when_not}).with_data(asked.data);
}

}  // namespace ga::cli

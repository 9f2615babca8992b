// The runner: one process of ours per agent, in its own session, that starts the client, renews its claim and
// records its end. It waits without polling: an idle runner costs no processor time.
#pragma once

#include <string>

#include "work/runs.hh"

namespace ga::work {

/// Starts a detached runner for a feature's record; with `adopt`, for a client that runs already.
pid_t start_runner(Project& project, const std::string& slug, bool adopt);

/// The runner's main function (`git agent-run supervise SLUG`, `adopt SLUG`).
int supervise(const std::string& slug);
int supervise_adopted(const std::string& slug);

}  // namespace ga::work

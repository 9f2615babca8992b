// Plans: what an agent is going to do, decided about before it does it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/approval.hh"
#include "work/authority.hh"
#include "work/project.hh"

namespace ga::work {

/// The newest plan of a task.
std::optional<model::Plan> plan_of(Project& project, const model::Task& task);
std::optional<model::Plan> plan_by_id(Project& project, const std::string& id);
/// Newest plans of open tasks; with `pending` only those that wait for a decision, oldest first.
std::vector<model::Plan> plans(Project& project, bool pending);
/// The object of product.md: id, task, slug, text, content, state, by, time, reason, decided_by, decided, signed, replaces.
Json to_json(Project& project, const model::Plan& plan);
/// The plan against the one it replaces, as lines that begin with ' ', '-' or '+'; "" when there is none. Safe to show.
std::string plan_difference(Project& project, const model::Plan& plan);

/// Hands in a plan; gives it as it stands.
model::Plan submit_plan(Project& project, const model::Task& task, const std::string& text);
/// Approves exactly this plan: signed where curators are named. The caller has made sure that a person asks for it.
model::Plan approve_plan(Project& project, const model::Task& task, const model::Plan& plan, const std::string& why);
/// Rejects it; whoever submitted it gets the reason as a message.
model::Plan reject_plan(Project& project, const model::Task& task, const model::Plan& plan, const std::string& why);

/// What a task's branch changes up to a commit since it left its target; nothing where no path asks for a plan.
std::vector<std::string> changed_paths(Project& project, const model::Task& task, const git::Oid& commit);

/// Whether a task needs an approved plan for touching these paths: by itself or by the policy's [plan] required-for. The
/// pattern that asks for it, "task" when the task does; "" when nothing does.
std::string plan_asked_by(const gates::Policy& policy, const model::Task& task, const std::vector<std::string>& paths);
/// Throws Error(not_approved) when a plan is needed and none is approved, or not by a signature that holds where curators are
/// named. `what` begins the sentence: "this commit".
void require_plan(Project& project, const gates::Policy& policy, const model::Task& task,
                  const std::vector<std::string>& paths, const std::string& what);

}  // namespace ga::work

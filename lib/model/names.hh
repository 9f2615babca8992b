// Names people and agents choose, and ids.
#pragma once

#include <string>
#include <string_view>

namespace ga::model {

/// `[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?`, not all hexadecimal digits (those are ids), not reserved.
/// Slugs become branch names, directories and file names, so nothing else passes.
bool is_slug(std::string_view text);
/// A feature's name, which becomes a part of a path: a slug, or the name of a branch that no task has. Throws
/// Error(environment) for one that would lead elsewhere: what a ledger from outside says is not believed.
const std::string& path_slug(const std::string& slug);
/// A slug made from a title: none that is_slug() refuses.
std::string slug_for(std::string_view title);
/// Whom a task may be assigned to: "" (nobody), a name, or "@" and a role.
bool is_assignee(std::string_view text);
/// Agents' names follow the same rule, but may be hexadecimal.
bool is_agent_name(std::string_view text);
/// 32 lower-case hexadecimal digits.
bool is_id(std::string_view text);
/// At most 32 hexadecimal digits: may be the prefix of an id.
bool is_id_prefix(std::string_view text);
/// Throws Error(usage) that says what is wrong with it and shows a name that would do.
void check_slug(std::string_view text);

}  // namespace ga::model

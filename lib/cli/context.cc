#include "cli/context.hh"

#include "util/text.hh"
#include "work/sync.hh"

namespace ga::cli {

work::Project& Context::project() {
  if (!project_) project_ = std::make_unique<work::Project>();
  return *project_;
}

void Context::after_command() noexcept {
  if (project_ && project_->wrote()) work::exchange_later(*project_);
}

void Context::say_actor() {
  const model::Actor& actor = project().actor();
  if (!actor.person) out.note("acting as " + actor.name + " (" + sanitize_line(actor.role) + ")");
}

int Context::answer_task(const model::Task& task) {
  // A view asks for relations: only for those who read it.
  return out.json() ? out.answer({{"task", project().view(task)}}) : 0;
}

}  // namespace ga::cli

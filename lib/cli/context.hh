// What a command's run function gets: the project (opened on first use) and where to say things.
#pragma once

#include <memory>
#include <string>

#include "cli/output.hh"
#include "work/project.hh"

namespace ga::cli {

class Context {
 public:
  Output out;

  work::Project& project();
  /// What a command that wrote leaves to do in the background.
  void after_command() noexcept;
  /// "acting as NAME (ROLE)" on standard error, unless it is the person. Commands that change something call it once.
  void say_actor();
  /// `{"task": view}` and the like: shorthand for out.answer({{"task", project().view(task)}}).
  int answer_task(const model::Task& task);

 private:
  std::unique_ptr<work::Project> project_;
};

}  // namespace ga::cli

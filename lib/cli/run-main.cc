#include "cli/run-main.hh"

#include <unistd.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <new>

#include "cli/command.hh"
#include "cli/complete.hh"
#include "cli/context.hh"
#include "cli/dump.hh"
#include "cli/help.hh"
#include "cli/streams.hh"
#include "cli/suggest.hh"
#include "gates/policy.hh"
#include "util/error.hh"
#include "util/fs.hh"
#include "util/text.hh"
#include "util/version.hh"

namespace ga::cli {

namespace {

using Words = std::vector<std::string>;

/// --json anywhere before "--": decides how a wrong command line is answered.
bool asks_for_json(const Words& words) {
  for (const std::string& word : words) {
    if (word == "--") return false;
    if (word == "--json") return true;
  }
  return false;
}

std::string base_name(const char* path) {
  const char* slash = std::strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/// argv without the program; called as git-agent-NAME, NAME is the first word.
Words words_of(int argc, char** argv) {
  Words words;
  const std::string program = argc > 0 ? base_name(argv[0]) : "git-agent";
  if (starts_with(program, "git-agent-")) words.push_back(program.substr(10));
  for (int i = 1; i < argc; ++i) words.emplace_back(argv[i]);
  return words;
}

[[noreturn]] void unknown_command(const std::string& name) {
  Words names;
  for (const CommandRow* command : all_commands())
    if (command->group != Group::hidden) names.emplace_back(command->name);
  const std::string meant = nearest(name, names);
  Words hints;
  if (!meant.empty()) hints.push_back("did you mean 'git agent-" + meant + "'?");
  hints.emplace_back("'git agent' lists the commands");
  fail_usage("'" + name + "' is not a git-agent command", hints);
}

[[noreturn]] void unknown_verb(const CommandRow& command, const std::string& name) {
  const std::string spelt = std::string("git agent-") + command.name;
  Words names;
  for (const Verb& verb : command.verbs)
    if (!verb.hidden) names.emplace_back(verb.name);
  if (name.empty())
    fail_usage("'" + spelt + "' needs a verb",
               {"one of " + join(names, ", "), "'" + spelt + " -h' tells what they do"});
  const std::string meant = nearest(name, names);
  Words hints;
  if (!meant.empty()) hints.push_back("did you mean '" + spelt + " " + meant + "'?");
  hints.push_back("'" + spelt + " -h' lists the verbs");
  fail_usage("'" + name + "' is not a verb of '" + spelt + "'", hints);
}

int print_text(Context& ctx, const std::string& text) {
  if (ctx.out.json()) return ctx.out.answer({{"text", text}});
  ctx.out.print(text);
  return 0;
}

Json overview_json(const std::string& next) {
  Json commands = Json::array();
  for (const CommandRow* command : all_commands())
    if (command->group != Group::hidden)
      commands.push_back(
          {{"name", command->name}, {"group", group_name(command->group)}, {"summary", command->summary}});
  const auto words = split_words(next);
  return {{"commands", commands}, {"next", words && !words->empty() ? Json(*words) : Json()}};
}

int print_overview(Context& ctx) {
  const std::string next = next_step(ctx);
  if (ctx.out.json()) return ctx.out.answer(overview_json(next));
  ctx.out.print(overview_text());
  if (!next.empty()) ctx.out.print("\nNext: " + next + "\n");
  return 0;
}

int print_version(Context& ctx) {
  if (ctx.out.json()) return ctx.out.answer({{"version", version()}});
  ctx.out.print(std::string("git-agent ") + version() + "\n");
  return 0;
}

/// For what is asked for by programs: as it is, whether --json stands somewhere or not.
int print_raw(const std::string& text) {
  write_out(text);
  return 0;
}

int write_completion_files(const std::string& directory) {
  for (const CompletionFile& file : completion_files()) write_file_atomic(fs::path(directory) / file.name, file.text);
  return 0;
}

int print_candidates(const Words& words) {
  for (const std::string& candidate : complete(words)) write_out(candidate + "\n");
  return 0;
}

/// Options of git-agent itself that end the command line; nullopt when `words[0]` is none.
std::optional<int> run_own_option(Context& ctx, const Words& words) {
  const std::string& option = words[0];
  const auto value = [&] {
    if (words.size() < 2) fail_usage("option '" + option + "' needs a value");
    return words[1];
  };
  if (option == "-h") return print_overview(ctx);
  if (option == "--help") return show_manual("git-agent");
  if (option == "--version") return print_version(ctx);
  if (option == "--complete") return print_candidates({words.begin() + 1, words.end()});
  if (option == "--completion-script") return print_raw(completion_script(value()));
  if (option == "--completion-files") return write_completion_files(value());
  if (option == "--dump-commands") return print_raw(canonical(dump_commands()) + "\n");
  if (option == "--dump-errors") return print_raw(canonical(dump_errors()) + "\n");
  if (option == "--dump-config-keys") return print_raw(canonical(gates::config_keys()) + "\n");
  if (option == "--dump-page") return print_raw(dump_page(value()));
  return std::nullopt;
}

void change_directory(const std::string& directory) {
  if (chdir(directory.c_str()) == 0 || directory.empty()) return;
  fail_environment("cannot change to '" + directory + "': " + std::strerror(errno));
}

/// Takes every "--json" from the front; true when there was one.
bool take_json(Words& words) {
  bool taken = false;
  while (!words.empty() && words[0] == "--json") {
    words.erase(words.begin());
    taken = true;
  }
  return taken;
}

/// Takes "-C DIR" and "--json" from the front of the command line; true when --json was there.
bool take_global_options(Words& words) {
  bool json = take_json(words);
  while (!words.empty() && words[0] == "-C") {
    if (words.size() < 2) fail_usage("option '-C' needs a value (DIR)");
    change_directory(words[1]);
    words.erase(words.begin(), words.begin() + 2);
    json |= take_json(words);
  }
  return json;
}

/// Finds the verb and takes its name from the words. nullptr: help for the whole command.
const Verb* take_verb(const CommandRow& command, Words& words) {
  const bool one_verb = command.verbs.size() == 1 && !*command.verbs.front().name;
  if (one_verb) return &command.verbs.front();
  const std::string word = words.empty() ? "" : words[0];
  if (word == "-h" || word == "--help") return nullptr;
  if (const Verb* verb = word.empty() ? nullptr : find_verb(command, word)) {
    words.erase(words.begin());
    return verb;
  }
  if (!command.verbs.empty() && !*command.verbs.front().name) return &command.verbs.front();
  if (starts_with(word, "-"))
    fail_usage("'" + word + "' stands before the verb",
               {std::string("usage: git agent-") + command.name + " VERB [ARGUMENTS]"});
  unknown_verb(command, word);
}

std::string cmd_name(const CommandRow& command, const Verb* verb) {
  std::string name = command.name;
  if (verb && *verb->name) name += std::string(".") + verb->name;
  return name;
}

int show_help(Context& ctx, const CommandRow& command, const Verb* verb, bool manual) {
  if (manual) return show_manual(std::string("git-agent-") + command.name);
  return print_text(ctx, usage_text(command, verb));
}

/// `json`: --json stood before the verb's name.
int run_verb(Context& ctx, const CommandRow& command, const Verb& verb, const Words& words, bool json) {
  const bool alone = words.size() == 1;
  if (verb.raw && alone && (words[0] == "-h" || words[0] == "--help"))
    return show_help(ctx, command, &verb, words[0] == "--help");
  const Args args = parse_args(command, verb, words);
  // A value that reads "--json" ("-m --json") asked for nothing: only the parser knows.
  ctx.out.begin(cmd_name(command, &verb), json || args.has("json"));
  if (args.has("help") || args.has("h")) return show_help(ctx, command, &verb, args.has("help"));
  const int code = verb.run(ctx, args);
  // Exactly one document also from a command that has nothing to tell.
  if (ctx.out.json() && !ctx.out.answered() && !verb.raw) return ctx.out.answer(Json::object(), code);
  return code;
}

int run_command(Context& ctx, Words words, bool json) {
  const CommandRow* command = find_command(words[0]);
  if (!command) unknown_command(words[0]);
  words.erase(words.begin());
  ctx.out.begin(cmd_name(*command, nullptr), ctx.out.json());
  // A raw verb's words are not ours, the first one neither.
  if (command->verbs.empty() || !command->verbs.front().raw) json |= take_json(words);
  const Verb* verb = take_verb(*command, words);
  if (!verb) return show_help(ctx, *command, nullptr, words[0] == "--help");
  ctx.out.begin(cmd_name(*command, verb), ctx.out.json() && !verb->raw);
  return run_verb(ctx, *command, *verb, words, json);
}

int dispatch(Context& ctx, Words words) {
  ctx.out.begin("agent", asks_for_json(words));
  const bool json = take_global_options(words);
  if (words.empty()) return print_overview(ctx);
  if (starts_with(words[0], "-")) {
    if (const auto code = run_own_option(ctx, words)) return *code;
    const std::string meant = nearest(words[0], {"--version", "--help", "--json"});
    fail_usage("unknown option '" + words[0] + "'",
               {meant.empty() ? "usage: git agent-<command> [<arguments>]" : "did you mean '" + meant + "'?"});
  }
  return run_command(ctx, std::move(words), json);
}

int run_guarded(Context& ctx, const Words& words) {
  try {
    return dispatch(ctx, words);
  } catch (const Error& error) {
    return ctx.out.fail(error);
  } catch (const std::bad_alloc&) {
    return ctx.out.fail(Error(Kind::environment, "out of memory"));
  } catch (const std::exception& error) {
    return ctx.out.fail(Error(Kind::environment, error.what()));
  }
}

/// The exit code once standard output is closed: an answer that could not be written is none.
int finish(int code) {
  const int error = close_output();
  if (error == 0 || error == EPIPE) return code;
  write_error(std::string("error: cannot write to standard output: ") + std::strerror(error) + "\n");
  return exit_code(Kind::environment);
}

// A process of milliseconds keeps what it once had: giving memory back and taking it again for each object written
// (zlib's 256 KiB) costs more than all else about memory.
void keep_freed_memory() {
#if defined(__GLIBC__)
  constexpr int kKeep = 64 << 20, kStep = 512 << 10;
  mallopt(M_TRIM_THRESHOLD, kKeep);
  mallopt(M_MMAP_THRESHOLD, kKeep / 2);
  mallopt(M_TOP_PAD, kStep);
#endif
}

}  // namespace

int run_main(int argc, char** argv) {
  keep_freed_memory();
  open_closed_streams();
  Context ctx;
  const int code = run_guarded(ctx, words_of(argc, argv));
  ctx.after_command();
  return finish(code);
}

}  // namespace ga::cli

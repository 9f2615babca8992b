// git agent-gate scan and explain: the scanner by hand.
#include <algorithm>
#include <filesystem>
#include <optional>

#include "cli/input.hh"
#include "gate/verbs.hh"
#include "gates/scan-gate.hh"
#include "gates/scan-policy.hh"
#include "scan/changes.hh"
#include "scan/files.hh"
#include "scan/format.hh"
#include "scan/history.hh"
#include "util/clock.hh"
#include "util/error.hh"
#include "util/fs.hh"
#include "util/text.hh"
#include "util/version.hh"

namespace ga::cli::gate {
namespace {

using scan::Hit;
using scan::Scan;

constexpr std::size_t kMaxConfigBytes = 1u << 20;

/// Whether there is a repository here; files are scanned without one too.
bool in_repository() {
  if (std::getenv("GIT_DIR") != nullptr) return true;
  std::error_code error;
  for (fs::path dir = fs::current_path(error); !dir.empty(); dir = dir.parent_path()) {
    if (fs::exists(dir / ".git", error) ||
        (fs::is_directory(dir / "objects", error) && fs::is_regular_file(dir / "HEAD", error)))
      return true;
    if (dir == dir.parent_path()) break;
  }
  return false;
}

std::string read_config(const std::string& path) {
  const auto text = read_file(path, kMaxConfigBytes);
  if (!text) fail_usage("there is no file '" + sanitize_line(path) + "'");
  return *text;
}

/// As a file beside the one that names it, or from where we are.
std::optional<std::string> read_extended(const std::string& from, const std::string& path) {
  if (auto text = read_file(path, kMaxConfigBytes)) return text;
  return read_file(fs::path(from).parent_path() / path, kMaxConfigBytes);
}

/// What to look for: --config, else the policy's, else the built-in rules.
gates::SecretRules rules_of(Context& ctx, const Args& args, const std::string& event) {
  gates::SecretRules rules;
  if (const std::string path = args.get("config"); !path.empty()) {
    rules.secrets = scan::load_rules(read_config(path), path,
                                     {.built_in = scan::built_in_text,
                                      .read = [&](const std::string& other) { return read_extended(path, other); }});
  } else if (in_repository()) {
    work::Project& project = ctx.project();
    rules = gates::rules_for(project.repo(), project.policy(), event);
  } else {
    rules.secrets = scan::built_in_rules();
  }
  for (const std::string& warning : rules.secrets.warnings) ctx.out.warning(warning);
  return rules;
}

enum class Format { text, json, sarif, gitleaks };

Format format_of(Context& ctx, const Args& args) {
  const std::string name = args.get("format", ctx.out.json() ? "json" : "text");
  if (name == "json") return Format::json;
  if (ctx.out.json()) fail_usage("--json and --format " + sanitize_line(name) + " exclude each other");
  if (name == "text") return Format::text;
  if (name == "sarif") return Format::sarif;
  if (name == "gitleaks") return Format::gitleaks;
  fail_usage("there is no format '" + sanitize_line(name) + "'", {"the formats are text, json, sarif and gitleaks"});
}

/// One scan, and what the word for a text in it is.
struct Done {
  Scan scan;
  std::string word = "file";
  bool had_to_find_texts = true;  ///< that there was nothing to look at is a failure
};

class Run {
 public:
  Run(Context& ctx, const Args& args)
      : ctx_(ctx), args_(args), format_(format_of(ctx, args)),
        rules_(rules_of(ctx, args, args.has("staged") ? "pre-commit" : "")) {
    options_.decode_depth = static_cast<int>(args.get_number("max-decode-depth", 0, 8, 0));
    if (const std::string path = args.get("baseline"); !path.empty())
      allowed_.add_baseline(read_config_of_any_size(path), path);
  }

  int all() {
    const double begin = monotonic_seconds();
    Done done = look();
    ctx_.out.end_progress();
    const auto milliseconds = static_cast<std::int64_t>((monotonic_seconds() - begin) * 1e3 + 0.5);
    const std::string coverage =
        "secrets: " + scan::coverage_line(done.scan.coverage, done.word) + ", " + std::to_string(milliseconds) + " ms";
    if (done.had_to_find_texts && done.scan.coverage.texts == 0 && done.scan.hits.empty())
      fail_environment("nothing was scanned: there is no file in what was named",
                       {"name files or directories that hold some"});
    const Json data = data_of(done, coverage, milliseconds);
    print(done, coverage);
    const auto blocking =
        std::count_if(done.scan.hits.begin(), done.scan.hits.end(), [](const Hit& h) { return h.finding.blocks; });
    if (blocking == 0) return ctx_.out.json() ? ctx_.out.answer(data) : 0;
    throw Error(Kind::gate_failed, std::to_string(blocking) + (blocking == 1 ? " finding" : " findings"),
                {"take out what was found; a real secret must also be revoked: it may have been read already",
                 "'git agent-gate explain RULE' says what a rule looks for"})
        .with_data(data);
  }

 private:
  static std::string read_config_of_any_size(const std::string& path) {
    const auto text = read_file(path);
    if (!text) fail_usage("there is no file '" + sanitize_line(path) + "'");
    return *text;
  }

  Done look() {
    const int ways = args_.has("staged") + args_.has("range") + args_.has("history") + !args_.positional().empty();
    if (ways > 1) fail_usage("name one of PATH, --staged, --range and --history");
    if (args_.has("staged")) return staged();
    if (args_.has("range")) return range();
    if (args_.has("history")) return history();
    if (args_.at(0) == "-") return standard_input();
    return files();
  }

  std::function<void(std::size_t, std::size_t)> progress(const std::string& what) {
    return [this, what](std::size_t done, std::size_t all) {
      ctx_.out.progress("scanning " + what + ": " + std::to_string(done) + " of " + std::to_string(all));
    };
  }

  void add_ignore_file(const fs::path& directory) {
    if (const auto text = read_file(directory / scan::kIgnoreFile, kMaxConfigBytes)) allowed_.add_ignore_file(*text);
  }

  // By hand the own rules look at files too; whose event it is does not matter then.
  template <typename Look>
  Scan by_both(Look look) {
    Scan whole = look(scan::Scanner(rules_.secrets, options_));
    if (rules_.own.rules.empty()) return whole;
    Scan own = look(scan::Scanner(rules_.own, options_));
    whole.coverage.rules += own.coverage.rules;
    for (Hit& hit : own.hits)
      if (hit.rule != nullptr) whole.hits.push_back(std::move(hit));
    scan::sort_hits(whole.hits);
    return whole;
  }

  Done files() {
    scan::FileScan what;
    what.paths = args_.positional();
    if (what.paths.empty()) what.paths = {"."};
    what.skip = args_.get("baseline");
    what.progress = progress("files");
    add_ignore_file(".");
    for (const std::string& path : what.paths) {
      std::error_code error;
      if (fs::is_directory(path, error)) add_ignore_file(path);
    }
    Done done;
    done.scan = by_both([&](const scan::Scanner& scanner) { return scan::scan_files(scanner, what); });
    without_allowed(done.scan);
    return done;
  }

  Done standard_input() {
    if (args_.positional().size() > 1) fail_usage("'-' stands for standard input and is named alone");
    const std::string text = read_input("-");
    Done done;
    done.word = "text";
    done.scan = by_both([&](const scan::Scanner& scanner) {
      Scan scan;
      scan.hits = scanner.scan({"", "", text}, scan.coverage);
      return scan;
    });
    without_allowed(done.scan);
    return done;
  }

  void without_allowed(Scan& scan) {
    std::erase_if(scan.hits, [&](const Hit& hit) { return allowed_.covers(hit); });
  }

  Done changes(scan::ChangeScan what) {
    work::Project& project = ctx_.project();
    scan::ScanOptions options = gates::scan_options(project.policy());
    options.decode_depth = std::max(options.decode_depth, options_.decode_depth);
    allowed_.add_all(gates::allowed_by_target(project.repo(), project.policy()));
    what.allowed = &allowed_;
    what.progress = progress("blobs");
    Done done;
    done.word = "blob";
    done.had_to_find_texts = false;
    done.scan = gates::scan_by(rules_, options, project.repo(), what);
    return done;
  }

  Done staged() {
    const git::Repository& repo = ctx_.project().repo();
    return changes({.base_tree = git::tree_of(repo, repo.ref("HEAD")), .tree = repo.write_index_tree()});
  }

  Done range() {
    const git::Repository& repo = ctx_.project().repo();
    const std::string text = args_.get("range");
    const auto dots = text.find("..");
    if (dots == std::string::npos || text.find("...") != std::string::npos)
      fail_usage("'" + sanitize_line(text) + "' is no range", {"write it as A..B: what B has and A has not"});
    const auto commit = [&](const std::string& name) {
      const git::Oid id = repo.resolve_commit(name.empty() ? "HEAD" : name);
      if (id.zero()) fail_usage("there is no commit '" + sanitize_line(name.empty() ? "HEAD" : name) + "'");
      return id;
    };
    const git::Oid from = commit(text.substr(0, dots)), to = commit(text.substr(dots + 2));
    const git::Oid base = repo.merge_base(from, to);
    return changes({.base_tree = git::tree_of(repo, base),
                    .tree = git::tree_of(repo, to),
                    .commits = repo.commits_between(from, to)});
  }

  Done history() {
    const git::Repository& repo = ctx_.project().repo();
    add_ignore_file(repo.work_dir().empty() ? fs::path(".") : repo.work_dir());
    ctx_.out.progress("listing the history's blobs");
    Done done;
    done.word = "blob";
    done.had_to_find_texts = false;
    done.scan = by_both([&](const scan::Scanner& scanner) {
      return scan::scan_history(scanner, repo, {.allowed = &allowed_, .progress = progress("blobs")});
    });
    return done;
  }

  Json data_of(const Done& done, const std::string& coverage, std::int64_t milliseconds) const {
    Json findings = Json::array();
    for (const Hit& hit : done.scan.hits) findings.push_back(scan::to_json(hit.finding));
    const scan::Coverage& counts = done.scan.coverage;
    return {{"findings", std::move(findings)},
            {"rules", rules_.secrets.name},
            {"warnings", rules_.secrets.warnings},
            {"coverage",
             {{"text", coverage},
              {"texts", counts.texts},
              {"bytes", counts.bytes},
              {"rules", counts.rules},
              {"passed_over", counts.passed_over},
              {"binary", counts.binary},
              {"not_scanned", counts.unfinished},
              {"milliseconds", milliseconds}}}};
  }

  void print(const Done& done, const std::string& coverage) {
    const auto& hits = done.scan.hits;
    if (format_ == Format::json) return ctx_.out.begin("gate.scan", true);
    if (format_ == Format::text) {
      for (const Hit& hit : hits)
        ctx_.out.print_line((hit.finding.file.empty() ? "standard input" : "") + scan::finding_line(hit.finding) +
                            (hit.finding.blocks ? "" : " [warning]"));
      return ctx_.out.print_line(coverage);
    }
    const auto commit = [&](const std::string& id) { return ctx_.project().repo().read_commit(git::Oid::parse(id)); };
    const Json report =
        format_ == Format::sarif ? scan::sarif_report(hits, version()) : scan::gitleaks_report(hits, commit);
    ctx_.out.print_line(report.dump(1, ' ', false, Json::error_handler_t::replace));
    ctx_.out.note(coverage);
  }

  Context& ctx_;
  const Args& args_;
  const Format format_;
  gates::SecretRules rules_;
  scan::ScanOptions options_;
  scan::Allowed allowed_;
};

Json texts_of(const std::vector<scan::PatternPtr>& patterns) {
  Json list = Json::array();
  for (const auto& pattern : patterns) list.push_back(pattern->text());
  return list;
}

Json to_json(const scan::Allowlist& list) {
  return {{"description", string_or_null(list.description)},
          {"condition", list.all ? "AND" : "OR"},
          {"paths", texts_of(list.paths)},
          {"regexes", texts_of(list.regexes)},
          {"stopwords", list.stopwords.words()},
          {"commits", list.commits}};
}

Json to_json(const scan::Rule& rule) {
  Json allowlists = Json::array();
  for (const auto& list : rule.allowlists) allowlists.push_back(to_json(*list));
  return {{"id", rule.id},
          {"description", rule.description},
          {"regex", rule.regex ? Json(rule.regex->text()) : Json()},
          {"path", rule.path ? Json(rule.path->text()) : Json()},
          {"files", rule.files},
          {"on", rule.on},
          {"keywords", rule.keywords},
          {"entropy", rule.entropy},
          {"tags", rule.tags},
          {"level", rule.blocks ? "error" : "warning"},
          {"allowlists", allowlists}};
}

void print_rule(Context& ctx, const scan::Rule& rule, const std::string& from) {
  const auto row = [&](const std::string& name, const std::string& text) {
    if (!text.empty())
      ctx.out.print_line(name + std::string(name.size() < 12 ? 12 - name.size() : 1, ' ') + sanitize_line(text));
  };
  ctx.out.print_line(sanitize_line(rule.id) + ": " + sanitize_line(rule.description));
  row("from", from);
  if (rule.regex) row("pattern", rule.regex->text());
  if (rule.path) row("path", rule.path->text());
  row("files", join(rule.files, ", "));
  row("on", join(rule.on, ", "));
  row("keywords", join(rule.keywords, ", "));
  if (rule.entropy != 0) row("entropy", "more than " + Json(rule.entropy).dump() + " bits a character");
  for (const scan::Required& required : rule.required) row("requires", required.id);
  for (const auto& list : rule.allowlists) {
    std::string what;
    const auto count = [&](std::size_t number, const char* word) {
      if (number > 0) what += (what.empty() ? "" : list->all ? " and " : " or ") + std::to_string(number) + " " + word;
    };
    count(list->paths.size(), "paths");
    count(list->regexes.size(), "patterns");
    count(list->stopwords.words().size(), "words");
    count(list->commits.size(), "commits");
    row("lets pass", what + (list->description.empty() ? "" : ": " + list->description));
  }
}

}  // namespace

int scan(Context& ctx, const Args& args) { return Run(ctx, args).all(); }

int explain(Context& ctx, const Args& args) {
  const gates::SecretRules rules = rules_of(ctx, args, "");
  const std::string id = args.at(0);
  const scan::RuleSet* from = &rules.secrets;
  const scan::Rule* rule = from->find(id);
  if (rule == nullptr) {
    from = &rules.own;
    rule = from->find(id);
  }
  if (id == scan::kNotScanned) {
    ctx.out.print_line(id +
                       ": something was not looked at, or not to its end; what is in it is not known to be clean.");
    return ctx.out.answer({{"rule", {{"id", id}}}});
  }
  if (rule == nullptr) {
    std::vector<std::string> near;
    for (const scan::RuleSet* set : {&rules.secrets, &rules.own})
      for (const scan::Rule& other : set->rules)
        if (other.id.find(id) != std::string::npos && near.size() < 10) near.push_back(sanitize_line(other.id));
    throw Error(Kind::not_found, "no rule '" + sanitize_line(fit(id, 80)) + "' in " + sanitize_line(rules.secrets.name),
                near.empty() ? std::vector<std::string>{} : std::vector<std::string>{"there is " + join(near, ", ")});
  }
  print_rule(ctx, *rule, from->name);
  Json data = to_json(*rule);
  data["from"] = from->name;
  return ctx.out.answer({{"rule", data}});
}

}  // namespace ga::cli::gate

#include "gates/cache.hh"

#include <sys/stat.h>

#include "util/fs.hh"
#include "util/text.hh"

namespace ga::gates {
namespace {

/// Identity of the program that a command starts; programs inside the tree are part of the tree.
Json tool_of(const Gate& gate, const GateEnvironment& environment) {
  const std::string program = environment.find(gate.argv.front());
  struct stat info {};
  if (program.empty() || ::stat(program.c_str(), &info) != 0) return nullptr;
  return {{"path", program}, {"size", info.st_size}, {"mtime", {info.st_mtim.tv_sec, info.st_mtim.tv_nsec}}};
}

fs::path file_of(const fs::path& common_dir, bool by_agent, const std::string& key) {
  return common_dir / "agent" / "gate-cache" / (by_agent ? "agent" : "lead") / key;
}

scan::Finding finding_from(const Json& json) {
  scan::Finding finding;
  finding.rule = get_string(json, "rule");
  finding.description = get_string(json, "description");
  finding.file = get_string(json, "file");
  finding.line = static_cast<int>(get_int(json, "line"));
  finding.column = static_cast<int>(get_int(json, "column"));
  finding.end_line = static_cast<int>(get_int(json, "end_line"));
  finding.end_column = static_cast<int>(get_int(json, "end_column"));
  finding.commit = get_string(json, "commit");
  finding.redacted = get_string(json, "redacted");
  finding.fingerprint = get_string(json, "fingerprint");
  finding.blocks = get_string(json, "level") != "warning";
  return finding;
}

std::optional<Verdict> load(const fs::path& file, const Gate& gate, const git::Oid& tree) {
  const auto text = read_file(file);
  const Json json = text ? Json::parse(*text, nullptr, false) : Json();
  if (!json.is_object() || get_string(json, "gate") != gate.name || get_string(json, "tree") != tree.hex())
    return std::nullopt;
  const std::string word = get_string(json, "verdict");
  if (word != "pass" && word != "fail") return std::nullopt;
  Verdict verdict;
  verdict.gate = gate.name;
  verdict.tree = tree;
  verdict.outcome = word == "pass" ? Outcome::pass : Outcome::fail;
  verdict.seconds = json.contains("seconds") && json["seconds"].is_number() ? json["seconds"].get<double>() : 0;
  verdict.cached = true;
  verdict.exit_code = static_cast<int>(get_int(json, "exit_code"));
  verdict.log = get_string(json, "log");
  verdict.excerpt = sanitize(get_string(json, "excerpt"));
  verdict.coverage = get_string(json, "coverage");
  verdict.note = get_string(json, "note");
  if (const auto list = json.find("findings"); list != json.end() && list->is_array())
    for (const Json& finding : *list) verdict.findings.push_back(finding_from(finding));
  return verdict;
}

}  // namespace

std::string cache_key(const Gate& gate, const git::Oid& tree, const GateEnvironment& environment) {
  const Json what = {{"gate", gate.name},
                     {"argv", gate.argv},
                     {"tree", tree.hex()},
                     {"tool", tool_of(gate, environment)},
                     {"path", environment.path()},
                     {"env", environment.passed_on(gate)},
                     {"network", gate.network},
                     {"report", gate.report_format + ":" + gate.report_path},
                     {"v", 2}};
  return sha256_hex(canonical(what));
}

std::optional<Verdict> VerdictCache::find(const Gate& gate, const git::Oid& tree,
                                          const GateEnvironment& environment) const {
  const std::string key = cache_key(gate, tree, environment);
  // An agent may lean on the lead's verdicts, never the other way round.
  if (auto found = load(file_of(common_dir_, false, key), gate, tree)) return found;
  return by_agent_ ? load(file_of(common_dir_, true, key), gate, tree) : std::nullopt;
}

void VerdictCache::store(const Gate& gate, const GateEnvironment& environment, const Verdict& verdict) const {
  if ((verdict.outcome != Outcome::pass && verdict.outcome != Outcome::fail) || verdict.flaky) return;
  const fs::path file = file_of(common_dir_, by_agent_, cache_key(gate, verdict.tree, environment));
  Json json = to_json(verdict);
  make_directories(file.parent_path());
  write_file_atomic(file, canonical(json) + "\n");
}

}  // namespace ga::gates

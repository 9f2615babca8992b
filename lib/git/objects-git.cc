// Objects named by SHA-256: loose ones are read and written by ourselves, all others come from one `git cat-file` that is
// started with the first question and answers until the repository is closed.
#include <charconv>
#include <unordered_map>

#include "git/impl.hh"
#include "git/loose.hh"
#include "util/dialogue.hh"
#include "util/error.hh"
#include "util/text.hh"

namespace ga::git {

namespace {

// What cat-file says of an object before its content: "ID TYPE SIZE"; no id when it has none.
struct Answer {
  Oid id;
  std::string type;
  std::size_t size = 0;
};

Answer parse_answer(const std::string& line) {
  const auto words = split(line, ' ');
  Answer answer;
  if (words.size() != 3) return answer;
  answer.id = Oid::parse(words[0]);
  answer.type = words[1];
  std::from_chars(words[2].data(), words[2].data() + words[2].size(), answer.size);
  return answer;
}

class GitObjects : public ObjectStore {
 public:
  explicit GitObjects(Repository::Impl& impl) : impl_(impl), loose_(impl.objects_dir) {}

  std::optional<RawObject> read(const Oid& id) override {
    if (id.size != size_of(Hash::sha256)) return std::nullopt;
    if (const auto known = answered_.find(id); known != answered_.end()) return known->second;
    if (auto object = loose_.read(id)) return object;
    std::string content;
    const Answer answer = ask("contents " + id.hex(), &content);
    if (!answer.id) return std::nullopt;
    const auto bytes = std::make_shared<const std::string>(std::move(content));
    const RawObject object{type_named(answer.type), *bytes, bytes};
    remember(id, object);
    return object;
  }

  bool has(const Oid& id) override {
    if (!id || id.size != size_of(Hash::sha256)) return false;
    return loose_.has(id) || ask("info " + id.hex(), nullptr).id;
  }

  Oid name(ObjectType type, std::string_view bytes) override { return sha256_name(type, bytes); }

  // Whether a pack has it is not asked: that could cost a process, and a second copy costs only its room.
  void write(const Oid& id, ObjectType type, std::string_view bytes) override {
    if (!loose_.freshen(id)) loose_.write(id, type, bytes);
  }

  void refresh() override {}  // Git looks again by itself before it says that something is missing

  Oid resolve_commit(const std::string& revision) override {
    // A question is one line, and so is every name of a revision that is one.
    if (revision.find('\n') != std::string::npos) return {};
    const Answer answer = ask("info " + revision + "^{commit}", nullptr);
    return answer.type == "commit" ? answer.id : Oid{};
  }

 private:
  // The upper nodes of trees are asked for again and again; whoever walks over a whole ledger must not keep it.
  void remember(const Oid& id, const RawObject& object) {
    constexpr std::size_t kMaxObject = 16 << 10, kMaxTogether = 1 << 20;
    if (object.bytes.size() > kMaxObject) return;
    if (remembered_ + object.bytes.size() > kMaxTogether) answered_.clear(), remembered_ = 0;
    if (answered_.emplace(id, object).second) remembered_ += object.bytes.size();
  }

  // One that has died, of a signal to all of us or in a fork, is started once more.
  Answer ask(const std::string& question, std::string* content) {
    for (int attempt = 0; attempt < 2; ++attempt) {
      if (!git_)
        git_ = start_git({"--no-replace-objects", "cat-file", "--batch-command", "--buffer"}, impl_.git_options());
      if (const auto answer = try_to_ask(question, content)) return *answer;
      complaints_ = git_->complaints();
      git_.reset();
    }
    Result said;
    said.err = complaints_;
    fail_environment("git cat-file failed: " + sanitize_line(last_words(said)));
  }

  // Without a buffer the answer comes in three pieces, each of which wakes us up.
  std::optional<Answer> try_to_ask(const std::string& question, std::string* content) {
    if (!git_->say(question + "\nflush\n")) return std::nullopt;
    const auto line = git_->line();
    if (!line) return std::nullopt;
    Answer answer = parse_answer(*line);
    if (!answer.id || content == nullptr) return answer;
    auto bytes = git_->bytes(answer.size + 1);
    if (!bytes) return std::nullopt;
    bytes->pop_back();
    *content = std::move(*bytes);
    return answer;
  }

  Repository::Impl& impl_;
  LooseStore loose_;
  std::unordered_map<Oid, RawObject, OidHash> answered_;
  std::size_t remembered_ = 0;  // bytes in `answered_`
  std::unique_ptr<Dialogue> git_;
  std::string complaints_;
};

}  // namespace

std::unique_ptr<ObjectStore> open_git_objects(Repository::Impl& impl) { return std::make_unique<GitObjects>(impl); }

}  // namespace ga::git

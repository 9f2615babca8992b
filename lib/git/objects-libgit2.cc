// Objects named by SHA-1: libgit2 finds and reads them, loose ones are written by ourselves.
#include "git/impl.hh"
#include "git/loose.hh"
#include "util/error.hh"

namespace ga::git {

namespace {

git_object_t to_git(ObjectType type) {
  switch (type) {
  case ObjectType::blob:
    return GIT_OBJECT_BLOB;
  case ObjectType::tree:
    return GIT_OBJECT_TREE;
  case ObjectType::commit:
    return GIT_OBJECT_COMMIT;
  case ObjectType::tag:
    return GIT_OBJECT_TAG;
  }
  GA_BUG("unknown object type");
}

ObjectType from_git(git_object_t type) {
  switch (type) {
  case GIT_OBJECT_BLOB:
    return ObjectType::blob;
  case GIT_OBJECT_TREE:
    return ObjectType::tree;
  case GIT_OBJECT_COMMIT:
    return ObjectType::commit;
  default:
    return ObjectType::tag;
  }
}

class Libgit2Objects : public ObjectStore {
 public:
  explicit Libgit2Objects(Repository::Impl& impl) : impl_(impl), loose_(impl.objects_dir) {
    check(git_repository_odb(out(odb_), impl.handle.get()), "open the object database");
  }

  std::optional<RawObject> read(const Oid& id) override {
    const git_oid raw = git::to_git(id);
    git_odb_object* object = nullptr;
    int code = git_odb_read(&object, odb_.get(), &raw);
    if (code == GIT_ENOTFOUND && fetch_missing(id)) code = git_odb_read(&object, odb_.get(), &raw);
    if (code == GIT_ENOTFOUND) return std::nullopt;
    check(code, "read object " + id.hex());
    return RawObject{from_git(git_odb_object_type(object)),
                     {static_cast<const char*>(git_odb_object_data(object)), git_odb_object_size(object)},
                     std::shared_ptr<const void>(object, [](const void* held) {
                       git_odb_object_free(static_cast<git_odb_object*>(const_cast<void*>(held)));
                     })};
  }

  bool has(const Oid& id) override {
    const git_oid raw = git::to_git(id);
    return git_odb_exists(odb_.get(), &raw) == 1;
  }

  Oid name(ObjectType type, std::string_view bytes) override {
    git_oid id;
    check(git_odb_hash(&id, bytes.data(), bytes.size(), to_git(type)), "name an object");
    return git::from_git(id);
  }

  void write(const Oid& id, ObjectType type, std::string_view bytes) override {
    git_oid raw = git::to_git(id);
    // One that is there already is only made younger.
    if (!git_odb_exists_ext(odb_.get(), &raw, GIT_ODB_LOOKUP_NO_REFRESH)) return loose_.write(id, type, bytes);
    check(git_odb_write(&raw, odb_.get(), bytes.data(), bytes.size(), to_git(type)), "write an object");
  }

  void refresh() override { check(git_odb_refresh(odb_.get()), "read the object database again"); }

  Oid resolve_commit(const std::string& revision) override {
    ObjectHandle object, commit;
    // libgit2 finds no names in tables.
    if (impl_.formats.reftable) return Oid::parse(commit_by_git(revision));
    if (git_revparse_single(out(object), impl_.handle.get(), revision.c_str()) < 0) return {};
    if (git_object_peel(out(commit), object.get(), GIT_OBJECT_COMMIT) < 0) return {};
    return git::from_git(*git_object_id(commit.get()));
  }

 private:
  // A partial clone's missing object: Git fetches what it looks at. libgit2 never does.
  bool fetch_missing(const Oid& id) {
    if (!impl_.is_partial_clone()) return false;
    if (!git({"cat-file", "-e", id.hex()}, impl_.git_options()).ok()) return false;
    git_odb_refresh(odb_.get());
    return true;
  }

  std::string commit_by_git(const std::string& revision) const {
    std::string id =
        git({"rev-parse", "--verify", "-q", "--end-of-options", revision + "^{commit}"}, impl_.git_options()).out;
    if (!id.empty()) id.pop_back();
    return id;
  }

  Repository::Impl& impl_;
  OdbHandle odb_;  // every object there is: loose, packs, alternates, quarantine
  LooseStore loose_;
};

}  // namespace

std::unique_ptr<ObjectStore> open_libgit2_objects(Repository::Impl& impl) {
  return std::make_unique<Libgit2Objects>(impl);
}

}  // namespace ga::git

#include "git/hash.hh"

#include "git/repository.hh"
#include "git/sha1.hh"
#include "git/tree-text.hh"
#include "util/error.hh"
#include "util/text.hh"

namespace ga::git {

std::string digest(Hash hash, std::string_view bytes) { return hash == Hash::sha1 ? sha1(bytes) : sha256(bytes); }

Oid sha256_name(ObjectType type, std::string_view bytes) {
  std::string whole(type_name(type));
  whole += ' ' + std::to_string(bytes.size()) + '\0';
  return raw_oid(sha256(whole.append(bytes)));
}

std::string_view type_name(ObjectType type) {
  switch (type) {
  case ObjectType::blob:
    return "blob";
  case ObjectType::tree:
    return "tree";
  case ObjectType::commit:
    return "commit";
  case ObjectType::tag:
    return "tag";
  }
  GA_BUG("unknown object type");
}

ObjectType type_named(std::string_view name) {
  for (const ObjectType type : {ObjectType::blob, ObjectType::tree, ObjectType::commit, ObjectType::tag})
    if (name == type_name(type)) return type;
  fail_environment("an object is of an unknown type: '" + sanitize_line(name) + "'");
}

}  // namespace ga::git

// Bytes of a Git index: a tree is named only by what stands in them.
#include "fuzz.hh"
#include "git/cached-tree.hh"

namespace ga::fuzz {

void fuzz_one(std::string_view input) {
  git::cached_tree(input, 32);
  const auto tree = git::cached_tree(input);
  HOLDS(tree == git::cached_tree(std::string(input)));
  if (!tree) return;
  HOLDS(input.starts_with("DIRC"));
  HOLDS(input.find({reinterpret_cast<const char*>(tree->bytes.data()), tree->size}) != std::string_view::npos);
  // A file that was cut off is known for one.
  HOLDS(!git::cached_tree(input.substr(0, input.size() - 1)));
}

}  // namespace ga::fuzz

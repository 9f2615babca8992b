// Refs kept in tables (reftable): a stack of small files, each sorted, the newest on top. Format: Git's technical
// documentation, "reftable"; only what names refs is read here, logs and the map from objects to refs are not. Included by
// the files of lib/git only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "git/store.hh"

namespace ga::git {

/// One table. Every function throws Error(environment) for bytes that are none.
class Reftable {
 public:
  /// What a table says of a ref; nullopt: that it has been deleted.
  using Value = std::optional<RefValue>;

  /// `name` is for messages. The bytes must live as long.
  Reftable(std::string_view bytes, std::string name);

  /// Whether the table says anything of this ref; then `value` is that.
  bool find(std::string_view name, Value& value) const;
  /// Calls back for every ref with that prefix, sorted by name.
  void each(std::string_view prefix, const std::function<void(const std::string& name, Value value)>& call) const;

 private:
  class Reader;
  struct Block;

  Block block_at(std::uint64_t offset) const;
  std::uint64_t block_of(std::string_view name) const;
  void walk(std::string_view from, const std::function<bool(const std::string& name, Value value)>& visit) const;
  [[noreturn]] void fail() const;

  std::string_view bytes_;  // without the footer
  std::string name_;
  std::size_t header_size_ = 0, id_size_ = 0;
  std::uint64_t block_size_ = 0, index_ = 0;
};

/// All tables of a directory. A question is answered as the stack is at that moment: its list is read each time, and only
/// tables that are new in it are opened.
class ReftableStack {
 public:
  explicit ReftableStack(std::filesystem::path dir);
  ~ReftableStack();
  ReftableStack(const ReftableStack&) = delete;
  ReftableStack& operator=(const ReftableStack&) = delete;

  /// A ref that does not exist has neither id nor target.
  RefValue find(std::string_view name);
  std::map<std::string, RefValue> list(std::string_view prefix);

 private:
  struct Mapped;

  void follow();
  bool open_all(const std::vector<std::string>& names);

  std::filesystem::path dir_;
  std::string listed_;                                 // the list that `tables_` are of
  std::vector<std::shared_ptr<const Mapped>> tables_;  // oldest first
};

}  // namespace ga::git

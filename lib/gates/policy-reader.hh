// Reading typed values from a policy file; what has the wrong type is refused with file, line and key.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "util/json.hh"

namespace ga::gates {

/// Keys from the root of a file; an array's element by its number ("gate", "0", "run").
using KeyPath = std::vector<std::string>;

/// One table of a policy file. Each function leaves its target alone when the key is not there.
class PolicyTable {
 public:
  PolicyTable(std::string_view toml, const std::string& name, const Json& table, KeyPath path = {})
      : toml_(toml), name_(name), table_(table), path_(std::move(path)) {}

  bool has(const std::string& key) const { return table_.contains(key); }
  const Json& at(const std::string& key) const { return table_.at(key); }

  void text(const std::string& key, std::string& target) const;
  void number(const std::string& key, int low, int high, int& target) const;
  void flag(const std::string& key, bool& target) const;
  void strings(const std::string& key, std::vector<std::string>& target) const;
  /// Path patterns; a pattern that can match nothing is refused.
  void patterns(const std::string& key, std::vector<std::string>& target) const;
  void one_of(const std::string& key, const std::vector<std::string>& words, std::string& target) const;
  /// "10m" or whole seconds, from 1 second to 24 hours.
  void duration(const std::string& key, std::int64_t& target) const;

  /// The table at a key; an empty one when it is not there.
  PolicyTable table(const std::string& key) const;
  /// The tables of an array of tables.
  std::vector<PolicyTable> tables(const std::string& key) const;
  std::vector<std::string> keys() const;

  /// Throws Error(environment) "NAME:LINE: KEY what".
  [[noreturn]] void refuse(const std::string& key, const std::string& what) const;

 private:
  std::string_view toml_;
  const std::string& name_;
  const Json& table_;
  KeyPath path_;
};

}  // namespace ga::gates

#include "util/glob.hh"

#include <cstdint>
#include <utility>

#include "util/glob-compile.hh"
#include "util/text.hh"

namespace ga {

namespace {

using States = std::vector<Glob::State>;

constexpr std::size_t longest_pattern = 1024;

// The states an automaton is in, each once.
class StateSet {
 public:
  explicit StateSet(std::size_t size) : marks_(size, 0) {}

  // The state, and those reached from it without reading.
  void add(const States& states, std::size_t state) {
    for (;;) {
      if (marks_[state] == round_) return;
      marks_[state] = round_;
      members_.push_back(static_cast<std::uint32_t>(state));
      if (states[state].skip == 0) return;
      state += states[state].skip;
    }
  }

  void clear() {
    members_.clear();
    ++round_;
  }

  const std::vector<std::uint32_t>& members() const { return members_; }

 private:
  std::vector<std::uint32_t> marks_;
  std::vector<std::uint32_t> members_;
  std::uint32_t round_ = 1;
};

// Both automata at once, over all paths there can be: no empty, "." or ".." component.
class Overlap {
 public:
  Overlap(const States& a, const States& b) : a_(a), b_(b), seen_(a.size() * b.size() * components) {}

  bool any_path() {
    reach(0, 0, start);
    while (!todo_.empty()) {
      const Position at = todo_.back();
      todo_.pop_back();
      if (at.component == named && a_[at.a].accepts && b_[at.b].accepts) return true;
      if (a_[at.a].skip > 0) reach(at.a + a_[at.a].skip, at.b, at.component);
      if (b_[at.b].skip > 0) reach(at.a, at.b + b_[at.b].skip, at.component);
      read_one(at);
    }
    return false;
  }

 private:
  // What has been read of the current component: nothing, ".", "..", anything else.
  enum Component : std::uint8_t { start, dot, dots, named, components };

  struct Position {
    std::size_t a, b;
    Component component;
  };

  void reach(std::size_t a, std::size_t b, Component component) {
    const std::size_t index = (a * b_.size() + b) * components + component;
    if (seen_[index]) return;
    seen_[index] = true;
    todo_.push_back({a, b, component});
  }

  void read_one(const Position& at) {
    const Glob::State &a = a_[at.a], &b = b_[at.b];
    read_into(a.bytes & b.bytes, {at.a + 1, at.b + 1, at.component});
    read_into(a.bytes & b.loop, {at.a + 1, at.b, at.component});
    read_into(a.loop & b.bytes, {at.a, at.b + 1, at.component});
    read_into(a.loop & b.loop, {at.a, at.b, at.component});
  }

  // `to` with the component still as it was before one of the bytes is read.
  void read_into(std::bitset<256> bytes, const Position& to) {
    if (bytes.none()) return;
    if (bytes['/'] && to.component == named) reach(to.a, to.b, start);
    if (bytes['.']) reach(to.a, to.b, to.component == named ? named : static_cast<Component>(to.component + 1));
    if (bytes.reset('/').reset('.').reset(0).any()) reach(to.a, to.b, named);
  }

  const States& a_;
  const States& b_;
  std::vector<bool> seen_;
  std::vector<Position> todo_;
};

// Most patterns people write are plain names; those need no automaton. `anchored`: only from the start.
bool plain_match(std::string_view name, bool anchored, bool directory_only, std::string_view path) {
  for (std::size_t at = 0; (at = path.find(name, at)) != std::string_view::npos; ++at) {
    if (anchored && at > 0) return false;
    const std::size_t end = at + name.size();
    const bool starts = at == 0 || path[at - 1] == '/';
    if (starts && (end == path.size() ? !directory_only : path[end] == '/')) return true;
  }
  return false;
}

bool has_component(std::string_view pattern, std::string_view name) {
  for (const std::string& component : split(pattern, '/'))
    if (lower_ascii(component) == name) return true;
  return false;
}

}  // namespace

Glob::Glob(std::string_view pattern) : states_(compile_glob(pattern)) {}

bool Glob::matches(std::string_view path) const {
  if (states_.empty()) return false;
  StateSet now(states_.size()), next(states_.size());
  now.add(states_, 0);
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    next.clear();
    for (const std::uint32_t state : now.members()) {
      if (states_[state].bytes[byte]) next.add(states_, state + 1);
      if (states_[state].loop[byte]) next.add(states_, state);
    }
    if (next.members().empty()) return false;
    std::swap(now, next);
  }
  for (const std::uint32_t state : now.members())
    if (states_[state].accepts) return true;
  return false;
}

bool Glob::overlaps(const Glob& other) const {
  return !states_.empty() && !other.states_.empty() && Overlap(states_, other.states_).any_path();
}

bool glob_match(std::string_view pattern, std::string_view path) {
  if (pattern.find_first_of("*?[\\") != std::string_view::npos) return Glob(pattern).matches(path);
  const bool directory_only = pattern.ends_with('/');
  if (directory_only) pattern.remove_suffix(1);
  const bool anchored = pattern.find('/') != std::string_view::npos;
  if (pattern.starts_with('/')) pattern.remove_prefix(1);
  return !pattern.empty() && plain_match(pattern, anchored, directory_only, path);
}

bool glob_match_any(const std::vector<std::string>& patterns, std::string_view path) {
  for (const std::string& pattern : patterns)
    if (glob_match(pattern, path)) return true;
  return false;
}

bool globs_overlap(std::string_view a, std::string_view b) { return Glob(a).overlaps(Glob(b)); }

std::string glob_error(std::string_view pattern) {
  if (pattern.empty()) return "an empty pattern";
  if (pattern.size() > longest_pattern) return "longer than " + std::to_string(longest_pattern) + " bytes";
  for (const char c : pattern)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "contains a control character";
  if (pattern.front() == '/') return "absolute; patterns begin at the top of the repository, without '/'";
  if (has_component(pattern, "..")) return "leaves the repository by '..'";
  if (has_component(pattern, ".git")) return "reaches into '.git'";
  if (has_component(pattern, ".")) return "has a '.' component; leave it out";
  // "*" matches every path, so a pattern that does not meet it matches none.
  if (!Glob(pattern).overlaps(Glob("*"))) return "can never match a path";
  return "";
}

}  // namespace ga

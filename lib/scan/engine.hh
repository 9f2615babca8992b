// The scanner: rules over texts. What is found, where, and what could not be looked at.
//
//   Scanner scanner(rules);
//   Coverage coverage;
//   for (const Hit& hit : scanner.scan({.path = "src/a.js", .text = bytes}, coverage)) ... hit.finding ...
//
// Semantics are gitleaks': which rules look at a text, which part of a match is the secret, what entropy and allowlists let
// pass, which of two findings on a line stays. Texts of more than 100,000 bytes are cut as gitleaks cuts them.
//
// No text can stall it: patterns are searched within a budget of processor time for each text (Options::seconds); what is
// left over is a finding "not-scanned", never silence.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scan/finding.hh"
#include "scan/rules.hh"

namespace ga::scan {

/// A text to look at.
struct Source {
  std::string path;    ///< in the tree, or as a file is named; "" for standard input
  std::string commit;  ///< full id of the commit that brings it; ""
  std::string_view text;
};

/// What an allow comment ("gitleaks:allow") on a line means.
enum class AllowComments {
  honoured,  ///< as in gitleaks: nothing is found there. For one's own look at files
  reported,  ///< it changes nothing, and the finding says that it stands there. For what is being judged
};

struct ScanOptions {
  AllowComments comments = AllowComments::honoured;
  double seconds = 2;        ///< processor time for one text and 8 MB of it; 0: as long as it takes
  std::size_t max_size = 0;  ///< texts over so many bytes are not looked at, which is a finding; 0: no limit
  int decode_depth = 0;      ///< passes over what base64, hex, percent and unicode escapes hide; 0: none
};

/// The id of findings that say that something was not looked at.
inline constexpr const char* kNotScanned = "not-scanned";

/// Something found. The secret itself stays within lib/scan and must not be shown.
struct Hit {
  Finding finding;
  const Rule* rule = nullptr;  ///< null for "not-scanned"
  std::string match, secret;   ///< as gitleaks knows them
  double entropy = 0;
  std::vector<std::string> tags;
  bool commented = false;  ///< an allow comment stands on its line
};

/// What was looked at; sums of several threads' can be added.
struct Coverage {
  std::size_t texts = 0;
  std::uint64_t bytes = 0;
  std::size_t passed_over = 0;  ///< let pass whole by an allowlist of paths
  std::size_t binary = 0;       ///< programs, archives and the like: not looked at
  std::size_t unfinished = 0;   ///< not or not wholly looked at, each with a finding
  std::size_t rules = 0;

  Coverage& operator+=(const Coverage& other);
};
/// "12 blobs, 84 KB, 222 rules, 1 binary left out"; `what` is the word for one text, "blob" or "file".
std::string coverage_line(const Coverage& coverage, const std::string& what);

/// Immutable once made; scan() may be called from several threads.
class Scanner {
 public:
  explicit Scanner(const RuleSet& rules, ScanOptions options = {});
  /// The rules must outlive the scanner.
  Scanner(RuleSet&&, ScanOptions = {}) = delete;

  /// In the order of lines.
  std::vector<Hit> scan(const Source& source, Coverage& coverage) const;
  const RuleSet& rules() const { return rules_; }

 private:
  friend class FragmentScan;
  const RuleSet& rules_;
  ScanOptions options_;
  std::vector<std::vector<std::uint32_t>> rules_of_word_;
  /// Of a rule whose matches all hold one of some words: it is tried around these, and nowhere else.
  struct Starts {
    std::vector<std::uint32_t> words;
    std::size_t least = 0, most = 0;  ///< how far behind a match's begin they stand
  };
  Scanner(const RuleSet& rules, ScanOptions options, const std::vector<Anchor>& anchors);
  Scanner(const RuleSet& rules, ScanOptions options, const std::vector<Anchor>& anchors,
          const std::vector<std::string>& words);
  std::vector<Starts> starts_;            ///< of each rule
  std::vector<char> wanted_;              ///< words whose places are needed
  std::vector<std::vector<Glob>> files_;  ///< of each rule
  std::vector<std::uint32_t> always_;     ///< rules without keywords
  Keywords keywords_;
};

/// Bits a character, as gitleaks counts: characters of UTF-8 over the length in bytes.
double shannon_entropy(std::string_view text);
/// Programs, archives, pictures: known by their first bytes.
bool is_binary_format(std::string_view text);
/// How long the next fragment of a text is: 100,000 bytes, and on to two line ends in a row, at most 25,000 more.
std::size_t fragment_length(std::string_view text);

}  // namespace ga::scan

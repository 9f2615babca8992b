// What readers of other trackers' formats give: records that became tasks as far as they make sense, and a remark for
// each thing that did not. Readers are pure and take any bytes; whether links lead anywhere is plan.hh's question.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/task.hh"
#include "util/json.hh"

namespace ga::interop {

/// Something odd in the file: where, about which record ("" when about none), and why.
struct Remark {
  int line = 0;
  std::string id, reason;
  bool expected = false;  ///< nothing wrong, only left out: a deleted record. --strict does not mind it
};
Json to_json(const Remark& remark);

/// A dependency by the other tracker's ids; `since` is when it was added, for finding a cycle's newest one.
struct ForeignNeed {
  std::string id, since;
};

struct Record {
  int line = 0;
  std::string id;       ///< unique in its format: with the tag, branch or address where ids are not
  std::string shown;    ///< the id as the file has it
  std::string version;  ///< when it was changed, in a form that compares; of two with one id the greater one counts
  std::string parent;
  bool parent_is_guess = false;  ///< from the form of the id: its absence is an orphan
  bool deleted = false;
  std::vector<ForeignNeed> needs;
  model::Task task;  ///< everything but id, links and origin; `updated` is the record's (-1: it does not say)
  Json original;     ///< the whole foreign record
};

struct Reading {
  std::vector<Record> records;
  std::vector<Remark> skipped;   ///< left out
  std::vector<Remark> warnings;  ///< taken, but not as it stands
  bool readable = false;         ///< the text is of this format at all; `problem` says why not
  std::string problem;
};

/// A file and its name: formats that are directories give several.
struct InputFile {
  std::string name, text;
};

/// A format: what --from calls it, and its reader.
struct Format {
  const char* name;
  Reading (*read)(const std::vector<InputFile>& files);
};
/// nullptr when there is none of that name.
const Format* find_format(std::string_view name);

Reading read_beads(const std::vector<InputFile>& files);
Reading read_backlog(const std::vector<InputFile>& files);
Reading read_ralph(const std::vector<InputFile>& files);
Reading read_taskmaster(const std::vector<InputFile>& files);
Reading read_taskwarrior(const std::vector<InputFile>& files);
Reading read_github(const std::vector<InputFile>& files);

}  // namespace ga::interop

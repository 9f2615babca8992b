// Members of stored objects, written and read the same way for all of them; for the files of lib/model.
#pragma once

#include <string>

#include "util/clock.hh"
#include "util/json.hh"

namespace ga::model {

/// Sets a member, unless it would be empty: what is not there reads as "".
inline void put(Json& object, const char* key, const std::string& value) {
  if (!value.empty()) object[key] = value;
}

/// A time; 0 when it is absent or none.
inline Time time_member(const Json& object, const char* key) {
  const Time time = parse_time(get_string(object, key));
  return time < 0 ? 0 : time;
}

}  // namespace ga::model

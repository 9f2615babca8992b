// Trailers of a commit message ("Agent-Task: api 3fa2"): the last paragraph, when it is made of them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ga::work {

using Trailer = std::pair<std::string, std::string>;  // name, value

/// The trailers of a message, as `git interpret-trailers --parse` finds them; folded values are unfolded.
std::vector<Trailer> trailers_of(std::string_view message);

/// The message with every trailer of these names gone (names compared without case), then `added` appended to its
/// trailer block, which is begun when there is none. A trailer that stands there word for word is not repeated.
std::string with_trailers(std::string_view message, const std::vector<std::string>& removed,
                          const std::vector<Trailer>& added);

/// Text made safe and short for a trailer's value: one line of at most 200 columns.
std::string trailer_value(std::string_view text);

}  // namespace ga::work

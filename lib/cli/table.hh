// Text in columns.
#pragma once

#include <string>
#include <vector>

namespace ga::cli {

/// Rows as lines of aligned columns, two spaces between them, no space at the end of a line. With a `width` the
/// last column is cut so that lines fit. Cells are made safe for a terminal; of escape sequences only the colours
/// that Output::paint() writes pass.
std::string format_table(const std::vector<std::vector<std::string>>& rows, std::size_t width);

}  // namespace ga::cli

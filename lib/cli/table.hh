// Text in columns.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace ga::cli {

/// A table of any length that is shown line by line: the text of its cells is all that it holds.
class Table {
 public:
  void add(const std::vector<std::string>& row);
  std::size_t rows() const { return row_ends_.size(); }
  /// The lines as format_table() gives them, each with its newline.
  void each_line(std::size_t width, const std::function<void(const std::string&)>& visit) const;

 private:
  std::string text_;                    ///< every cell, one behind the other
  std::vector<std::size_t> cell_ends_;  ///< where in text_ each cell ends
  std::vector<std::size_t> row_ends_;   ///< where in cell_ends_ each row ends
  std::vector<std::size_t> widths_;     ///< the widest cell of each column
};

/// Rows as lines of aligned columns, two spaces between them, no space at the end of a line. With a `width` the
/// last column is cut so that lines fit. Cells are made safe for a terminal; of escape sequences only the colours
/// that Output::paint() writes pass.
std::string format_table(const std::vector<std::vector<std::string>>& rows, std::size_t width);

}  // namespace ga::cli

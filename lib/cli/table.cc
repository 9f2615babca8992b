#include "cli/table.hh"

#include <algorithm>

#include "util/text.hh"

namespace ga::cli {

namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t least_last_column = 8;  // a narrower last column says nothing

/// A piece of a cell: text, or one colour code.
struct Piece {
  std::string text;
  bool colour = false;
};

/// The length of a colour code ("\x1b[1;31m") at `at`, 0 when there is none.
std::size_t colour_length(const std::string& cell, std::size_t at) {
  if (cell.compare(at, 2, "\x1b[") != 0) return 0;
  const std::size_t end = cell.find_first_not_of("0123456789;", at + 2);
  if (end == std::string::npos || cell[end] != 'm' || end - at > 12) return 0;
  return end + 1 - at;
}

std::string one_safe_line(std::string text) {
  for (char& c : text)
    if (c == '\n' || c == '\t' || c == '\r') c = ' ';
  return sanitize(text);
}

std::vector<Piece> pieces_of(const std::string& cell) {
  std::vector<Piece> pieces;
  std::string text;
  for (std::size_t i = 0; i < cell.size();) {
    const std::size_t length = colour_length(cell, i);
    if (length == 0) {
      text += cell[i++];
      continue;
    }
    if (!text.empty()) pieces.push_back({one_safe_line(text)});
    text.clear();
    pieces.push_back({cell.substr(i, length), true});
    i += length;
  }
  if (!text.empty()) pieces.push_back({one_safe_line(text)});
  return pieces;
}

std::size_t width_of(const std::vector<Piece>& cell) {
  std::size_t width = 0;
  for (const Piece& piece : cell)
    if (!piece.colour) width += display_width(piece.text);
  return width;
}

/// Cut to `limit` columns; colour codes stay, so that what was switched on is switched off.
std::vector<Piece> cut(std::vector<Piece> cell, std::size_t limit) {
  if (width_of(cell) <= limit) return cell;
  for (Piece& piece : cell) {
    if (piece.colour) continue;
    const std::size_t width = display_width(piece.text);
    if (width >= limit && limit > 0) {
      // The ellipsis stands here even when this piece alone would just fit: more was to come.
      piece.text = width == limit ? fit(piece.text + "  ", limit) : fit(piece.text, limit);
      limit = 0;
    } else if (limit == 0) {
      piece.text.clear();
    } else {
      limit -= width;
    }
  }
  return cell;
}

std::string text_of(const std::vector<Piece>& cell) {
  std::string text;
  for (const Piece& piece : cell) text += piece.text;
  return text;
}

std::string format_row(const std::vector<std::vector<Piece>>& row, const std::vector<std::size_t>& widths,
                       std::size_t width) {
  std::string line;
  std::size_t used = 0, pending = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const bool last = i + 1 == widths.size();
    std::vector<Piece> cell = row[i];
    if (last && width > 0) {
      const std::size_t left = width > used + pending ? width - used - pending : 0;
      cell = cut(std::move(cell), std::max(left, least_last_column));
    }
    const std::size_t size = width_of(cell);
    if (size > 0) {
      line += std::string(pending, ' ');
      used += pending + size;
      pending = 0;
    }
    line += text_of(cell);
    pending += widths[i] - std::min(size, widths[i]) + gap;
  }
  return line + "\n";
}

}  // namespace

void Table::add(const std::vector<std::string>& row) {
  for (std::size_t column = 0; column < row.size(); ++column) {
    if (widths_.size() <= column) widths_.push_back(0);
    widths_[column] = std::max(widths_[column], width_of(pieces_of(row[column])));
    text_ += row[column];
    cell_ends_.push_back(text_.size());
  }
  row_ends_.push_back(cell_ends_.size());
}

void Table::each_line(std::size_t width, const std::function<void(const std::string&)>& visit) const {
  std::size_t cell = 0, at = 0;
  for (const std::size_t row_end : row_ends_) {
    std::vector<std::vector<Piece>> row;
    for (; cell < row_end; ++cell) {
      row.push_back(pieces_of(text_.substr(at, cell_ends_[cell] - at)));
      at = cell_ends_[cell];
    }
    visit(format_row(row, widths_, width));
  }
}

std::string format_table(const std::vector<std::vector<std::string>>& rows, std::size_t width) {
  Table table;
  for (const auto& row : rows) table.add(row);
  std::string text;
  table.each_line(width, [&](const std::string& line) { text += line; });
  return text;
}

}  // namespace ga::cli

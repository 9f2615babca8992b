// XML, as far as reports of tools need it: read by expat, one element after the other.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace ga {

/// Who is told of each element. Names come without their namespace's prefix.
class XmlVisitor {
 public:
  using Attributes = std::map<std::string, std::string, std::less<>>;
  virtual ~XmlVisitor() = default;
  virtual void start(std::string_view name, const Attributes& attributes) = 0;
  virtual void end(std::string_view name) = 0;
  /// A piece of the text of the element that is open.
  virtual void text(std::string_view piece) = 0;
};

/// Reads one document. Returns "" or why it was not read to its end, "line 3: mismatched tag": not well-formed, cut off, more
/// than 64 MiB, deeper than 64 levels, or with a document type, so that no entity is ever expanded and no file opened. What was
/// told before stands. Throws nothing of its own, and the visitor must throw nothing: C lies between.
std::string read_xml(std::string_view bytes, XmlVisitor& visitor) noexcept;

}  // namespace ga

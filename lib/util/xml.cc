#include "util/xml.hh"

#include <expat.h>

#include <memory>
#include <type_traits>

#include "util/error.hh"

namespace ga {
namespace {

constexpr std::size_t kMaxBytes = 64u << 20;
constexpr int kMaxDepth = 64;

struct Reading {
  XML_Parser parser;
  XmlVisitor& visitor;
  int depth = 0;
  std::string problem;

  // The first reason counts: stopping makes the parser fail with one of its own.
  void stop(const std::string& why) {
    if (problem.empty()) problem = "line " + std::to_string(XML_GetCurrentLineNumber(parser)) + ": " + why;
    XML_StopParser(parser, XML_FALSE);
  }
};

std::string_view bare_name(const char* name) {
  const std::string_view whole = name;
  const std::size_t colon = whole.rfind(':');
  return colon == std::string_view::npos ? whole : whole.substr(colon + 1);
}

void on_start(void* data, const char* name, const char** attributes) {
  auto& reading = *static_cast<Reading*>(data);
  if (++reading.depth > kMaxDepth) return reading.stop("nested deeper than " + std::to_string(kMaxDepth) + " levels");
  XmlVisitor::Attributes map;
  for (; *attributes != nullptr; attributes += 2) map.emplace(bare_name(attributes[0]), attributes[1]);
  reading.visitor.start(bare_name(name), map);
}

void on_end(void* data, const char* name) {
  auto& reading = *static_cast<Reading*>(data);
  if (!reading.problem.empty()) return;
  --reading.depth;
  reading.visitor.end(bare_name(name));
}

void on_text(void* data, const char* piece, int size) {
  auto& reading = *static_cast<Reading*>(data);
  if (reading.problem.empty()) reading.visitor.text({piece, static_cast<std::size_t>(size)});
}

void on_doctype(void* data, const char*, const char*, const char*, int) {
  static_cast<Reading*>(data)->stop("a document type, which is not read");
}

}  // namespace

std::string read_xml(std::string_view bytes, XmlVisitor& visitor) noexcept {
  if (bytes.size() > kMaxBytes) return "larger than 64 MiB";
  const std::unique_ptr<std::remove_pointer_t<XML_Parser>, decltype(&XML_ParserFree)> parser(XML_ParserCreate(nullptr),
                                                                                             &XML_ParserFree);
  if (parser == nullptr) GA_BUG("no memory for an XML parser");
  Reading reading{parser.get(), visitor, 0, ""};
  XML_SetUserData(parser.get(), &reading);
  XML_SetElementHandler(parser.get(), on_start, on_end);
  XML_SetCharacterDataHandler(parser.get(), on_text);
  XML_SetStartDoctypeDeclHandler(parser.get(), on_doctype);
  if (XML_Parse(parser.get(), bytes.data(), static_cast<int>(bytes.size()), XML_TRUE) != XML_STATUS_OK)
    reading.stop(XML_ErrorString(XML_GetErrorCode(parser.get())));
  return reading.problem;
}

}  // namespace ga

#include "cli/help.hh"

namespace ga::cli {

namespace {

struct Page {
  std::string_view name;
  std::string_view text;
};

// One line {"git-agent-task", R"MANPAGE(...)MANPAGE"}, for each page: tools/embed-pages.sh.
constexpr Page pages[] = {
#include "man-pages.inc"
};

}  // namespace

std::string_view page_source(std::string_view page) {
  for (const Page& known : pages)
    if (known.name == page) return known.text;
  return {};
}

}  // namespace ga::cli

#include "cli/man-pages.hh"

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

std::string_view man_page(std::string_view name) {
  for (const Page& page : pages)
    if (page.name == name) return page.text;
  return {};
}

}  // namespace ga::cli

// fuzz-replay TARGET FOLDER...: runs a target over every file of the folders, without libFuzzer, so
// that seeds and inputs which once broke something are tried in every test run.
#include "fuzz/target.h"

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <map>
#include <string>
#include <string_view>

namespace {

using namespace hal9::fuzz;

const std::map<std::string_view, void (*)(std::string_view)>& targets() {
  static const std::map<std::string_view, void (*)(std::string_view)> kTargets{
      {"answers", answers},
      {"codec", codec},
      {"configuration", configuration},
      {"data", data},
      {"line", line},
      {"lines_check", lines_check},
      {"note", note},
      {"object", object},
      {"proof", proof},
      {"seal", seal},
      {"spool", spool},
      {"values", values},
      {"words", words},
  };
  return kTargets;
}

std::size_t replay(void (*target)(std::string_view), const std::filesystem::path& folder) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    std::fprintf(stderr, "%s\n", entry.path().c_str());  // the last one named is the one that broke
    target(bytes);
    ++count;
  }
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || !targets().contains(argv[1])) {
    std::fprintf(stderr, "usage: fuzz-replay TARGET FOLDER...\n");
    return 2;
  }
  std::size_t count = 0;
  for (int i = 2; i < argc; ++i) count += replay(targets().at(argv[1]), argv[i]);
  std::printf("%s: %zu inputs\n", argv[1], count);
  return count == 0 ? 1 : 0;
}

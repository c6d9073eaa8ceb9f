// hal9-pages FOLDER DATE VERSION: what is made from the table of commands when it is built and installed beside
// the program: manual pages into FOLDER/man1, completion scripts into FOLDER/completion.
#include "completion.h"
#include "manual.h"

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <ios>
#include <stdexcept>
#include <string>

namespace {

using namespace hal9::tools;

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream << text;
  stream.close();
  if (!stream) throw std::runtime_error(file.string() + " cannot be written");
}

void make(
    const std::filesystem::path& folder, const std::string& date, const std::string& version
) {
  std::filesystem::create_directories(folder / "man1");
  std::filesystem::create_directories(folder / "completion");
  for (const ManualPage& page : manual_pages(date, version)) {
    write(folder / "man1" / (page.name + ".1"), page.text);
  }
  write(folder / "completion" / "hal9-migrate.bash", bash_script());
  write(folder / "completion" / "_hal9-migrate", zsh_script());
  write(folder / "completion" / "hal9-migrate.fish", fish_script());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    static_cast<void>(std::fputs("usage: hal9-pages FOLDER DATE VERSION\n", stderr));
    return 2;
  }
  try {
    make(argv[1], argv[2], argv[3]);
  } catch (const std::exception& error) {
    static_cast<void>(std::fprintf(stderr, "hal9-pages: %s\n", error.what()));
    return 1;
  }
  return 0;
}

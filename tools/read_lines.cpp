#include "read_lines.h"

#include "base/result.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

namespace hal9::tools {

namespace {

tl::unexpected<Error> not_read(const std::string& path) {
  const int why = errno;
  const Code code = why == ENOENT || why == ENOTDIR ? Code::missing
                    : why == EISDIR                 ? Code::usage
                                                    : Code::failed;
  return fail(code, path + " cannot be read", std::strerror(why), "nothing was changed");
}

// What stands behind the last line feed is kept in `rest`. False: it is refused.
bool take_chunk(std::string_view chunk, std::string& rest, const LineReader& reader) {
  while (!chunk.empty()) {
    const std::size_t end = chunk.find('\n');
    const std::string_view piece = chunk.substr(0, end);
    if (rest.size() + piece.size() > reader.longest) {
      reader.refuse("longer than any event");
      return false;
    }
    if (end == std::string_view::npos) {
      rest += piece;
      return true;
    }
    if (rest.empty()) {
      reader.take(piece);
    } else {
      rest += piece;
      reader.take(rest);
      rest.clear();
    }
    chunk.remove_prefix(end + 1);
  }
  return true;
}

}  // namespace

Result<void> read_lines(const std::string& path, const LineReader& reader) {
  const auto close = [](std::FILE* file) {
    if (file != stdin) static_cast<void>(std::fclose(file));
  };
  // Looked at before it is opened: a pipe without a writer would be waited for.
  std::error_code ignored;
  if (path != "-" && std::filesystem::exists(path, ignored) &&
      !std::filesystem::is_regular_file(path, ignored)) {
    return fail(
        Code::usage, path + " is no file", "it is a folder, a pipe or a device", "nothing was read"
    );
  }
  const std::unique_ptr<std::FILE, decltype(close)> file(
      path == "-" ? stdin : std::fopen(path.c_str(), "rbe"), close
  );
  if (!file) return not_read(path);
  std::array<char, 65536> chunk{};
  std::string rest;
  while (std::feof(file.get()) == 0) {
    const std::size_t size = std::fread(chunk.data(), 1, chunk.size(), file.get());
    if (std::ferror(file.get()) != 0) return not_read(path);
    if (!take_chunk({chunk.data(), size}, rest, reader)) return {};
    if (reader.done && reader.done()) return {};
  }
  if (!rest.empty()) reader.refuse("cut off: it does not end in a line feed");
  return {};
}

}  // namespace hal9::tools

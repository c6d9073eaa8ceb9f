// What the programs behind the promises share: events whose numbers say where they come from, a
// folder in memory, and the one line at the end that tools/soak puts into its table.
#pragma once

#include "base/id.h"
#include "base/result.h"
#include "ledger/line.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace hal9::promises {

// What a program expects to succeed; otherwise the error's sentences end it.
template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().what + ": " + result.error().why);
  return std::move(*result);
}
inline void must(Result<void> result) {
  if (!result) throw std::runtime_error(result.error().what + ": " + result.error().why);
}

// A folder of its own, gone with everything in it. In memory where there is such a place: what is
// tried here is a disk that is made up, and the real one would only be slow.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();
  [[nodiscard]] std::filesystem::path file(std::string_view name) const { return path_ / name; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Command `number` of a writer; the same two numbers give the same id.
CommandId command_id(std::uint64_t writer, std::uint64_t number);
// The number and the writer that made an id.
struct Origin {
  std::uint64_t writer = 0;
  std::uint64_t number = 0;
};
Origin origin_of(const CommandId& id);

// An event of that command, `size` bytes of text in it.
ledger::Draft draft_of(std::uint64_t writer, std::uint64_t number, std::size_t size = 0);

std::string read_file(const std::filesystem::path& file);
void write_file(const std::filesystem::path& file, std::string_view bytes);

// The value behind `--name`, `otherwise` if it is not given. Throws for one that is no number.
std::uint64_t option(int count, char** words, std::string_view name, std::uint64_t otherwise);
bool has_option(int count, char** words, std::string_view name);

// The line of tools/soak's table.
struct Summary {
  std::string promise;
  std::string done;     // what was done how many times
  std::string result;   // "0 lost"
  std::string control;  // what the control did
  std::uint64_t seed = 0;
};
void print(const Summary& summary);

}  // namespace hal9::promises

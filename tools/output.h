// Where a result goes: stdout, or the file of --output.
//
// A file is written beside its name and renamed when it is whole, mode 0600. Missing parent folders
// are made, 0700. Where they cannot be, the file goes beside the ledger: displaced() says so, and
// the command ends as partly done. One thread.
#pragma once

#include "base/result.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hal9::tools {

class Output {
 public:
  // `path` empty or "-": stdout. A device or a pipe is written to as it is; of a link what it leads to. `beside`: the folder to fall back on; may be empty: no fall-back.
  // `guarded`: files that a result must not replace (ledger, configuration), and folders in which,
  // or in whose folders, it must not lie.
  // Errors: usage (a folder, a guarded file), full, read_only, failed.
  static Result<Output> open(
      const std::optional<std::string>& path,
      const std::filesystem::path& beside,
      const std::vector<std::filesystem::path>& guarded
  );
  Output(Output&&) noexcept = default;
  Output& operator=(Output&&) = delete;
  ~Output();

  // False: nobody takes it any more, and nothing further needs to be made. close() says why.
  bool write(std::string_view bytes);
  // What was written has left this process; false as write().
  bool flush();
  // The file is there under its name when this succeeds. A reader of stdout that went away is no
  // error (`| head`), a full disk behind stdout is.
  Result<void> close();

  [[nodiscard]] bool is_file() const { return !target_.empty(); }
  [[nodiscard]] const std::filesystem::path& path() const { return target_; }
  [[nodiscard]] bool displaced() const { return displaced_; }

 private:
  struct Closer {
    void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
  };
  Output() = default;

  std::unique_ptr<std::FILE, Closer> file_;
  std::filesystem::path target_;
  std::filesystem::path partial_;
  bool displaced_ = false;
  int error_ = 0;
};

// `folder` and what is missing above it, each made 0700. Errors: full, read_only, failed.
Result<void> make_folders(const std::filesystem::path& folder);

}  // namespace hal9::tools

module;
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

module rnn.base.file;

import rnn.base.descriptor;
import rnn.base.error;

namespace rnn {

namespace fs = std::filesystem;

namespace {

/// A new name that still shows what it is a copy of and, by its extension, how to read it.
std::string rescued_name(const fs::path& path) {
  const std::string ending = path.extension().native().size() <= 40 ? path.extension().string() : "";
  return (path.has_stem() ? path.stem().string().substr(0, 150) : "saved") + "-" + random_letters(10) + ending;
}

/// Writes a new file; returns an empty path if that does not work.
fs::path write_new(const fs::path& path, std::string_view bytes) {
  Descriptor file = open_file(AT_FDCWD, path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
  if (!file) return {};
  const bool written = write_all(file.number(), bytes) == 0 && ::fsync(file.number()) == 0 && file.close() == 0;
  if (!written) ::unlink(path.c_str());
  return written ? path : fs::path();
}

std::vector<fs::path> places(const fs::path& path) {
  std::vector<fs::path> folders{path.has_parent_path() ? path.parent_path() : fs::path("."), "."};
  if (const char* temporary = std::getenv("TMPDIR"); temporary && *temporary) folders.emplace_back(temporary);
  folders.emplace_back("/tmp");
  return folders;
}

}  // namespace

Kept save_somewhere(const fs::path& path, std::string_view bytes) {
  try {
    replace_file(path, bytes);
    return {path, ""};
  } catch (const FileError& error) {
    for (const fs::path& folder : places(path)) {
      fs::path kept = write_new(folder / rescued_name(path), bytes);
      if (!kept.empty()) return {std::move(kept), error.what()};
    }
    throw;
  }
}

}  // namespace rnn

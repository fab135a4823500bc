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

/// Beside a pipe or a device (in /dev, say) nobody would look for a file, nor expect one.
bool is_place_for_files(const fs::path& path) {
  std::error_code none;
  const fs::file_type type = fs::status(path, none).type();
  return type != fs::file_type::fifo && type != fs::file_type::character && type != fs::file_type::block &&
         type != fs::file_type::socket;
}

std::vector<fs::path> places(const fs::path& path) {
  std::vector<fs::path> folders;
  if (path.has_parent_path() && is_place_for_files(path)) folders.push_back(path.parent_path());
  folders.emplace_back("");
  const auto add = [&](const char* folder) {
    if (folder && *folder) folders.emplace_back(folder);
  };
  add(std::getenv("TMPDIR"));
  for (const char* each : {"/tmp", "/var/tmp"}) folders.emplace_back(each);
  add(std::getenv("HOME"));
  return folders;
}

}  // namespace

fs::path save_under_another_name(const fs::path& path, std::string_view bytes) {
  for (const fs::path& folder : places(path)) {
    fs::path kept = write_new(folder / rescued_name(path), bytes);
    if (!kept.empty()) return kept;
  }
  return {};
}

Kept save_somewhere(const fs::path& path, std::string_view bytes) try {
  replace_file(path, bytes);
  return {path, ""};
} catch (const FileError& error) {
  fs::path kept = save_under_another_name(path, bytes);
  if (kept.empty()) throw;
  return {std::move(kept), error.what()};
}

}  // namespace rnn

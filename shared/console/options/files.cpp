module;
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

module rnn.console.options;

import rnn.base.error;
import rnn.base.file;
import rnn.base.text;

namespace rnn {

namespace {

using Path = std::filesystem::path;

/// An option whose value is the name of a file.
bool read_name(const std::string& text, Path& value) {
  value = text;
  return !text.empty();
}

bool read_input(const std::string& text, Path& value) {
  if (!read_name(text, value)) return false;
  require_readable(value);
  return true;
}

bool read_drawing(const std::string& text, Path& value) {
  constexpr const char* others[] = {".png", ".pdf", ".jpg",  ".jpeg", ".gif", ".webp",
                                    ".bmp", ".tif", ".tiff", ".ps",   ".eps", ".svgz"};
  if (!read_name(text, value)) return false;
  if (std::ranges::none_of(others, [&](const char* other) { return has_extension(value, other); })) return true;
  throw FileError(value, "expected a name that ends in .svg: no other pictures are drawn");
}

std::invalid_argument not_its_own(const std::string& option, const std::string& file, const std::string& whose) {
  return std::invalid_argument(
      fmt::format("{}: expected a file of its own, got {}, {}", option, shown(Path(file)), whose));
}

}  // namespace

Option<Path> Options::input_file(const std::string& name, const std::string& value_name, const std::string& help) {
  Entry entry{name, value_name, help, "", "the name of a file"};
  entry.file = Entry::File::input;
  return declare<Path>(entry, {}, read_input);
}

// Whether the file can be written is checked once all options have been read.
Option<Path> Options::output_file(const std::string& name, const std::string& value_name, const std::string& help) {
  Entry entry{name, value_name, help, "", "the name of a file"};
  entry.file = Entry::File::output;
  return declare<Path>(entry, {}, read_name);
}

Option<Path> Options::output_drawing(const std::string& name, const std::string& value_name, const std::string& help) {
  Entry entry{name, value_name, help, "", "the name of a file"};
  entry.file = Entry::File::output;
  return declare<Path>(entry, {}, read_drawing);
}

Option<Path> Options::output_folder(const std::string& name, const std::string& value_name, const std::string& help) {
  Entry entry{name, value_name, help, "", "the name of a folder"};
  entry.file = Entry::File::folder;
  return declare<Path>(entry, {}, read_name);
}

void Options::may_share(const std::string& name, const std::string& other) { may_share_.emplace_back(name, other); }

void Options::check_files() const {
  std::vector<const Entry*> files;
  for (const Entry& entry : entries_) {
    if (entry.file != Entry::File::none && entry.given) files.push_back(&entry);
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    check_streams(*files[i]);
    for (std::size_t j = 0; j < i; ++j) check_pair(*files[j], *files[i]);
  }
  for (const std::string& argument : *unnamed_) reads(argument);
  for (const Entry* entry : files) {
    try {
      if (entry->file == Entry::File::output) require_writable(entry->text());
      if (entry->file == Entry::File::folder) require_folder_writable(entry->text());
    } catch (const FileError& error) {
      throw std::invalid_argument("--" + entry->name + ": " + error.what());
    }
  }
}

void Options::check_pair(const Entry& one, const Entry& other) const {
  if (!one.is_written() && !other.is_written()) return;
  const std::pair names{one.name, other.name}, reversed{other.name, one.name};
  if (std::ranges::count(may_share_, names) || std::ranges::count(may_share_, reversed)) return;
  if (same_file(one.text(), other.text())) {
    throw not_its_own("--" + other.name, other.text(), "which is that of --" + one.name);
  }
  require_not_above(one, other);
  require_not_above(other, one);
}

// A file cannot be where a folder will be made, whether that is the folder itself or one above it.
void Options::require_not_above(const Entry& file, const Entry& folder) {
  if (folder.file != Entry::File::folder) return;
  for (Path path = folder.text(), above; above = path.parent_path(), !above.empty() && above != path; path = above) {
    if (!same_file(file.text(), above) || std::filesystem::is_directory(above)) continue;
    throw not_its_own("--" + file.name, file.text(), "a folder of --" + folder.name);
  }
}

// What is printed would end up in the middle of the file, or be lost.
void Options::check_streams(const Entry& entry) const {
  for (const auto& [stream, name] : {std::pair(STDOUT_FILENO, "standard output"), {STDERR_FILENO, "standard error"}}) {
    if (is_open_as(stream, entry.text())) {
      throw not_its_own("--" + entry.name, entry.text(), fmt::format("where {} goes", name));
    }
  }
}

void Options::reads(const Path& file) const {
  for (const Entry& entry : entries_) {
    if (!entry.is_written() || !entry.given || !same_file(entry.text(), file)) continue;
    throw not_its_own("--" + entry.name, entry.text(), "which is read");
  }
}

}  // namespace rnn

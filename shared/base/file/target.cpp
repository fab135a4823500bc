module;
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

module rnn.base.file;

import rnn.base.text;

namespace rnn {

namespace fs = std::filesystem;

namespace {

bool is_ordinary(const struct stat& found) { return S_ISREG(found.st_mode); }

/// N for a name of this process's descriptor N, such as /dev/fd/N; −1 for any other name. The system shows descriptors
/// as links, but the text of such a link need not be the name of a file.
int own_descriptor(const fs::path& path) {
  const int number = parse_number<int>(path.filename().string()).value_or(-1);
  std::error_code none;
  const fs::path folder = fs::canonical(path.parent_path(), none);
  for (const char* process : {"/proc/self", "/proc/thread-self"}) {
    const fs::path own = fs::canonical(process, none);
    if (!own.empty() && folder == own / "fd") return number;
  }
  return -1;
}

/// True for a link that the system makes up to show an open file; its text need not be the name of one.
bool is_of_a_process(const fs::path& link) {
  struct statfs system{};
  const fs::path folder = link.has_parent_path() ? link.parent_path() : ".";
  return ::statfs(folder.c_str(), &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
}

void describe(const struct stat& found, Target& target) {
  target.device = found.st_dev;
  target.inode = found.st_ino;
  target.is_pipe = S_ISFIFO(found.st_mode);
  target.keeps_all = !S_ISCHR(found.st_mode);
}

Target descriptor_target(const fs::path& path, int number) {
  Target target{.kind = Target::Kind::descriptor, .path = path, .descriptor = number};
  struct stat found{};
  if (::fstat(number, &found) != 0) fail_with(errno);
  describe(found, target);
  return target;
}

Target present_target(const fs::path& path, const struct stat& found) {
  Target target{.kind = Target::Kind::stream, .path = path};
  if (S_ISDIR(found.st_mode)) target.kind = Target::Kind::folder;
  if (is_ordinary(found)) target.kind = Target::Kind::ordinary;
  describe(found, target);
  return target;
}

/// A name that can be opened although its links do not lead to the file. The system shows other processes' open files
/// this way, and deleted ones.
Target nameless_target(const fs::path& path, const struct stat& found) {
  Target target = present_target(path, found);
  if (target.kind == Target::Kind::ordinary) target.kind = Target::Kind::stream;
  return target;
}

/// A name without a file.
Target missing_target(const fs::path& name) {
  if (name.empty()) fail_with(ENOENT);
  if (!name.has_filename()) fail_with(EISDIR);
  return {.kind = Target::Kind::missing, .path = name};
}

}  // namespace

void fail_with(int error) { throw std::system_error(error, std::generic_category()); }

Target target_of(const fs::path& path) {
  // The system follows links only where it trusts them, so it is asked first. After that, where the links lead only
  // matters for a file that is missing or has to be replaced by name.
  struct stat found{};
  const bool there = ::stat(path.c_str(), &found) == 0;
  if (!there && errno != ENOENT) fail_with(errno);

  fs::path name = path;
  bool of_a_process = false;
  for (;;) {
    struct stat here{};
    const bool named = ::lstat(name.c_str(), &here) == 0;
    if (named && S_ISLNK(here.st_mode)) {
      if (const int number = own_descriptor(name); number >= 0) return descriptor_target(path, number);
      std::error_code error;
      const fs::path next = fs::read_symlink(name, error);
      if (error) fail_with(error.value());
      of_a_process = of_a_process || is_of_a_process(name);
      name = name.parent_path() / next;
      continue;
    }
    const bool same = named && there && here.st_dev == found.st_dev && here.st_ino == found.st_ino;
    if (of_a_process && there && !same) return nameless_target(path, found);
    // Another program may have replaced the file since it was asked for first.
    return named ? present_target(name, here) : missing_target(name);
  }
}

bool same_file(const fs::path& a, const fs::path& b) try {
  const Target first = target_of(a), second = target_of(b);
  if (first.kind != Target::Kind::missing) {
    return first.keeps_all && first.device == second.device && first.inode == second.inode;
  }
  struct stat first_folder{}, second_folder{};
  if (::stat(first.folder().c_str(), &first_folder) != 0 || ::stat(second.folder().c_str(), &second_folder) != 0) {
    return false;
  }
  return first_folder.st_dev == second_folder.st_dev && first_folder.st_ino == second_folder.st_ino &&
         first.path.filename() == second.path.filename();
} catch (const std::system_error&) {
  return false;
}

bool is_open_as(int descriptor, const fs::path& path) try {
  struct stat open{};
  if (::fstat(descriptor, &open) != 0) return false;
  const Target target = target_of(path);
  return target.kind == Target::Kind::ordinary && target.device == open.st_dev && target.inode == open.st_ino;
} catch (const std::system_error&) {
  return false;
}

bool is_stream(const fs::path& path) try {
  const Target target = target_of(path);
  return target.kind == Target::Kind::stream || target.kind == Target::Kind::descriptor;
} catch (const std::system_error&) {
  return false;
}

bool has_extension(const fs::path& path, std::string_view extension) {
  const auto same = [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); };
  return std::ranges::equal(path.extension().string(), extension, same);
}

}  // namespace rnn

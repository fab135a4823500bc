module;
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>

module rnn.base.file;

import rnn.base.descriptor;
import rnn.base.error;

namespace rnn {

namespace fs = std::filesystem;

namespace {

/// An existing file can at least be written in place, as long as it can be opened.
void require_openable(const fs::path& path) {
  if (!open_file(AT_FDCWD, path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY)) fail_with(errno);
}

/// A file with nearly the same name can be created there and can hold something: on a full disk it can only be created.
/// Returns the system's error, or 0.
int try_to_make(const Target& target) {
  const Descriptor folder = open_file(AT_FDCWD, target.folder().c_str(), O_PATH | O_DIRECTORY);
  if (!folder) return errno;
  const Neighbor neighbor = make_neighbor(folder.number(), target.path.filename().string());
  if (!neighbor.file) return errno;
  const int error = write_all(neighbor.file.number(), std::string(4096, '\0'));
  ::unlinkat(folder.number(), neighbor.name.c_str(), 0);
  return error;
}

void require_makeable(const Target& target) {
  if (const int error = try_to_make(target)) fail_with(error);
}

void require_replaceable(const Target& target) {
  require_openable(target.path);
  const int error = try_to_make(target);
  if (error != 0 && !is_refusal(error)) fail_with(error);
}

void require_writing_descriptor(int number) {
  if ((::fcntl(number, F_GETFL) & O_ACCMODE) == O_RDONLY) fail_with(EBADF);
}

}  // namespace

void require_writable(const fs::path& path) try {
  const Target target = target_of(path);
  switch (target.kind) {
    case Target::Kind::folder: fail_with(EISDIR);
    case Target::Kind::missing: return require_makeable(target);
    case Target::Kind::descriptor: return require_writing_descriptor(target.descriptor);
    case Target::Kind::ordinary: return require_replaceable(target);
    case Target::Kind::stream: break;
  }
  // Opening a pipe and closing it again would be the end of the file for its reader.
  if (!target.is_pipe) return require_openable(target.path);
  if (::faccessat(AT_FDCWD, target.path.c_str(), W_OK, AT_EACCESS) != 0) fail_with(errno);
} catch (const std::system_error& error) {
  throw FileError(path, std::generic_category().message(error.code().value()));
}

void require_folder_writable(const fs::path& path) try {
  const fs::path wanted = path.has_filename() ? path : path.parent_path();  // without a trailing slash
  fs::path folder = wanted;
  struct stat found{};
  while (::stat(folder.c_str(), &found) != 0) {
    if (target_of(folder).path != folder) fail_with(ENOENT);  // a dangling link is in the way
    folder = folder.has_parent_path() ? folder.parent_path() : fs::path(".");
  }
  require_makeable({.path = folder / "events"});
} catch (const std::system_error& error) {
  throw FileError(path, std::generic_category().message(error.code().value()));
}

}  // namespace rnn

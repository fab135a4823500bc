module;
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

module rnn.base.file;

import rnn.base.descriptor;
import rnn.base.error;

namespace rnn {

FileError cannot(const std::filesystem::path& path, const char* be_done, int error) {
  // EINTR here always means a reader that never came.
  const std::string why =
      error == EINTR ? "nobody reads it, and the program was asked to end" : std::generic_category().message(error);
  return FileError(path, std::string("cannot be ") + be_done + ": " + why);
}

std::string read_file(const std::filesystem::path& path, std::size_t largest) {
  return read_file(path, [&](std::string_view) { return largest; });
}

std::string read_file(const std::filesystem::path& path, const std::function<std::size_t(std::string_view)>& largest) {
  const Descriptor file = open_file(AT_FDCWD, path.c_str(), O_RDONLY);
  if (!file) throw cannot(path, "opened", errno);
  std::string bytes;
  std::vector<char> buffer(1 << 16);
  std::optional<std::size_t> most;
  for (;;) {
    const ssize_t got = ::read(file.number(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw cannot(path, "read", errno);
    bytes.append(buffer.data(), static_cast<std::size_t>(got));
    // A pipe may bring its first bytes in several pieces.
    if (!most && (got == 0 || bytes.size() >= buffer.size())) most = largest(bytes);
    if (most && bytes.size() > *most) {
      throw FileError(path, "expected at most " + std::to_string(*most) + " bytes, found more");
    }
    if (got == 0) return bytes;
  }
}

void require_readable(const std::filesystem::path& path) {
  const auto fail = [&](int error) { throw FileError(path, std::generic_category().message(error)); };
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) fail(errno);
  if (S_ISDIR(found.st_mode)) fail(EISDIR);
  // Opening a pipe and closing it again would tell its writer that the reader is gone.
  const bool pipe = S_ISFIFO(found.st_mode);
  const bool readable = pipe ? ::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) == 0
                             : bool(open_file(AT_FDCWD, path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY));
  if (!readable) fail(errno);
}

}  // namespace rnn

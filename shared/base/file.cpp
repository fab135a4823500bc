module;
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

module rnn.base.file;

namespace rnn {

namespace {

FileError cannot(const std::filesystem::path& path, const char* be_done, int error) {
  return FileError(path, std::string("cannot be ") + be_done + ": " + std::generic_category().message(error));
}

/// An open file that is closed whatever happens.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }
  bool close() {
    const int number = number_;
    number_ = -1;
    return number < 0 || ::close(number) == 0;
  }

 private:
  int number_;
};

/// Writes all bytes and closes the file. Throws FileError, naming `path`, whatever the file's own name is.
void write_all(Descriptor& file, std::string_view bytes, bool sync, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.number(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw cannot(path, "written", errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (sync && ::fsync(file.number()) != 0) throw cannot(path, "written", errno);
  if (!file.close()) throw cannot(path, "written", errno);
}

}  // namespace

std::string read_file(const std::filesystem::path& path, std::size_t largest) {
  return read_file(path, [&](std::string_view) { return largest; });
}

std::string read_file(const std::filesystem::path& path, const std::function<std::size_t(std::string_view)>& largest) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) throw cannot(path, "opened", errno);
  std::string bytes;
  std::vector<char> buffer(1 << 16);
  std::size_t most = 0;
  for (bool first = true;; first = false) {
    const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), file.get());
    if (std::ferror(file.get())) throw cannot(path, "read", errno);
    bytes.append(buffer.data(), got);
    if (first) most = largest(bytes);
    if (bytes.size() > most) throw FileError(path, "expected at most " + std::to_string(most) + " bytes, found more");
    if (got < buffer.size()) return bytes;
  }
}

void replace_file(const std::filesystem::path& path, std::string_view bytes) {
  std::error_code none;
  const auto status = std::filesystem::status(path, none);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (file.number() < 0) throw cannot(path, "written", errno);
    return write_all(file, bytes, false, path);
  }

  // A link stays a link: what it points to is replaced.
  const auto target = std::filesystem::is_symlink(path, none) ? std::filesystem::weakly_canonical(path) : path;
  const std::filesystem::path partial = target.string() + ".partial";
  Descriptor file(::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (file.number() < 0) throw cannot(path, "written", errno);
  try {
    write_all(file, bytes, true, path);
    if (std::rename(partial.c_str(), target.c_str()) != 0) throw cannot(path, "written", errno);
  } catch (...) {
    ::unlink(partial.c_str());
    throw;
  }
  // The new name is on the disk once the folder is; a file system that cannot sync a folder has to do without.
  const auto folder = target.has_parent_path() ? target.parent_path() : std::filesystem::path(".");
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.number() >= 0) ::fsync(directory.number());
}

}  // namespace rnn

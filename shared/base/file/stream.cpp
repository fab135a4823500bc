module;
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

module rnn.base.file;

import rnn.base.descriptor;
import rnn.base.error;

namespace rnn {

namespace fs = std::filesystem;

Descriptor open_stream(const Target& target) {
  Descriptor file = open_when_read(target.path.c_str());
  if (!file) fail_with(errno);
  struct stat found{};
  if (::fstat(file.number(), &found) == 0 && S_ISREG(found.st_mode) && ::ftruncate(file.number(), 0) != 0) {
    fail_with(errno);
  }
  return file;
}

static void write_to(int stream, std::string_view bytes) {
  std::cout.flush();  // what the program has printed so far comes first; C's stdout shares its buffer
  if (const int error = write_when_read(stream, bytes)) fail_with(error);
}

void write_stream(const Target& target, std::string_view bytes) {
  if (target.kind == Target::Kind::descriptor) return write_to(target.descriptor, bytes);
  Descriptor file = open_stream(target);
  write_to(file.number(), bytes);
  if (const int error = file.close()) fail_with(error);
}

GrowingFile::GrowingFile(fs::path path, std::string_view beginning) : path_(std::move(path)) {
  try {
    const Target target = target_of(path_);
    if (target.kind == Target::Kind::stream) pipe_ = open_stream(target);
    stream_ = target.kind == Target::Kind::descriptor ? target.descriptor : pipe_.number();
    if (stream_ >= 0) write_to(stream_, beginning);
  } catch (const std::system_error& error) {
    throw cannot(path_, "written", error.code().value());
  }
  if (stream_ < 0) replace_file(path_, beginning);
}

void GrowingFile::append(std::string_view bytes) try {
  if (stream_ >= 0) return write_to(stream_, bytes);
  // The file is opened again by its name, since it may have been replaced in the meantime.
  Descriptor file = open_file(AT_FDCWD, path_.c_str(), O_WRONLY | O_APPEND);
  // Not at once with O_CREAT: in folders like /tmp the system then refuses the files of others that may be written.
  if (!file && errno == ENOENT) file = open_file(AT_FDCWD, path_.c_str(), O_WRONLY | O_CREAT | O_APPEND);
  struct stat before{};
  if (!file || ::fstat(file.number(), &before) != 0) fail_with(errno);
  if (const int error = write_all(file.number(), bytes)) {
    (void)!::ftruncate(file.number(), before.st_size);
    fail_with(error);
  }
  if (const int error = file.close()) fail_with(error);
} catch (const std::system_error& error) {
  throw cannot(path_, "written", error.code().value());
}

}  // namespace rnn

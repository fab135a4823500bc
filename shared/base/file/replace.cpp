module;
#include <fcntl.h>
#include <linux/limits.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

module rnn.base.file;

import rnn.base.descriptor;
import rnn.base.error;
import rnn.base.notice;
import rnn.base.text;

namespace rnn {

namespace fs = std::filesystem;

bool is_refusal(int error) {
  for (const int each : {EACCES, EPERM, EROFS, EBUSY, EXDEV, EOPNOTSUPP}) {
    if (error == each) return true;
  }
  return false;
}

namespace {

/// The reason for a refusal; 0 on success. Every other error is thrown.
using Refusal = int;

Refusal refused(int error) { return is_refusal(error) ? error : (fail_with(error), error); }

void write_and_sync(int file, std::string_view bytes) {
  if (const int error = write_all(file, bytes)) fail_with(error);
  if (::fsync(file) != 0 && errno != EINVAL && errno != EOPNOTSUPP) fail_with(errno);
}

/// Gives the new file the owner, mode and access list of the old one. Returns 0 or errno.
Refusal take_after(int old, int file) {
  struct stat want{}, have{};
  if (::fstat(old, &want) != 0 || ::fstat(file, &have) != 0) fail_with(errno);
  const bool same_owner = want.st_uid == have.st_uid && want.st_gid == have.st_gid;
  if (!same_owner && ::fchown(file, want.st_uid, want.st_gid) != 0) return errno;
  if (::fchmod(file, want.st_mode & 07777) != 0) return errno;
  constexpr char access_list[] = "system.posix_acl_access";
  std::vector<char> list(XATTR_SIZE_MAX);
  const ssize_t size = ::fgetxattr(old, access_list, list.data(), list.size());
  if (size == -1) return 0;
  return ::fsetxattr(file, access_list, list.data(), std::size_t(size), 0) == 0 ? 0 : errno;
}

/// A new file in the folder. It gets the target's name once it is complete, and is removed otherwise.
class NewFile {
 public:
  NewFile(int folder, const std::string& target) : folder_(folder), target_(target) {}
  ~NewFile() {
    if (!name_.empty()) ::unlinkat(folder_, name_.c_str(), 0);
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  /// Creates it. A nameless file leaves nothing behind after a kill, but not every file system has them. Returns false,
  /// with errno, on failure.
  bool make(bool nameless) {
    if (nameless) {
      file_ = open_file(folder_, ".", O_WRONLY | O_TMPFILE);
    } else {
      Neighbor neighbor = make_neighbor(folder_, target_);
      file_ = std::move(neighbor.file);
      name_ = std::move(neighbor.name);
    }
    return bool(file_);
  }

  /// Fills it, with mode and owner of the file `old` if there is one.
  Refusal fill(std::string_view bytes, const Descriptor& old) {
    if (old) {
      if (const Refusal refusal = take_after(old.number(), file_.number())) return refused(refusal);
    }
    write_and_sync(file_.number(), bytes);
    return 0;
  }

  /// Makes sure that it has a name. Returns false, with errno, if it cannot get one.
  bool give_name() {
    if (!name_.empty()) return true;
    const std::string link = "/proc/self/fd/" + std::to_string(file_.number());
    for (int attempts = 0; attempts < 100; ++attempts) {
      std::string name = neighbors_name(target_);
      if (::linkat(AT_FDCWD, link.c_str(), folder_, name.c_str(), AT_SYMLINK_FOLLOW) == 0) {
        name_ = std::move(name);
        return true;
      }
      if (errno != EEXIST) break;
    }
    return false;
  }

  /// Gives it the target's name.
  Refusal publish() {
    if (const int error = file_.close()) fail_with(error);
    if (::renameat(folder_, name_.c_str(), folder_, target_.c_str()) != 0) return refused(errno);
    name_.clear();
    return 0;
  }

 private:
  int folder_;
  const std::string& target_;
  Descriptor file_;
  std::string name_;  // of its own; empty when it has none
};

/// Overwrites a file that has to stay where it is. If that fails, its old content is written back.
void write_in_place(const Descriptor& file, const Target& target, std::string_view bytes) {
  std::optional<std::string> before;
  try {
    before = read_file(target.path);
  } catch (const FileError&) {  // it can be written but not read, or is too large
  }
  try {
    write_and_sync(file.number(), bytes);
    if (::ftruncate(file.number(), off_t(bytes.size())) != 0) fail_with(errno);
  } catch (const std::system_error&) {
    if (!before) throw;
    ::lseek(file.number(), 0, SEEK_SET);
    if (write_all(file.number(), *before) == 0) (void)!::ftruncate(file.number(), off_t(before->size()));
    throw;
  }
}

Refusal replace_by_name(int folder, const std::string& target, std::string_view bytes, const Descriptor& old) {
  for (const bool nameless : {true, false}) {
    NewFile file(folder, target);
    if (!file.make(nameless)) {
      if (nameless) continue;
      return refused(errno);
    }
    if (const Refusal refusal = file.fill(bytes, old)) return refusal;
    if (file.give_name()) return file.publish();
  }
  return 0;  // not reached: the second file has a name, or there is none
}

/// Where no file can be created, or given this name, the bytes go into the file itself.
void write_without_replacing(const Target& target, std::string_view bytes, Descriptor file, Refusal refusal,
                             const fs::path& path) {
  const bool made = !file;
  if (made) file = open_file(AT_FDCWD, target.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
  if (!file) fail_with(refusal);
  notice(shown(path) + ": cannot be replaced (" + std::generic_category().message(refusal) +
         "), so it is written in place: a crash now would leave only part of it");
  try {
    write_in_place(file, target, bytes);
  } catch (const std::system_error&) {
    if (made) ::unlink(target.path.c_str());
    throw;
  }
}

void replace_ordinary(const Target& target, std::string_view bytes, const fs::path& path) {
  const bool there = target.kind == Target::Kind::ordinary;
  Descriptor old;
  if (there) {
    old = open_file(AT_FDCWD, target.path.c_str(), O_WRONLY | O_NOFOLLOW | O_NONBLOCK);
    if (!old && errno != ENOENT) fail_with(errno);  // somebody has just removed it: it is made anew
  }
  const Descriptor folder = open_file(AT_FDCWD, target.folder().c_str(), O_PATH | O_DIRECTORY);
  if (!folder) fail_with(errno);
  const std::string name = target.path.filename().string();
  if (const Refusal refusal = replace_by_name(folder.number(), target.path.filename().string(), bytes, old)) {
    return write_without_replacing(target, bytes, std::move(old), refusal, path);
  }
  // The new name is on disk once the folder is synced; a file system that cannot sync folders has to do without.
  if (const Descriptor listing = open_file(AT_FDCWD, target.folder().c_str(), O_RDONLY | O_DIRECTORY)) {
    ::fsync(listing.number());
  }
}

}  // namespace

void replace_file(const fs::path& path, std::string_view bytes) try {
  const Target target = target_of(path);
  const bool ordinary = target.kind == Target::Kind::ordinary || target.kind == Target::Kind::missing;
  ordinary ? replace_ordinary(target, bytes, path) : write_stream(target, bytes);
} catch (const std::system_error& error) {
  throw cannot(path, "written", error.code().value());
}

}  // namespace rnn

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "../support/chapter.hpp"
#include "../support/processes.hpp"

import rnn.base.error;
import rnn.base.file;
import rnn.base.notice;

using namespace rnn;
using testing::as_nobody;
using testing::in_a_child;
namespace fs = std::filesystem;

namespace {

/// What was asked of the disk, in order.
std::vector<std::string> asked;

/// As on a file system that has no files without a name.
bool every_file_has_a_name = false;

/// As in a folder like /tmp, where the system opens the files of others only if they need not be made.
bool files_of_others_are_protected = false;

/// What another program does at the moment when this one has a second look at a file; it does it once.
std::function<void()> at_second_look;

/// What a call of the system says before it does what it is asked: errors by its name, one for each call, 0 for none.
std::map<std::string, std::deque<int>> refusals;

bool is_refused(const std::string& call) {
  std::deque<int>& errors = refusals[call];
  if (errors.empty()) return false;
  const int error = errors.front();
  errors.pop_front();
  if (error != 0) errno = error;
  return error != 0;
}

std::string shape_of(const char* name) {
  std::string shape = fs::path(name).filename().string();
  const auto is_random = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (shape.size() >= 10 && std::all_of(shape.end() - 10, shape.end(), is_random)) {
    shape.replace(shape.size() - 10, 10, "RANDOM");
  }
  return shape;
}

}  // namespace

// These replace the system's own functions throughout this program.
extern "C" int fsync(int file) {
  const std::string name = fs::read_symlink("/proc/self/fd/" + std::to_string(file)).filename().string();
  asked.push_back("sync " + (name.ends_with(" (deleted)") ? "a file without a name" : shape_of(name.c_str())));
  if (is_refused("fsync")) return -1;
  return static_cast<int>(::syscall(SYS_fsync, file));
}
extern "C" int linkat(int, const char* from, int folder, const char* to, int flags) noexcept {
  asked.push_back("name " + shape_of(to));
  if (is_refused("linkat")) return -1;
  return static_cast<int>(::syscall(SYS_linkat, AT_FDCWD, from, folder, to, flags));
}
extern "C" int renameat(int folder, const char* from, int to_folder, const char* to) noexcept {
  asked.push_back("rename " + shape_of(from) + " " + to);
  if (is_refused("renameat")) return -1;
  return static_cast<int>(::syscall(SYS_renameat2, folder, from, to_folder, to, 0));
}
extern "C" int lstat64(const char* name, struct stat64* found) noexcept {
  if (at_second_look) std::exchange(at_second_look, nullptr)();
  return static_cast<int>(::syscall(SYS_newfstatat, AT_FDCWD, name, found, AT_SYMLINK_NOFOLLOW));
}
extern "C" int openat64(int folder, const char* name, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  if (is_refused("openat")) return -1;
  if (every_file_has_a_name && (flags & O_TMPFILE) == O_TMPFILE) return errno = EOPNOTSUPP, -1;
  const bool may_make = (flags & (O_CREAT | O_EXCL)) == O_CREAT;
  if (files_of_others_are_protected && may_make && ::faccessat(folder, name, F_OK, 0) == 0) return errno = EACCES, -1;
  return static_cast<int>(::syscall(SYS_openat, folder, name, flags, mode));
}

extern "C" int fstat64(int file, struct stat64* found) noexcept {
  return is_refused("fstat") ? -1 : static_cast<int>(::syscall(SYS_fstat, file, found));
}
extern "C" ssize_t readlink(const char* name, char* text, std::size_t size) noexcept {
  return is_refused("readlink") ? -1 : ::syscall(SYS_readlinkat, AT_FDCWD, name, text, size);
}
extern "C" int fchmod(int file, mode_t mode) noexcept {
  return is_refused("fchmod") ? -1 : static_cast<int>(::syscall(SYS_fchmod, file, mode));
}
extern "C" int fchown(int file, uid_t user, gid_t group) noexcept {
  return is_refused("fchown") ? -1 : static_cast<int>(::syscall(SYS_fchown, file, user, group));
}
extern "C" int ftruncate64(int file, off64_t size) noexcept {
  return is_refused("ftruncate") ? -1 : static_cast<int>(::syscall(SYS_ftruncate, file, size));
}
extern "C" int close(int file) {
  const int closed = static_cast<int>(::syscall(SYS_close, file));
  return is_refused("close") ? -1 : closed;
}
extern "C" ssize_t read(int file, void* bytes, std::size_t count) {
  return is_refused("read") ? -1 : ::syscall(SYS_read, file, bytes, count);
}

namespace {

/// `work` on a file system that has files without names, and on one that has none.
void with_and_without_nameless_files(const std::function<void()>& work) {
  for (const bool named : {false, true}) {
    every_file_has_a_name = named;
    work();
  }
  every_file_has_a_name = false;
}

struct Folder : testing::Folder {
  fs::path path = *this / "";
  std::size_t count() const { return std::size_t(std::distance(fs::directory_iterator(path), {})); }
};

std::string write_error(const fs::path& path, const std::string& bytes = "new") {
  try {
    replace_file(path, bytes);
  } catch (const FileError& error) {
    return error.what();
  }
  return "no error";
}

std::string read_error(const fs::path& path, std::size_t largest) {
  try {
    read_file(path, largest);
  } catch (const FileError& error) {
    return error.what();
  }
  return "no error";
}

/// No file that this program writes may grow beyond so many bytes, as long as this lives.
class FileLimit {
 public:
  explicit FileLimit(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_;
};

struct stat status_of(const fs::path& path) {
  struct stat found{};
  BOOST_TEST_REQUIRE(::lstat(path.c_str(), &found) == 0);
  return found;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_written_is_read_and_nothing_else_is_left) {
  with_and_without_nameless_files([] {
    const Folder folder;
    const fs::path path = folder.path / "a";
    replace_file(path, std::string("one\0two", 7));
    BOOST_TEST(read_file(path) == std::string("one\0two", 7));
    replace_file(path, "");
    BOOST_TEST(read_file(path) == "");
    BOOST_TEST(folder.count() == 1u);
  });
}

BOOST_AUTO_TEST_CASE(bytes_are_on_the_disk_before_they_get_the_name_and_then_the_name_is) {
  const Folder folder;
  const std::string place = folder.path.parent_path().filename().string();
  with_and_without_nameless_files([&] {
    asked.clear();
    replace_file(folder.path / "a", "new");
    std::vector<std::string> expected{"sync a file without a name", "name .a.RANDOM", "rename .a.RANDOM a",
                                      "sync " + place};
    if (every_file_has_a_name) expected = {"sync .a.RANDOM", "rename .a.RANDOM a", "sync " + place};
    BOOST_TEST(asked == expected, boost::test_tools::per_element());
  });
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_read_is_named) {
  const Folder folder;
  const std::string place = folder.path.parent_path().string();
  BOOST_TEST(read_error(place + "/a", 100) == place + "/a: cannot be opened: No such file or directory");
  BOOST_TEST(read_error(place, 100) == place + ": cannot be read: Is a directory");
  replace_file(place + "/a", "closed");
  fs::permissions(place + "/a", fs::perms::none);
  fs::permissions(folder.path, fs::perms::all);
  BOOST_TEST(as_nobody([&] { return read_error(place + "/a", 100); }) ==
             place + "/a: cannot be opened: Permission denied");
  BOOST_TEST(read_error(place + "/a/b", 100) == place + "/a/b: cannot be opened: Not a directory");
}

BOOST_AUTO_TEST_CASE(a_file_larger_than_allowed_is_not_read_to_its_end) {
  BOOST_TEST(read_error("/dev/zero", 100) == "/dev/zero: expected at most 100 bytes, found more");
}

BOOST_AUTO_TEST_CASE(a_full_disk_leaves_the_old_file_and_nothing_beside_it) {
  with_and_without_nameless_files([] {
    const Folder folder;
    const fs::path path = folder.path / "a";
    replace_file(path, "old");
    {
      const FileLimit limit(1000);
      BOOST_TEST(write_error(path, std::string(5000, 'x')) == path.string() + ": cannot be written: File too large");
    }
    BOOST_TEST(read_file(path) == "old");
    BOOST_TEST(folder.count() == 1u);
  });
  BOOST_TEST(write_error("/dev/full") == "/dev/full: cannot be written: No space left on device");
}

BOOST_AUTO_TEST_CASE(a_place_where_nothing_can_be_written_is_named) {
  const Folder folder;
  const std::string place = folder.path.parent_path().string();
  BOOST_TEST(write_error(place + "/none/a") == place + "/none/a: cannot be written: No such file or directory");
  BOOST_TEST(write_error(place) == place + ": cannot be written: Is a directory");
  BOOST_TEST(write_error(place + "/none/") == place + "/none/: cannot be written: Is a directory");
  BOOST_TEST(write_error("") == ": cannot be written: No such file or directory");
  replace_file(place + "/a", "old");
  fs::permissions(folder.path, fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_exec);
  BOOST_TEST(as_nobody([&] { return write_error(place + "/a"); }) ==
             place + "/a: cannot be written: Permission denied");
  fs::permissions(folder.path, fs::perms::owner_all);
  BOOST_TEST(read_file(place + "/a") == "old");
}

BOOST_AUTO_TEST_CASE(a_link_stays_a_link_and_what_it_points_to_is_replaced_or_made) {
  const Folder folder;
  fs::create_directory(folder.path / "sub");
  replace_file(folder.path / "a", "old");
  fs::create_symlink("a", folder.path / "link");
  fs::create_symlink("../link", folder.path / "sub/link to link");
  fs::create_symlink("sub/missing", folder.path / "dangling");
  fs::create_symlink(folder.path / "dangling", folder.path / "sub/to dangling");
  const auto check = [&](const char* link, const char* target, const char* bytes) {
    replace_file(folder.path / link, bytes);
    BOOST_TEST(fs::is_symlink(folder.path / link), link);
    BOOST_TEST(!fs::is_symlink(folder.path / target), target);
    BOOST_TEST(read_file(folder.path / target) == bytes, link);
  };
  check("link", "a", "new");
  check("sub/link to link", "a", "newer");
  check("sub/to dangling", "sub/missing", "made");
  check("dangling", "sub/missing", "replaced");
  fs::create_symlink("a", folder.path / "1");  // which is no descriptor there
  check("1", "a", "newest");
  refusals = {{"readlink", {EIO}}};
  BOOST_TEST(write_error(folder.path / "link") == folder / "link" + ": cannot be written: Input/output error");
  fs::create_symlink("circle", folder.path / "circle");
  BOOST_TEST(write_error(folder.path / "circle") ==
             folder / "circle" + ": cannot be written: Too many levels of symbolic links");
}

BOOST_AUTO_TEST_CASE(what_lies_in_the_way_is_neither_followed_nor_waited_for) {
  const Folder folder;
  const fs::path victim = folder.file("victim", "precious");
  fs::create_symlink(victim, folder.path / "a.partial");
  BOOST_TEST_REQUIRE(::mkfifo((folder.path / "b.partial").c_str(), 0600) == 0);
  for (const char* name : {"a", "b"}) {
    BOOST_TEST(in_a_child([&] { return write_error(folder.path / name); }) == "no error");
    BOOST_TEST(read_file(folder.path / name) == "new");
    BOOST_TEST(!fs::is_symlink(folder.path / name));
  }
  BOOST_TEST(read_file(victim) == "precious");
}

BOOST_AUTO_TEST_CASE(mode_owner_and_access_list_of_a_file_stay) {
  with_and_without_nameless_files([] {
    const Folder folder;
    const fs::path path = folder.path / "a";
    for (const mode_t mode : {0600, 0640, 0444, 0777, 04711}) {
      replace_file(path, "old");
      BOOST_TEST_REQUIRE(::chmod(path.c_str(), mode) == 0);
      if (::geteuid() == 0) {
        BOOST_TEST_REQUIRE(::chown(path.c_str(), 1234, 4321) == 0);
        BOOST_TEST_REQUIRE(::chmod(path.c_str(), mode) == 0);
      } else if ((mode & 0200) == 0) {
        continue;
      }
      const auto before = status_of(path);
      replace_file(path, "new");
      const auto after = status_of(path);
      BOOST_TEST(after.st_mode == before.st_mode, std::oct << after.st_mode << " of " << before.st_mode);
      BOOST_TEST(after.st_uid == before.st_uid);
      BOOST_TEST(after.st_gid == before.st_gid);
      BOOST_TEST(after.st_ino != before.st_ino);
      fs::remove(path);
    }
    // Version 2; owner rw, user 1234 r, group -, mask r, others -: tags 1, 2, 4, 16, 32.
    const unsigned char list[] = {2, 0,   0,   0,   1,   0,   6,  0, 255, 255, 255, 255, 2,   0,  4,
                                  0, 210, 4,   0,   0,   4,   0,  0, 0,   255, 255, 255, 255, 16, 0,
                                  4, 0,   255, 255, 255, 255, 32, 0, 0,   0,   255, 255, 255, 255};
    replace_file(path, "old");
    constexpr char name[] = "system.posix_acl_access";
    if (::setxattr(path.c_str(), name, list, sizeof list, 0) != 0) return testing::skipped("access lists", errno);
    replace_file(path, "new");
    unsigned char kept[sizeof list] = {};
    BOOST_TEST(::getxattr(path.c_str(), name, kept, sizeof kept) == ssize_t(sizeof list));
    BOOST_TEST(std::ranges::equal(kept, list));
  });
}

BOOST_AUTO_TEST_CASE(a_new_file_has_the_mode_that_the_user_wants_for_new_files) {
  with_and_without_nameless_files([] {
    const Folder folder;
    const mode_t before = ::umask(027);
    replace_file(folder.path / "a", "new");
    ::umask(before);
    BOOST_TEST((status_of(folder.path / "a").st_mode & 07777) == 0640u);
  });
}

BOOST_AUTO_TEST_CASE(a_file_stays_that_of_its_owner_when_somebody_else_may_write_it) {
  if (::geteuid() != 0) return testing::skipped("files of other users", EPERM);
  const Folder folder;
  fs::permissions(folder.path, fs::perms::all);
  const fs::path path = folder.file("shared", "old, and longer than the new one");
  fs::permissions(path, fs::perms::all);
  const auto before = status_of(path);
  BOOST_TEST(as_nobody([&] { return write_error(path); }) == "no error");
  BOOST_TEST(status_of(path).st_uid == before.st_uid);
  BOOST_TEST(read_file(path) == "new");
  BOOST_TEST(folder.count() == 1u);
}

BOOST_AUTO_TEST_CASE(files_of_others_in_a_common_folder_are_replaced_and_added_to) {
  with_and_without_nameless_files([] {
    const Folder folder;
    folder.file("a", "of somebody else");
    files_of_others_are_protected = true;
    GrowingFile file(folder.path / "a", "begin");
    for (const char* more : {" more", " end"}) file.append(more);
    files_of_others_are_protected = false;
    BOOST_TEST(folder.read("a") == "begin more end");
  });
}

BOOST_AUTO_TEST_CASE(any_number_of_programs_replace_one_file_and_it_is_whole_at_any_moment) {
  with_and_without_nameless_files([] {
    const Folder folder;
    const fs::path path = folder.path / "a";
    const auto content = [](char letter) { return std::string(100'000 + 10'000 * std::size_t(letter - 'a'), letter); };
    replace_file(path, content('a'));
    std::vector<std::unique_ptr<testing::Child>> writers;
    for (const char letter : {'b', 'c', 'd'}) {
      writers.push_back(std::make_unique<testing::Child>([&, letter] {
        for (int i = 0; i < 60; ++i) replace_file(path, content(letter));
        return std::string("done");
      }));
    }
    for (int i = 0; i < 300; ++i) {
      const std::string bytes = read_file(path);
      BOOST_TEST_REQUIRE(!bytes.empty());
      BOOST_TEST_REQUIRE((bytes == content(bytes[0])), bytes.size() << " bytes of " << bytes[0]);
    }
    for (const auto& writer : writers) BOOST_TEST(writer->answer() == "done");
    BOOST_TEST(folder.count() == 1u);
  });
}

BOOST_AUTO_TEST_CASE(a_file_that_another_program_replaces_makes_or_removes_at_the_same_time_is_never_written_in_part) {
  with_and_without_nameless_files([] {
    const Folder folder;
    const fs::path path = folder.path / "a", other = folder.path / "other", seen = folder.path / "seen";
    const auto replaced = [&] {
      folder.file("other", "of the other program");
      fs::create_hard_link(other, seen);  // whoever has opened it goes on to see it so
      fs::rename(other, path);
    };
    const std::vector<std::function<void()>> deeds{replaced, [&] { fs::remove(path); }};
    for (const bool was_there : {true, false}) {
      for (const auto& deed : deeds) {
        fs::remove(seen);
        fs::remove(path);
        if (was_there) folder.file("a", "old");
        at_second_look = deed;
        BOOST_TEST(write_error(path) == "no error");
        BOOST_TEST(!at_second_look);
        BOOST_TEST(folder.read("a") == "new");
        if (fs::exists(seen)) BOOST_TEST(folder.read("seen") == "of the other program");
      }
    }
  });
}

BOOST_AUTO_TEST_CASE(a_program_that_is_killed_leaves_a_whole_file_and_nothing_beside_it) {
  const Folder folder;
  const fs::path path = folder.path / "a";
  const std::string old(300'000, 'o');
  for (int delay = 0; delay < 40; ++delay) {
    replace_file(path, old);
    testing::Child writer([&] {
      for (;;) replace_file(path, std::string(300'000, 'n'));
      return std::string();
    });
    std::this_thread::sleep_for(std::chrono::microseconds(300 * delay));
    ::kill(writer.pid(), SIGKILL);
    BOOST_TEST(writer.answer() == "killed by signal 9");
    const std::string bytes = read_file(path);
    BOOST_TEST((bytes.size() == old.size() && bytes == std::string(old.size(), bytes[0])));
  }
  // Between getting a name of its own and getting the target's it may be hit; nearly all of the time goes into writing.
  BOOST_TEST(folder.count() - 1 <= 4u);
}

BOOST_AUTO_TEST_CASE(a_name_may_be_as_long_as_the_file_system_allows) {
  with_and_without_nameless_files([] {
    const Folder folder;
    for (const std::size_t length : {1, 2, 32, 33, 200, 247, 248, 250, 254, 255}) {
      for (const std::string letter : {"x", "ä", "€", "\x80"}) {  // and one that begins no character
        std::string name;
        while (name.size() + letter.size() <= length) name += letter;
        if (name.empty()) continue;
        const fs::path path = folder.path / name;
        require_writable(path);
        BOOST_TEST(write_error(path) == "no error", name.size() << " bytes");
        BOOST_TEST(write_error(path, "newer") == "no error", name.size() << " bytes");
        BOOST_TEST(read_file(path) == "newer");
        fs::remove(path);
        BOOST_TEST(folder.count() == 0u);
      }
    }
    // And a path: 4095 bytes is the longest.
    std::string deep = folder.path.parent_path().string();
    while (deep.size() < 4095 - 202) deep += "/" + std::string(199, 'd');
    BOOST_TEST_REQUIRE(fs::create_directories(deep));
    deep += "/" + std::string(4095 - deep.size() - 1, 'f');
    require_writable(deep);
    BOOST_TEST(write_error(deep) == "no error");
    BOOST_TEST(read_file(deep) == "new");
  });
}

BOOST_AUTO_TEST_CASE(an_error_of_the_system_is_told_and_the_old_file_stays) {
  const Folder folder;
  const std::string path = folder / "a";
  const auto answer = [&](const std::string& call, const std::deque<int>& errors, bool there = true) {
    fs::remove(path);
    if (there) folder.file("a", "old");
    refusals = {{call, errors}};
    const std::string said = write_error(path), begin = path + ": cannot be written: ";
    BOOST_TEST(refusals[call].empty(), call);
    refusals.clear();
    BOOST_TEST(folder.read("a") == (said == "no error" ? "new" : there ? "old" : ""), call << ": " << said);
    BOOST_TEST(folder.count() == (said == "no error" || there ? 1u : 0u), call);
    return said.starts_with(begin) ? said.substr(begin.size()) : said;
  };
  const std::string broken = "Input/output error", many = "Too many open files";
  for (const char* call : {"fsync", "fstat", "fchmod", "renameat", "close"}) BOOST_TEST(answer(call, {EIO}) == broken);
  for (const char* call : {"fsync", "renameat", "close"}) BOOST_TEST(answer(call, {EIO}, false) == broken);
  BOOST_TEST(answer("fstat", {0, EIO}) == broken);
  // A file system that cannot sync has to do without.
  for (const int error : {EINVAL, EOPNOTSUPP}) BOOST_TEST(answer("fsync", {error, error}) == "no error");
  BOOST_TEST(answer("fsync", {0, EIO}) == "no error");  // of the folder
  // A name that somebody else has just taken is not the only one.
  BOOST_TEST(answer("linkat", {EEXIST, EEXIST}) == "no error");
  asked.clear();
  BOOST_TEST(answer("linkat", std::deque<int>(100, EEXIST)) == "no error");
  BOOST_TEST(std::ranges::count(asked, "name .a.RANDOM") == 100);
  asked.clear();
  BOOST_TEST(answer("linkat", {EPERM}) == "no error");
  BOOST_TEST(std::ranges::count(asked, "name .a.RANDOM") == 1);
  // The file itself, its folder, one without a name, one with a name; the folder once more, to sync it.
  BOOST_TEST(answer("openat", {EMFILE}) == many);
  BOOST_TEST(answer("openat", {ENOENT}) == "no error");  // somebody has just removed it
  BOOST_TEST(answer("openat", {0, EMFILE}) == many);
  BOOST_TEST(answer("openat", {0, 0, EMFILE}) == "no error");
  BOOST_TEST(answer("openat", {0, 0, EMFILE, EMFILE}) == many);
  BOOST_TEST(answer("openat", {0, 0, 0, EMFILE}) == "no error");
}

BOOST_AUTO_TEST_CASE(what_the_system_refuses_to_replace_is_written_in_place) {
  const Folder folder;
  const std::string path = folder / "a", begin = path + ": cannot be written: ";
  const NoticeReceiver receiver([](const std::string&) { return true; });  // the test of places looks at it
  const auto answer = [&](const std::map<std::string, std::deque<int>>& errors, bool there = true) {
    fs::remove(path);
    if (there) folder.file("a", "old");
    const auto before = there ? status_of(path).st_ino : 0;
    refusals = errors;
    const std::string said = write_error(path, "a new one, which is longer");
    refusals.clear();
    if (there) BOOST_TEST(status_of(path).st_ino == before);
    BOOST_TEST(folder.count() == std::size_t(fs::exists(path)));
    return (said.starts_with(begin) ? said.substr(begin.size()) : said) + ": " +
           (fs::exists(path) ? folder.read("a") : "nothing");
  };
  const std::string all = "no error: a new one, which is longer";
  for (const int error : {EACCES, EPERM, EROFS, EBUSY, EXDEV, EOPNOTSUPP}) {
    BOOST_TEST(answer({{"renameat", {error}}}) == all);
    BOOST_TEST(answer({{"renameat", {error}}}, false) == all);
  }
  BOOST_TEST(answer({{"renameat", {EBUSY}}}) == all);
  BOOST_TEST(answer({{"fchmod", {EPERM}}}) == all);
  BOOST_TEST(answer({{"openat", {0, 0, EMFILE, EACCES}}}) == all);
  // What it held comes back when that fails, and a file that was made for it goes.
  BOOST_TEST(answer({{"renameat", {EBUSY}}, {"ftruncate", {EIO}}}) == "Input/output error: old");
  BOOST_TEST(answer({{"renameat", {EBUSY}}, {"fsync", {0, EIO}}}) == "Input/output error: old");
  BOOST_TEST(answer({{"renameat", {EBUSY}}, {"ftruncate", {EIO}}}, false) == "Input/output error: nothing");
  BOOST_TEST(answer({{"renameat", {EBUSY}}, {"openat", {0, 0, EMFILE}}}, false) == "Device or resource busy: nothing");
  if (::geteuid() != 0) return testing::skipped("files of other users", EPERM);
  folder.file("a", "old");
  BOOST_TEST_REQUIRE(::chown(path.c_str(), 1234, 0) == 0);
  refusals = {{"fchown", {EIO}}};
  BOOST_TEST(write_error(path) == begin + "Input/output error");
  BOOST_TEST_REQUIRE(::chown(path.c_str(), 0, 4321) == 0);
  refusals = {{"fchown", {EIO}}};
  BOOST_TEST(write_error(path) == begin + "Input/output error");
  BOOST_TEST_REQUIRE(::chown(path.c_str(), 0, 0) == 0);
  refusals = {{"fchown", {EIO}}};
  BOOST_TEST(write_error(path) == "no error");  // the owner is the same: it need not be changed
  BOOST_TEST(refusals["fchown"].size() == 1u);
  refusals.clear();
}

BOOST_AUTO_TEST_CASE(reading_goes_on_after_a_signal_and_tells_other_errors) {
  const Folder folder;
  const std::string path = folder.file("a", "some text");
  refusals = {{"read", {EINTR, EINTR, 0, EINTR}}};
  BOOST_TEST(read_file(path) == "some text");
  BOOST_TEST(refusals["read"].empty());
  refusals = {{"read", {0, EIO}}};
  BOOST_TEST(read_error(path, 100) == path + ": cannot be read: Input/output error");
}

BOOST_AUTO_TEST_CASE(the_first_bytes_of_a_file_decide_how_many_it_may_have) {
  const Folder folder;
  for (const std::size_t size : {0, 1, 65535, 65536, 65537, 200'000}) {
    const std::string bytes(size, 'x'), path = folder.file("a", bytes);
    std::vector<std::size_t> seen;
    const auto limited = [&](std::size_t most) {
      try {
        return read_file(path, [&](std::string_view first) { return seen.push_back(first.size()), most; }) == bytes
                   ? "all"
                   : "not all";
      } catch (const FileError& error) {
        BOOST_TEST(error.what() == path + ": expected at most " + std::to_string(most) + " bytes, found more");
        return "refused";
      }
    };
    BOOST_TEST(limited(size) == "all");
    BOOST_TEST(seen == std::vector{std::min<std::size_t>(size, 65536)}, boost::test_tools::per_element());
    if (size > 0) BOOST_TEST(limited(size - 1) == "refused");
  }
}

BOOST_AUTO_TEST_CASE(a_file_that_grows_is_made_again_when_it_was_removed_and_tells_errors) {
  const Folder folder;
  const std::string path = folder / "a", broken = path + ": cannot be written: Input/output error";
  GrowingFile file(path, "begin");
  const auto append = [&](const std::map<std::string, std::deque<int>>& errors) {
    refusals = errors;
    try {
      file.append(" more");
    } catch (const FileError& error) {
      refusals.clear();
      return std::string(error.what());
    }
    return std::string("no error");
  };
  BOOST_TEST(append({{"fstat", {EIO}}}) == broken);
  BOOST_TEST(append({{"openat", {EIO}}}) == broken);
  BOOST_TEST(folder.read("a") == "begin");
  BOOST_TEST(append({{"close", {EIO}}}) == broken);
  fs::remove(path);
  BOOST_TEST(append({}) == "no error");
  BOOST_TEST(folder.read("a") == " more");
  fs::remove(path);
  BOOST_TEST(append({{"openat", {0, EIO}}}) == broken);
  refusals = {{"close", {EIO}}};
  BOOST_TEST(write_error("/dev/null") == "/dev/null: cannot be written: Input/output error");
}

BOOST_AUTO_TEST_CASE(what_is_saved_elsewhere_is_whole_and_its_name_shows_what_it_is) {
  const Folder folder;
  fs::create_directory(folder.path / "here");
  // In the folder of the file if that works, else in the current one; its name without the random letters.
  const auto saved = [&](const std::string& path, const std::map<std::string, std::deque<int>>& errors = {}) {
    return in_a_child([&] {
      fs::current_path(folder.path / "here");
      for (const char* name : {"TMPDIR", "HOME"}) ::unsetenv(name);
      refusals = errors;
      const fs::path kept = save_under_another_name(path, "weights");
      refusals.clear();
      if (read_file(kept) != "weights") return std::string("not all");
      const std::string name = kept.filename().string(), ending = kept.extension().string();
      return kept.parent_path().string() + "/" + name.substr(0, name.size() - ending.size() - 10) + ending;
    });
  };
  const auto left = [&] { return std::size_t(std::distance(fs::recursive_directory_iterator(folder.path), {})); };
  BOOST_TEST(saved(folder / "a.b.safetensors") == folder / "a.b-.safetensors");
  BOOST_TEST(saved(folder / std::string(200, 's')) == folder / std::string(150, 's') + "-");
  BOOST_TEST(saved(folder / "a." + std::string(39, 'e')) == folder / "a-." + std::string(39, 'e'));
  BOOST_TEST(saved(folder / "a." + std::string(40, 'e')) == folder / "a-");
  BOOST_TEST(saved(folder / "") == folder / "saved-");
  BOOST_TEST(saved("a") == "/a-");
  const std::size_t before = left();
  for (const char* call : {"openat", "fsync", "close"}) {
    BOOST_TEST(saved(folder / "b", {{call, {EIO}}}) == "/b-", call);
  }
  BOOST_TEST(left() == before + 3);
  // Nobody looks for a file beside a pipe or a socket.
  BOOST_TEST_REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  BOOST_TEST(saved(folder / "pipe") == "/pipe-");
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  (folder / "socket").copy(address.sun_path, sizeof address.sun_path - 1);
  const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  BOOST_TEST_REQUIRE(::bind(server, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  ::close(server);
  BOOST_TEST(saved(folder / "socket") == "/socket-");
}

BOOST_AUTO_TEST_CASE(an_extension_is_the_same_in_capitals) {
  for (const char* name : {"a.svg", "a.SVG", "a.b.Svg", "/x.dot/a.sVg"}) BOOST_TEST(has_extension(name, ".svg"), name);
  for (const char* name : {"a.dot", "svg", ".svg", "a.svg.gz", "a.svgz", "a."}) {
    BOOST_TEST(!has_extension(name, ".svg"), name);
  }
}

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

import rnn.base.error;
import rnn.base.file;

using namespace rnn;
namespace fs = std::filesystem;

namespace {

/// What was asked of the disk, in order.
std::vector<std::string> asked;

}  // namespace

// These two stand in front of the system's own, for the whole of this program.
extern "C" int fsync(int file) {
  asked.push_back("sync " + fs::read_symlink("/proc/self/fd/" + std::to_string(file)).filename().string());
  return static_cast<int>(::syscall(SYS_fsync, file));
}
extern "C" int rename(const char* from, const char* to) noexcept {
  asked.push_back("rename " + fs::path(from).filename().string() + " " + fs::path(to).filename().string());
  return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

namespace {

struct Folder {
  fs::path path = fs::temp_directory_path() / ("files_test." + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
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

/// The system refuses root nothing: where this runs as root, `what` is done as nobody.
template <class What>
std::string as_nobody(What what) {
  const uid_t user = ::geteuid();
  if (user == 0) BOOST_TEST_REQUIRE(::seteuid(65534) == 0);
  const std::string result = what();
  if (user == 0) BOOST_TEST_REQUIRE(::seteuid(user) == 0);
  return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_written_is_read_and_nothing_else_is_left) {
  const Folder folder;
  const fs::path path = folder.path / "a";
  replace_file(path, std::string("one\0two", 7));
  BOOST_TEST(read_file(path) == std::string("one\0two", 7));
  replace_file(path, "");
  BOOST_TEST(read_file(path) == "");
  BOOST_TEST(folder.count() == 1u);
}

BOOST_AUTO_TEST_CASE(bytes_are_on_the_disk_before_they_get_the_name_and_then_the_name_is) {
  const Folder folder;
  asked.clear();
  replace_file(folder.path / "a", "new");
  const std::vector<std::string> expected{"sync a.partial", "rename a.partial a",
                                          "sync " + folder.path.filename().string()};
  BOOST_TEST(asked == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_read_is_named) {
  const Folder folder;
  const std::string place = folder.path.string();
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
  const Folder folder;
  const fs::path path = folder.path / "a";
  replace_file(path, "old");
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit before;
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{1000, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  const std::string message = write_error(path, std::string(5000, 'x'));
  ::setrlimit(RLIMIT_FSIZE, &before);
  BOOST_TEST(message == path.string() + ": cannot be written: File too large");
  BOOST_TEST(read_file(path) == "old");
  BOOST_TEST(folder.count() == 1u);
  BOOST_TEST(write_error("/dev/full") == "/dev/full: cannot be written: No space left on device");
}

BOOST_AUTO_TEST_CASE(a_place_where_nothing_can_be_written_is_named) {
  const Folder folder;
  const std::string place = folder.path.string();
  BOOST_TEST(write_error(place + "/none/a") == place + "/none/a: cannot be written: No such file or directory");
  BOOST_TEST(write_error(place) == place + ": cannot be written: Is a directory");
  replace_file(place + "/a", "old");
  fs::permissions(folder.path, fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_exec);
  BOOST_TEST(as_nobody([&] { return write_error(place + "/a"); }) ==
             place + "/a: cannot be written: Permission denied");
  fs::permissions(folder.path, fs::perms::owner_all);
  BOOST_TEST(read_file(place + "/a") == "old");
}

BOOST_AUTO_TEST_CASE(a_link_stays_a_link) {
  const Folder folder;
  replace_file(folder.path / "a", "old");
  fs::create_symlink("a", folder.path / "link");
  replace_file(folder.path / "link", "new");
  BOOST_TEST(fs::is_symlink(folder.path / "link"));
  BOOST_TEST(read_file(folder.path / "a") == "new");
}

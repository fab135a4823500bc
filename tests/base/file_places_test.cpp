#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "../support/chapter.hpp"
#include "../support/processes.hpp"

import rnn.base.descriptor;
import rnn.base.error;
import rnn.base.file;
import rnn.base.notice;

using namespace rnn;
using testing::as_nobody;
using testing::Child;
using testing::Folder;
using testing::in_a_child;
namespace fs = std::filesystem;

namespace {

/// "yes", or what is wrong.
std::string can(const std::function<void()>& work) {
  try {
    work();
  } catch (const FileError& error) {
    return error.what();
  }
  return "yes";
}
std::string can_replace(const fs::path& path, const std::string& bytes = "new") {
  return can([&] { replace_file(path, bytes); });
}
std::string can_be_written(const fs::path& path) {
  return can([&] { require_writable(path); });
}

/// What notices said while this lived.
class Notices {
 public:
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::vector<std::string> lines_;
  const NoticeReceiver receiver_{[this](const std::string& line) { return lines_.push_back(line), true; }};
};

/// Sets an attribute such as "immutable" of a file or folder as long as it lives.
class Attribute {
 public:
  Attribute(const fs::path& path, int flag) : path_(path), flag_(flag) { error_ = change(true); }
  ~Attribute() { change(false); }
  Attribute(const Attribute&) = delete;
  Attribute& operator=(const Attribute&) = delete;
  int error() const { return error_; }

 private:
  int change(bool on) {
    const int file = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    int flags = 0;
    int error = file < 0 || ::ioctl(file, FS_IOC_GETFLAGS, &flags) != 0 ? errno : 0;
    flags = on ? flags | flag_ : flags & ~flag_;
    if (error == 0 && ::ioctl(file, FS_IOC_SETFLAGS, &flags) != 0) error = errno;
    ::close(file);
    return error;
  }
  fs::path path_;
  int flag_, error_;
};

/// All that a name may stand for, in a folder.
std::vector<fs::path> places(const Folder& folder) {
  const auto in = [&](const std::string& name) { return fs::path(folder / name); };
  folder.file("file", "old");
  folder.file("read only", "old");
  folder.file("closed", "old");
  fs::permissions(in("read only"), fs::perms(0444));
  fs::permissions(in("closed"), fs::perms(0));
  fs::permissions(in("file"), fs::perms(0666));
  for (const auto& [name, mode] : std::map<std::string, int>{
           {"open", 0777}, {"unwritable", 0555}, {"hidden", 0700}, {"sticky", 01777}, {"write only", 0333}}) {
    fs::create_directory(in(name));
    folder.file(name + "/file", "old");
    fs::permissions(in(name + "/file"), fs::perms(0666));
    fs::permissions(in(name), fs::perms(mode));
  }
  fs::create_symlink("file", in("link"));
  fs::create_symlink("unwritable/file", in("link to unwritable"));
  fs::create_symlink("unwritable/new", in("dangling to unwritable"));
  fs::create_symlink("open/new 2", in("dangling"));
  fs::create_symlink("none/new", in("dangling to no folder"));
  fs::create_symlink("circle", in("circle"));
  const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  in("socket").native().copy(address.sun_path, sizeof address.sun_path - 1);
  BOOST_TEST_REQUIRE(::bind(server, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  ::close(server);
  std::vector<fs::path> all{"/dev/null", "/dev/tty", "/proc/self/fd/999", "/dev/fd/999", "/dev/null/a", "", "/", "."};
  for (const char* name : {"file",
                           "read only",
                           "closed",
                           "new",
                           "open/file",
                           "open/new",
                           "unwritable/file",
                           "unwritable/new",
                           "hidden/file",
                           "hidden/new",
                           "sticky/file",
                           "sticky/new",
                           "write only/file",
                           "write only/new",
                           "link",
                           "link to unwritable",
                           "dangling to unwritable",
                           "dangling",
                           "dangling to no folder",
                           "circle",
                           "socket",
                           "open",
                           "open/",
                           "none/",
                           "none/new",
                           "file/",
                           "file/new",
                           "./file",
                           "open/../new 3"}) {
    all.push_back(in(name));
  }
  for (const std::size_t length : {250, 255, 256, 300, 5000}) all.push_back(in(std::string(length, 'n')));
  return all;
}

}  // namespace

// File systems that insist on UTF-8 refuse a name that ends within a letter.
BOOST_AUTO_TEST_CASE(a_temporary_name_is_not_cut_within_a_letter) {
  std::string name;
  for (int i = 0; i < 126; ++i) name += "ä";
  name += "x";  // 253 bytes; with the temporary name's own letters, an odd number of them has room
  const Folder folder;
  const int watch = ::inotify_init1(IN_NONBLOCK);
  BOOST_TEST_REQUIRE(::inotify_add_watch(watch, (folder / "").c_str(), IN_CREATE) >= 0);
  BOOST_TEST(can_replace(folder / name) == "yes");
  alignas(inotify_event) char buffer[4096];
  BOOST_TEST_REQUIRE(::read(watch, buffer, sizeof buffer) > 0);
  ::close(watch);
  const std::string created = reinterpret_cast<const inotify_event*>(buffer)->name;
  BOOST_TEST(created.size() == 1 + 240 + 1 + 10u);  // a point, whole letters, a point, ten more
  BOOST_TEST(created.substr(1, 240) == name.substr(0, 240));
}

BOOST_AUTO_TEST_CASE(what_can_be_written_at_the_start_is_what_can_be_written_at_the_end) {
  const Notices notices;
  for (const bool root : {true, false}) {
    const Folder folder;
    fs::permissions(folder / "", fs::perms::all);
    std::size_t yes = 0;
    const std::vector<fs::path> all = places(folder);
    for (const fs::path& place : all) {
      const auto first = [&] { return can_be_written(place); };
      const auto then = [&] { return can_replace(place); };
      const std::string at_first = root ? first() : as_nobody(first), at_last = root ? then() : as_nobody(then);
      BOOST_TEST((at_first == "yes") == (at_last == "yes"), (root ? "root: " : "nobody: ")
                                                                << place << ": " << at_first << " | " << at_last);
      yes += at_first == "yes";
    }
    BOOST_TEST(yes >= 12u);
    BOOST_TEST(yes <= all.size() - 12);
  }
}

BOOST_AUTO_TEST_CASE(asking_whether_a_file_can_be_written_changes_nothing) {
  const Folder folder;
  folder.file("file", "old");
  const auto before = fs::last_write_time(folder / "file");
  for (const char* name : {"file", "new"}) require_writable(folder / name);
  BOOST_TEST(folder.read("file") == "old");
  BOOST_TEST((fs::last_write_time(folder / "file") == before));
  BOOST_TEST(std::distance(fs::directory_iterator(folder / ""), {}) == 1);
}

BOOST_AUTO_TEST_CASE(a_file_in_a_folder_where_nothing_can_be_made_is_written_in_place) {
  const Folder folder;
  fs::create_directory(folder / "closed");
  folder.file("closed/a", "the old one is longer");
  fs::permissions(folder / "", fs::perms::all);
  fs::permissions(folder / "closed/a", fs::perms(0666));
  fs::permissions(folder / "closed", fs::perms(0555));
  const Notices notices;
  for (const std::string bytes : {"new", "newer", ""}) {
    BOOST_TEST(as_nobody([&] { return can_replace(folder / "closed/a", bytes); }) == "yes");
    BOOST_TEST(folder.read("closed/a") == bytes);
  }
  BOOST_TEST_REQUIRE(notices.lines().size() == 1u);
  BOOST_TEST(notices.lines()[0] == folder / "closed/a" +
                                       ": cannot be replaced (Permission denied), so it is written in place: a crash "
                                       "now would leave only part of it");
  fs::permissions(folder / "closed", fs::perms::all);
}

BOOST_AUTO_TEST_CASE(what_a_file_in_place_held_is_written_again_when_the_new_does_not_fit) {
  const Folder folder;
  fs::create_directory(folder / "closed");
  fs::permissions(folder / "", fs::perms::all);
  const auto after = [&](const std::string& before, fs::perms permissions) {
    folder.file("closed/a", before);
    fs::permissions(folder / "closed/a", permissions);
    fs::permissions(folder / "closed", fs::perms(0555));
    const std::string answer = in_a_child([&] {
      const Notices notices;
      ::signal(SIGXFSZ, SIG_IGN);
      const rlimit small{1000, 1000};
      ::setrlimit(RLIMIT_FSIZE, &small);
      return as_nobody([&] { return can_replace(folder / "closed/a", std::string(5000, 'x')); });
    });
    BOOST_TEST(answer == folder / "closed/a" + ": cannot be written: File too large");
    fs::permissions(folder / "closed", fs::perms::all);
    fs::permissions(folder / "closed/a", fs::perms::all);
    return folder.read("closed/a");
  };
  for (const std::string before : {"the old one", ""}) BOOST_TEST(after(before, fs::perms(0666)) == before);
  // Of what cannot be read nothing is known.
  BOOST_TEST(after("the old one", fs::perms(0222)) == std::string(1000, 'x'));
}

BOOST_AUTO_TEST_CASE(a_file_that_is_mounted_by_itself_is_written_in_place) {
  const Folder folder;
  folder.file("host", "old");
  folder.file("a", "");
  const std::string answer = in_a_child([&]() -> std::string {
    if (const int error = testing::own_mounts()) return "skip " + std::to_string(error);
    if (::mount((folder / "host").c_str(), (folder / "a").c_str(), nullptr, MS_BIND, nullptr) != 0) {
      return "skip " + std::to_string(errno);
    }
    const Notices notices;
    std::string said = can_be_written(folder / "a") + " " + can_replace(folder / "a") + " ";
    for (const std::string& line : notices.lines()) said += line;
    if (::mount(nullptr, (folder / "a").c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) != 0) return said;
    return said + " " + can_be_written(folder / "a") + " " + can_replace(folder / "a");
  });
  if (answer.starts_with("skip ")) return testing::skipped("mounting a file", std::stoi(answer.substr(5)));
  const std::string a = folder / "a";
  BOOST_TEST(answer == "yes yes " + a +
                           ": cannot be replaced (Device or resource busy), so it is written in place: a crash "
                           "now would leave only part of it " +
                           a + ": Read-only file system " + a + ": cannot be written: Read-only file system");
  BOOST_TEST(folder.read("host") == "new");
  BOOST_TEST(folder.read("a") == "");
  BOOST_TEST(std::distance(fs::directory_iterator(folder / ""), {}) == 2);
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_one_however_the_file_is_written) {
  const Folder folder;
  fs::create_directory(folder / "small");
  const std::string answer = in_a_child([&]() -> std::string {
    if (const int error = testing::own_mounts()) return "skip " + std::to_string(error);
    if (::mount("none", (folder / "small").c_str(), "tmpfs", 0, "size=64k") != 0) {
      return "skip " + std::to_string(errno);
    }
    std::string said = can_replace(folder / "small/a", "old") + " ";
    said += can_replace(folder / "small/a", std::string(200'000, 'x')) + " ";
    said += read_file(folder / "small/a") + " ";
    // One that is full already is found out at the start.
    std::ofstream(folder / "small/fill") << std::string(200'000, 'x') << std::flush;
    for (const char* name : {"small/a", "small/new"}) said += can_be_written(folder / name) + " ";
    return said + can([&] { require_folder_writable(folder / "small"); });
  });
  if (answer.starts_with("skip ")) return testing::skipped("a small disk", std::stoi(answer.substr(5)));
  const std::string full = ": No space left on device";
  BOOST_TEST(answer == "yes " + folder / "small/a" + ": cannot be written" + full + " old " + folder / "small/a" +
                           full + " " + folder / "small/new" + full + " " + folder / "small" + full);
}

BOOST_AUTO_TEST_CASE(what_must_not_change_is_refused_at_the_start) {
  const Folder folder;
  folder.file("file", "old");
  fs::create_directory(folder / "folder");
  folder.file("folder/file", "old");
  const Notices notices;
  {
    const Attribute immutable(folder / "file", FS_IMMUTABLE_FL);
    if (immutable.error() != 0) return testing::skipped("immutable files", immutable.error());
    BOOST_TEST(can_be_written(folder / "file") == folder / "file" + ": Operation not permitted");
    BOOST_TEST(can_replace(folder / "file") == folder / "file" + ": cannot be written: Operation not permitted");
  }
  const Attribute immutable(folder / "folder", FS_IMMUTABLE_FL);
  BOOST_TEST(can_be_written(folder / "folder/new") == folder / "folder/new" + ": Operation not permitted");
  BOOST_TEST(can_replace(folder / "folder/new") ==
             folder / "folder/new" + ": cannot be written: Operation not permitted");
  BOOST_TEST(can_be_written(folder / "folder/file") == "yes");
  BOOST_TEST(can_replace(folder / "folder/file") == "yes");
  BOOST_TEST(folder.read("folder/file") == "new");
}

BOOST_AUTO_TEST_CASE(what_is_saved_goes_to_a_place_that_works_when_its_own_does_not) {
  const Folder folder;
  const Kept there = save_somewhere(folder / "a.safetensors", "weights");
  BOOST_TEST(there.path == folder / "a.safetensors");
  BOOST_TEST(there.problem == "");
  // Its folder, under another name.
  fs::create_directory(folder / "b.safetensors");
  const Kept beside = save_somewhere(folder / "b.safetensors", "weights");
  BOOST_TEST(beside.problem == folder / "b.safetensors" + ": cannot be written: Is a directory");
  BOOST_TEST(beside.path.parent_path() == fs::path(folder / "a").parent_path());
  BOOST_TEST(beside.path.extension() == ".safetensors");
  BOOST_TEST(read_file(beside.path) == "weights");
  // The current folder, then $TMPDIR; never the same name twice.
  const std::string answer = in_a_child([&] {
    fs::create_directory(folder / "here");
    fs::current_path(folder / "here");
    const Kept here = save_somewhere(folder / "none/c", "weights"), again = save_somewhere(folder / "none/c", "more");
    fs::current_path("/proc");
    ::setenv("TMPDIR", (folder / "here").c_str(), 1);
    const Kept temporary = save_somewhere(folder / "none/c", "temporary");
    return here.path.parent_path().string() + " " + (here.path == again.path ? "twice " : "") +
           temporary.path.parent_path().string();
  });
  BOOST_TEST(answer == " " + folder / "here");
  BOOST_TEST(std::distance(fs::directory_iterator(folder / "here"), {}) == 3);
  // Never beside a device.
  const std::string device = in_a_child([&] {
    fs::current_path(folder / "here");
    return save_somewhere("/dev/full", "weights").path.parent_path().string();
  });
  BOOST_TEST(device == "");
  BOOST_TEST(std::distance(fs::directory_iterator(folder / "here"), {}) == 4);
  // What is in place is not overwritten when it is to be another name.
  folder.file("e.safetensors", "of another run");
  const fs::path other = save_under_another_name(folder / "e.safetensors", "weights");
  BOOST_TEST(read_file(other) == "weights");
  BOOST_TEST(other.parent_path() == fs::path(folder / "a").parent_path());
  BOOST_TEST(folder.read("e.safetensors") == "of another run");
  // What does not fit anywhere is the error of the place that was asked for.
  const std::string none = in_a_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &small);
    fs::current_path(folder / "here");
    return can([&] { save_somewhere(folder / "d", std::string(5000, 'x')); });
  });
  BOOST_TEST(none == folder / "d" + ": cannot be written: File too large");
  BOOST_TEST(std::distance(fs::directory_iterator(folder / "here"), {}) == 4);
}

BOOST_AUTO_TEST_CASE(what_fits_nowhere_else_is_saved_in_the_users_home) {
  const Folder folder;
  fs::create_directory(folder / "home");
  const std::string answer = in_a_child([&]() -> std::string {
    if (const int error = testing::own_mounts()) return "skip " + std::to_string(error);
    fs::current_path("/proc");
    ::unsetenv("TMPDIR");
    ::setenv("HOME", "/mnt", 1);
    if (::mount((folder / "home").c_str(), "/mnt", nullptr, MS_BIND, nullptr) != 0 ||
        ::mount("none", "/tmp", "tmpfs", MS_RDONLY, nullptr) != 0 ||
        ::mount("none", "/var/tmp", "tmpfs", MS_RDONLY, nullptr) != 0) {
      return "skip " + std::to_string(errno);
    }
    return save_somewhere("/none/c", "weights").path.parent_path().string();
  });
  if (answer.starts_with("skip ")) return testing::skipped("mounting a folder", std::stoi(answer.substr(5)));
  BOOST_TEST(answer == "/mnt");
  BOOST_TEST(std::distance(fs::directory_iterator(folder / "home"), {}) == 1);
}

BOOST_AUTO_TEST_CASE(a_folder_for_files_is_there_or_can_be_made) {
  const Folder folder;
  fs::permissions(folder / "", fs::perms::all);
  fs::create_directory(folder / "closed");
  fs::permissions(folder / "closed", fs::perms(0555));
  folder.file("file", "");
  fs::create_symlink("nowhere", folder / "dangling");
  const auto asked = [&](const std::string& name) {
    return as_nobody([&] { return can([&] { require_folder_writable(folder / name); }); });
  };
  const auto refused = [&](const std::string& name, const std::string& why) { return folder / name + ": " + why; };
  for (const char* name : {"", "new", "new/", "new/er/est", "new/er/"}) BOOST_TEST(asked(name) == "yes", name);
  for (const char* name : {"closed", "closed/", "closed/new", "closed/new/er"})
    BOOST_TEST(asked(name) == refused(name, "Permission denied"));
  for (const char* name : {"file", "file/new"}) BOOST_TEST(asked(name) == refused(name, "Not a directory"));
  for (const char* name : {"dangling", "dangling/new"})
    BOOST_TEST(asked(name) == refused(name, "No such file or directory"));
  const std::string long_one(300, 'x');
  BOOST_TEST(asked(long_one) == refused(long_one, "File name too long"));
  BOOST_TEST(std::distance(fs::directory_iterator(folder / ""), {}) == 3);
  const std::string here = in_a_child([&] {
    fs::current_path(folder / "");
    return can([] { require_folder_writable("new"); }) + can([] { require_folder_writable("new/er"); });
  });
  BOOST_TEST(here == "yesyes");
  BOOST_TEST(can([] { require_folder_writable(""); }) == ": No such file or directory");
}

BOOST_AUTO_TEST_CASE(links_are_followed_as_far_as_the_system_follows_them) {
  const Folder folder;
  folder.file("0", "old");
  const auto name = [&](int links) { return fs::path(folder / std::to_string(links)); };
  int followed = 0;
  for (int links = 1; links < 100; ++links) {
    fs::create_symlink(name(links - 1), name(links));
    std::error_code none;
    if (!fs::exists(name(links), none)) break;
    followed = links;
  }
  BOOST_TEST(followed >= 8);
  BOOST_TEST(can_replace(name(followed), "new") == "yes");
  BOOST_TEST(folder.read("0") == "new");
  const std::string further = name(followed + 1).string();
  BOOST_TEST(can_replace(further) == further + ": cannot be written: Too many levels of symbolic links");
}

BOOST_AUTO_TEST_CASE(what_another_program_has_open_is_written_whether_or_not_it_has_a_name) {
  const Folder folder;
  folder.file("named", "old and long");
  const Descriptor named(::open((folder / "named").c_str(), O_RDWR | O_CLOEXEC));
  const Descriptor nameless(::memfd_create("none", MFD_ALLOW_SEALING));
  // The system shows a file that has been removed under a name that another may have.
  const Descriptor removed(::open(folder.file("gone", "old").c_str(), O_RDWR | O_CLOEXEC));
  fs::remove(folder / "gone");
  folder.file("gone (deleted)", "of another");
  const auto content = [](const Descriptor& file) {
    std::string text(100, '\0');
    text.resize(std::size_t(std::max<ssize_t>(0, ::pread(file.number(), text.data(), text.size(), 0))));
    return text;
  };
  Child child([] {
    ::pause();
    return std::string();
  });
  const auto name = [&](const Descriptor& file) {
    return "/proc/" + std::to_string(child.pid()) + "/fd/" + std::to_string(file.number());
  };
  BOOST_TEST(!is_stream(name(named)));
  BOOST_TEST(can_replace(name(named)) == "yes");
  BOOST_TEST(folder.read("named") == "new");
  BOOST_TEST(is_stream(name(nameless)));
  for (const std::string bytes : {"long and new", "new"}) {
    BOOST_TEST(can_be_written(name(nameless)) == "yes");
    BOOST_TEST(can_replace(name(nameless), bytes) == "yes");
    BOOST_TEST(content(nameless) == bytes);
  }
  GrowingFile(name(nameless), "one ").append("two");
  BOOST_TEST(content(nameless) == "one two");
  BOOST_TEST_REQUIRE(::fcntl(nameless.number(), F_ADD_SEALS, F_SEAL_SHRINK) == 0);
  BOOST_TEST(can_replace(name(nameless)) == name(nameless) + ": cannot be written: Operation not permitted");
  BOOST_TEST(content(nameless) == "one two");
  BOOST_TEST(can_replace(name(removed)) == "yes");
  BOOST_TEST(content(removed) == "new");
  BOOST_TEST(folder.read("gone (deleted)") == "of another");
  ::kill(child.pid(), SIGKILL);
}

BOOST_AUTO_TEST_CASE(a_pipe_that_may_not_be_written_is_refused_at_the_start) {
  const Folder folder;
  fs::permissions(folder / "", fs::perms::all);
  BOOST_TEST_REQUIRE(::mkfifo((folder / "pipe").c_str(), 0444) == 0);
  BOOST_TEST(as_nobody([&] { return can_be_written(folder / "pipe"); }) == folder / "pipe" + ": Permission denied");
  BOOST_TEST(can_be_written(folder / "none/new") == folder / "none/new" + ": No such file or directory");
}

BOOST_AUTO_TEST_CASE(two_names_of_one_file_are_told_from_two_files) {
  const Folder folder;
  folder.file("a", "x");
  folder.file("b", "x");
  fs::create_directory(folder / "sub");
  fs::create_symlink("a", folder / "link");
  fs::create_symlink("sub", folder / "sub link");
  fs::create_symlink("sub/new", folder / "dangling");
  fs::create_hard_link(folder / "a", folder / "hard");
  BOOST_TEST_REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  const auto same = [&](const std::string& one, const std::string& other) {
    const bool result = same_file(folder / one, folder / other);
    BOOST_TEST(result == same_file(folder / other, folder / one));
    return result;
  };
  for (const char* name : {"a", "link", "hard", "./a", "sub/../a", "sub link/../a"}) BOOST_TEST(same("a", name), name);
  for (const char* name : {"dangling", "sub/new", "sub link/new", "sub/./new"}) BOOST_TEST(same("sub/new", name), name);
  for (const char* name : {"b", "A", "new", "sub/a", "sub", "none/a", "pipe"}) BOOST_TEST(!same("a", name), name);
  // Nothing can be made there.
  for (const char* name : {"none/x", "a/x"}) BOOST_TEST(!same(name, name), name);
  // Neither is there, and both could be.
  for (const char* name : {"new", "sub/other", "other"}) BOOST_TEST(!same("sub/new", name), name);
  BOOST_TEST(same("pipe", "./pipe"));
  for (const char* device : {"/dev/null", "/dev/full", "/dev/zero"}) BOOST_TEST(!same_file(device, device), device);
  // A descriptor is what it is open on; the file where this program's own output goes is told apart from it.
  const std::string answer = in_a_child([&] {
    const int a = ::open((folder / "a").c_str(), O_WRONLY);
    ::dup2(a, 1);
    std::string said = same_file("/dev/stdout", folder / "hard") ? "same " : "";
    said += same_file("/dev/stdout", folder / "b") ? "wrong " : "";
    said += is_open_as(1, folder / "link") ? "open " : "";
    for (const std::string& other : {std::string("/dev/stdout"), folder / "b", folder / "none", folder / "a/x"})
      said += is_open_as(1, other) ? "wrong " : "";
    ::close(1);
    said += is_open_as(1, folder / "a") ? "closed " : "";
    return said;
  });
  BOOST_TEST(answer == "same open ");
}

BOOST_AUTO_TEST_CASE(a_stream_is_told_from_what_can_be_replaced) {
  const Folder folder;
  folder.file("a", "x");
  fs::create_symlink("pipe", folder / "link");
  BOOST_TEST_REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  for (const char* name : {"pipe", "link"}) BOOST_TEST(is_stream(folder / name), name);
  for (const char* name : {"/dev/null", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/2"}) {
    BOOST_TEST(is_stream(name), name);
  }
  for (const char* name : {"a", "new", "", "none/a", "a/b"}) BOOST_TEST(!is_stream(folder / name), name);
  BOOST_TEST(!is_stream(""));
}

BOOST_AUTO_TEST_CASE(an_input_must_be_one_that_can_be_read) {
  const Folder folder;
  fs::permissions(folder / "", fs::perms::all);
  folder.file("a", "x");
  folder.file("closed", "x");
  fs::permissions(folder / "closed", fs::perms(0));
  BOOST_TEST_REQUIRE(::mkfifo((folder / "pipe").c_str(), 0644) == 0);
  const auto readable = [](const fs::path& path) { return can([&] { require_readable(path); }); };
  const auto as_nobody_readable = [&](const std::string& name) {
    return as_nobody([&] { return readable(folder / name); });
  };
  BOOST_TEST(as_nobody_readable("a") == "yes");
  BOOST_TEST(as_nobody_readable("pipe") == "yes");
  BOOST_TEST(as_nobody_readable("closed") == folder / "closed" + ": Permission denied");
  BOOST_TEST(readable(folder / "none") == folder / "none" + ": No such file or directory");
  BOOST_TEST(readable(folder / "") == folder / "" + ": Is a directory");
  BOOST_TEST(readable(folder / "a/b") == folder / "a/b" + ": Not a directory");
  BOOST_TEST(readable("/dev/null") == "yes");
}

#pragma once
// Parts of a test that need a process of their own: other rights, other mounts, limits, signals.

#include <sys/types.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <string>

namespace rnn::testing {

/// A child of this process that runs `work` and says what that returns; an exception is "threw: …".
class Child {
 public:
  explicit Child(const std::function<std::string()>& work);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }

  /// What it said, "killed by signal N", or "still running" after so long.
  std::string answer(std::chrono::milliseconds limit = std::chrono::seconds(30));

 private:
  pid_t pid_ = 0;
  int answer_ = -1;
};

std::string in_a_child(const std::function<std::string()>& work);

/// Root is refused nothing: if this runs as root, `what` is done with the rights of nobody.
template <class What>
auto as_nobody(What what) {
  const uid_t user = ::geteuid();
  const gid_t group = ::getegid();
  struct Back {
    uid_t user;
    gid_t group;
    ~Back() {
      if (user == 0 && (::seteuid(0) != 0 || ::setegid(group) != 0)) std::terminate();
    }
  } const back{user, group};
  if (user == 0) BOOST_TEST_REQUIRE((::setegid(65534) == 0 && ::seteuid(65534) == 0));
  return what();
}

/// A part of a test that this system cannot run: it is reported, never skipped silently.
void skipped(const std::string& what, int error);

/// A namespace of mounts that belongs to this process alone. 0 or errno.
int own_mounts();

}  // namespace rnn::testing

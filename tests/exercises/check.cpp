#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_real_distribution.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "check.hpp"

import rnn.base.caller;
import rnn.linalg.matrix;

using namespace rnn;

namespace exercise {

struct Failure {
  std::string text;
};

static std::string text(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.7g", value);
  return buffer;
}

// NaN agrees with nothing.
static bool agree(double found, double expected, double tolerance) {
  return std::abs(found - expected) <= tolerance * std::max(1.0, std::abs(expected));
}

void require(bool holds, const std::string& what, const std::string& expected, const std::string& found,
             const std::string& look) {
  if (holds) return;
  throw Failure{what + "\n            expected:  " + expected + "\n            found:     " + found +
                "\n            look at:   " + look};
}

void compare(const std::string& what, double found, double expected, const std::string& look, double tolerance) {
  require(agree(found, expected, tolerance), what, text(expected), text(found), look);
}

void compare_shape(const std::string& what, ConstView found, Index rows, Index columns, const std::string& look) {
  const bool swapped = found.rows == columns && found.columns == rows;
  require(found.rows == rows && found.columns == columns, "the shape of " + what, shape(rows, columns),
          shape(found) + (swapped ? ": rows and columns are swapped" : ""), look);
}

void compare(const std::string& what, ConstView found, ConstView expected, const std::string& look, double tolerance) {
  compare_shape(what, found, expected.rows, expected.columns, look);
  for (Index i = 0; i < found.rows; ++i) {
    for (Index j = 0; j < found.columns; ++j) {
      compare(what + ", row " + std::to_string(i) + ", column " + std::to_string(j), found(i, j), expected(i, j), look,
              tolerance);
    }
  }
}

Matrix random_matrix(Index rows, Index columns, unsigned seed) {
  boost::random::mt19937 engine(seed);
  boost::random::uniform_real_distribution<double> uniform(-1, 1);
  Matrix m(rows, columns);
  for (Real& element : m.data()) element = static_cast<Real>(uniform(engine));
  return m;
}

Sequence random_sequence(Index steps, Index batch, Index features, unsigned seed) {
  Sequence x(steps, batch, features);
  copy(random_matrix(steps * batch, features, seed), x.rows());
  return x;
}

Matrix plain_step(ConstView x, ConstView h_before, ConstView w_x, ConstView w_y, ConstView b) {
  Matrix h(x.rows, w_x.columns);
  for (Index i = 0; i < x.rows; ++i) {
    for (Index j = 0; j < w_x.columns; ++j) {
      double sum = b(0, j);
      for (Index k = 0; k < x.columns; ++k) sum += double(x(i, k)) * w_x(k, j);
      for (Index k = 0; k < h_before.columns; ++k) sum += double(h_before(i, k)) * w_y(k, j);
      h(i, j) = static_cast<Real>(std::tanh(sum));
    }
  }
  return h;
}

}  // namespace exercise

namespace {

// Who runs the tests of a learner's answer believes neither the exit status nor what is printed, since the answer is
// part of this program: it may have a constructor that ends it, or call exit. EXERCISE_REPORT names a socket from which
// a secret is read before any code of the answer runs, and to which each test is reported together with it.
constexpr std::size_t secret_length = 32;
char secret[secret_length + 1];
int socket_of_reports = -1;

// Runs before the constructors of all other files.
[[gnu::constructor(101)]] void take_secret() {
  const char* name = std::getenv("EXERCISE_REPORT");
  if (name == nullptr) return;
  const int descriptor = std::atoi(name);
  unsetenv("EXERCISE_REPORT");
  if (recv(descriptor, secret, secret_length, MSG_WAITALL) != ssize_t(secret_length)) std::abort();
  fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  socket_of_reports = descriptor;
}

void report(const char* state, const char* test) {
  if (socket_of_reports < 0) return;
  const std::string line = std::string(secret) + " " + state + " " + test + "\n";
  if (send(socket_of_reports, line.data(), line.size(), MSG_NOSIGNAL) != ssize_t(line.size())) std::abort();
}

enum class Outcome { passed, failed, not_implemented };

Outcome run(const exercise::Test& test) {
  Outcome outcome = Outcome::failed;
  std::string problem;
  try {
    test.run();
    outcome = Outcome::passed;
  } catch (const exercise::Failure& failure) {
    problem = failure.text;
  } catch (const CallError& error) {
    problem = "threw: " + std::string(error.what()) + "\n            look at:   " + error.place();
  } catch (const std::exception& error) {
    if (std::string(error.what()) == "not implemented") outcome = Outcome::not_implemented;
    problem = std::string("threw: ") + error.what();
  } catch (...) {
    problem = "threw something that is not a std::exception";
  }
  std::printf("  %s  %s\n", outcome == Outcome::passed ? "ok    " : "FAILED", test.name);
  if (!problem.empty()) std::printf("          %s\n", problem.c_str());
  std::fflush(stdout);
  report(outcome == Outcome::passed ? "ok" : outcome == Outcome::failed ? "failed" : "missing", test.name);
  return outcome;
}

}  // namespace

// Status 0: all is well; 1: a test failed; 3: the function is not written yet. With --stub, 0 when no test gets past
// "not implemented"; with --list, nothing but the names of the tests.
int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  const std::vector<exercise::Test> tests = exercise::tests;  // an answer could reach the others
  std::size_t failed = 0, not_implemented = 0;
  for (const exercise::Test& test : tests) {
    if (mode == "--list") {
      std::puts(test.name);
      continue;
    }
    const Outcome outcome = run(test);
    failed += outcome != Outcome::passed;
    not_implemented += outcome == Outcome::not_implemented;
  }
  if (mode == "--stub") return not_implemented == tests.size() ? 0 : 1;
  return failed == 0 ? 0 : not_implemented == failed ? 3 : 1;
}

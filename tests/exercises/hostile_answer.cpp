// An answer to exercise 01.1 that does everything but solve it: answers_test.py says in the environment variable ANSWER
// what it is to do this time.

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <thread>
#include <vector>

#include "exercise.hpp"

import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.products;
import rnn.linalg.matrix;

using namespace rnn;

namespace exercise {
struct Test {
  const char* name;
  void (*run)();
};
extern const std::vector<Test> tests;  // the harness's own
}  // namespace exercise

static bool is(const char* what) {
  const char* answer = std::getenv("ANSWER");
  return answer != nullptr && std::strcmp(answer, what) == 0;
}

static const char* const names[] = {"from an empty memory and without a bias, only the inputs count",
                                    "without inputs and without a bias, only the memory counts",
                                    "inputs, memory and bias together"};

// What a right answer prints, to every descriptor that there is.
static void claim_success() {
  for (int descriptor = 1; descriptor < 64; ++descriptor) {
    for (const char* name : names) {
      dprintf(descriptor, "  ok      %s\n", name);
      dprintf(descriptor, "ok %s\n", name);
      dprintf(descriptor, "%032d ok %s\n", 0, name);
    }
  }
}

static void print_without_end() {
  for (;;) std::puts("still here");
}

static void take_all_memory() {
  std::vector<std::vector<char>> taken;
  for (;;) taken.emplace_back(std::size_t(1) << 28, 'x');
}

struct Early {
  Early() {
    if (is("constructor exits")) std::exit(0);
    if (is("constructor claims success")) claim_success(), _exit(0);
    if (is("exit handler ends with 0")) std::atexit([] { _exit(0); });
    if (is("exit handler ends with 7")) std::atexit([] { _exit(7); });
    if (is("terminate handler ends with 0")) std::set_terminate([] { _exit(0); });
    if (is("signal handler ends with 0")) std::signal(SIGSEGV, [](int) { _exit(0); });
    if (is("thread exits")) std::thread([] { _exit(0); }).detach();
  }
} early;

[[gnu::constructor(102)]] static void earlier() {
  if (is("first constructor exits")) _exit(0);
}

// Ends the program, or does not come to an end.
static void misbehave() {
  if (is("exit")) std::exit(0);
  if (is("_exit")) _exit(0);
  if (is("_Exit")) std::_Exit(0);
  if (is("quick_exit")) std::quick_exit(0);
  if (is("abort")) std::abort();
  if (is("kill")) std::raise(SIGKILL);
  if (is("claims success")) claim_success(), std::exit(0);
  if (is("becomes true")) execl("/bin/true", "true", nullptr);
  if (is("parent exits") && fork() != 0) _exit(0);
  if (is("parent exits")) sleep(1000);  // the child, which is ended before
  if (is("thread exits") || is("loops")) {
    for (volatile bool forever = true; forever;) continue;
  }
  if (is("signal handler ends with 0")) *static_cast<volatile int*>(nullptr) = 1;
  if (is("throws a number")) throw 42;
  if (is("terminate handler ends with 0")) std::terminate();
  if (is("closes everything")) {
    for (int descriptor = 0; descriptor < 1024; ++descriptor) close(descriptor);
  }
  if (is("empties the tests")) const_cast<std::vector<exercise::Test>&>(exercise::tests).clear();
  if (is("prints without end")) print_without_end();
  if (is("takes all memory")) take_all_memory();
}

static Matrix right(const Matrix& x, const Matrix& h_before, const Matrix& w_x, const Matrix& w_y, const Matrix& b) {
  Matrix h = product(x, w_x);
  add_product(h_before, w_y, h);
  add_bias(b, h);
  apply(Activation::tanh, h, h);
  return h;
}

Matrix time_step(const Matrix& x, const Matrix& h_before, const Matrix& w_x, const Matrix& w_y, const Matrix& b) {
  misbehave();
  if (is("leaves a child behind") && fork() == 0) sleep(1000), _exit(0);
  const bool solved = is("right") || is("exit handler ends with 7") || is("leaves a child behind");
  return solved ? right(x, h_before, w_x, w_y, b) : Matrix(x.size1(), w_x.size2(), Real(0));
}

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "../support/processes.hpp"

import rnn.base.notice;
import rnn.base.thread_pool;

using namespace rnn;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1  // these want address space and memory of their own
#endif
#endif

namespace {

/// Whether a sanitizer watches this program, or a part of it.
bool is_sanitized() {
#ifdef SANITIZED
  return true;
#else
  return ::dlsym(RTLD_DEFAULT, "__asan_init") != nullptr;
#endif
}

// How many more threads the system starts, and how many more times there is memory; below 0: always.
std::atomic<int> threads_left = -1, allocations_left = -1;

[[maybe_unused]] bool take_one(std::atomic<int>& left) {
  return left < 0 || left.fetch_sub(1) > 0 || (left = 0, false);
}

std::size_t threads_of_this_process() {
  return std::size_t(std::distance(std::filesystem::directory_iterator("/proc/self/task"), {}));
}

/// Whether there are so many threads, soon: the system lists a thread for a moment after it has been joined.
bool threads_become(std::size_t count) {
  for (int look = 0; look < 2000 && threads_of_this_process() != count; ++look) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return threads_of_this_process() == count;
}

/// How many of `tasks` tasks the pool does.
std::size_t done(ThreadPool& pool, std::size_t tasks) {
  std::atomic<std::size_t> count = 0;
  const auto task = [&](std::size_t, unsigned) { ++count; };
  pool.run(tasks, std::ref(task));
  return count;
}

/// What a child says of a pool of 1024 threads, some of which cannot be started.
std::string pool_in_need() {
  const NoticeReceiver receiver([](const std::string&) { return true; });
  ThreadPool pool(1024);
  const std::vector<char> memory(std::size_t(40) << 20, 'x');  // there is still some for the work
  return std::to_string(done(pool, 5000)) + (pool.size() < 1024 ? " with fewer" : " with all");
}

}  // namespace

// These replace the system's own functions throughout this program; a sanitizer's would no longer see the
// threads and the memory.
#ifndef SANITIZED
extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*work)(void*), void* with) {
  static const auto create = reinterpret_cast<decltype(&pthread_create)>(::dlsym(RTLD_NEXT, "pthread_create"));
  return take_one(threads_left) ? create(thread, attributes, work, with) : EAGAIN;
}
void* operator new(std::size_t size) {
  void* const memory = take_one(allocations_left) ? std::malloc(size) : nullptr;
  return memory ? memory : throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  const std::size_t step = std::size_t(alignment);
  void* const memory = take_one(allocations_left) ? std::aligned_alloc(step, (size + step - 1) / step * step) : nullptr;
  return memory ? memory : throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#endif

// More threads than any machine here has cores too: those wait for the system, the others look for themselves.
static const std::vector<unsigned> sizes{1, 2, 3, available_cores() + 5};

BOOST_AUTO_TEST_CASE(all_cores_are_available) {
  const unsigned all = std::max(1u, std::thread::hardware_concurrency());
  BOOST_TEST(available_cores() == all);
  // Those of a run on this machine share them.
  for (const auto& [processes, cores] : {std::pair("1", all), {"2", std::max(1u, all / 2)}, {"1000000", 1u}}) {
    ::setenv("OMPI_COMM_WORLD_LOCAL_SIZE", processes, 1);
    BOOST_TEST(available_cores() == cores);
  }
  ::unsetenv("OMPI_COMM_WORLD_LOCAL_SIZE");
}

BOOST_AUTO_TEST_CASE(every_task_runs_once_and_each_worker_has_one_at_a_time) {
  for (const unsigned threads : sizes) {
    ThreadPool pool(threads);
    BOOST_TEST(pool.size() == threads);
    for (int round = 0; round < 200; ++round) {
      const std::size_t tasks = std::size_t(round) % 7;
      std::vector<int> runs(tasks), working(threads);
      std::atomic<int> mistakes = 0;
      const auto task = [&](std::size_t number, unsigned worker) {
        if (worker >= threads || working[worker]++ != 0) ++mistakes;
        ++runs[number];
        --working[worker];
      };
      pool.run(tasks, std::ref(task));
      BOOST_REQUIRE_EQUAL(mistakes, 0);
      BOOST_REQUIRE(std::ranges::all_of(runs, [](int count) { return count == 1; }));
    }
  }
}

BOOST_AUTO_TEST_CASE(each_worker_begins_with_tasks_of_its_own) {
  for (const unsigned threads : sizes) {
    ThreadPool pool(threads);
    for (int round = 0; round < 20; ++round) {
      std::atomic<unsigned> begun = 0;
      std::vector<std::vector<std::size_t>> taken(threads);
      const auto task = [&](std::size_t number, unsigned worker) {
        taken[worker].push_back(number);
        if (number < threads) {  // the first of each waits until all have begun
          ++begun;
          while (begun < threads) std::this_thread::yield();
        }
      };
      pool.run(3 * threads, std::ref(task));
      for (unsigned worker = 0; worker < threads; ++worker) BOOST_REQUIRE_EQUAL(taken[worker].at(0), worker);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_round_ends_when_the_last_worker_is_done) {
  for (const unsigned threads : {2u, 4u}) {
    ThreadPool pool(threads);
    std::atomic<unsigned> begun = 0, ended = 0;
    const auto task = [&](std::size_t, unsigned worker) {
      ++begun;
      while (begun < threads) std::this_thread::yield();
      if (worker != 0) std::this_thread::sleep_for(std::chrono::milliseconds(20 * worker));
      ++ended;
    };
    pool.run(threads, std::ref(task));
    BOOST_TEST(ended == threads);
  }
}

BOOST_AUTO_TEST_CASE(whoever_is_done_first_helps_all_the_others) {
  for (const unsigned threads : {2u, 3u, 5u}) {
    ThreadPool pool(threads);
    for (unsigned helper = 0; helper < threads; ++helper) {
      const std::size_t tasks = std::size_t(4) * threads;
      std::atomic<std::size_t> done = 0;
      // The first task of each other worker takes until all but these are done.
      const auto task = [&](std::size_t number, unsigned) {
        if (number < threads && number != helper) {
          while (done + threads - 1 < tasks) std::this_thread::yield();
        } else {
          ++done;
        }
      };
      pool.run(tasks, std::ref(task));
      BOOST_TEST(done == tasks - threads + 1);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_pool_may_have_nothing_to_do) {
  for (const unsigned threads : sizes) {
    const ThreadPool pool(threads);
    BOOST_TEST(pool.size() == threads);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // until its threads are asleep
  }
  BOOST_TEST(threads_become(1));
}

BOOST_AUTO_TEST_CASE(an_exception_of_a_task_comes_back_and_the_pool_goes_on) {
  for (const unsigned threads : sizes) {
    ThreadPool pool(threads);
    for (int round = 0; round < 50; ++round) {
      const auto fails = [](std::size_t number, unsigned) {
        if (number == 3) throw std::runtime_error("task 3");
      };
      BOOST_CHECK_EXCEPTION(pool.run(10, std::ref(fails)), std::runtime_error,
                            [](const std::runtime_error& error) { return error.what() == std::string("task 3"); });
      std::atomic<int> done = 0;
      const auto counts = [&](std::size_t, unsigned) { ++done; };
      pool.run(10, std::ref(counts));
      BOOST_REQUIRE_EQUAL(done, 10);
    }
  }
}

BOOST_AUTO_TEST_CASE(no_threads_at_all_are_refused) { BOOST_CHECK_THROW(ThreadPool(0), std::invalid_argument); }

BOOST_AUTO_TEST_CASE(where_the_system_starts_fewer_threads_the_others_do_all_the_work) {
  if (is_sanitized())
    return testing::skipped("threads that do not start under a sanitizer, which counts them", ENOTSUP);
  std::vector<std::string> told;
  const NoticeReceiver receiver([&](const std::string& line) { return told.push_back(line), true; });
  for (int started = 0; started < 8; ++started) {
    threads_left = started;
    ThreadPool pool(9);
    threads_left = -1;
    BOOST_TEST(pool.size() == 1u + unsigned(started) / 2, started << " started");
    BOOST_TEST(threads_become(pool.size()));
    for (const std::size_t tasks : {0, 1, 5, 100}) BOOST_TEST(done(pool, tasks) == tasks);
  }
  BOOST_TEST(threads_become(1));
  const std::vector<std::string> expected{
      "fewer threads could be started than requested (Resource temporarily unavailable): the work goes on with "
      "them"};
  BOOST_TEST(told == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(where_there_is_no_memory_a_pool_is_smaller_or_none_and_no_thread_is_left) {
  if (is_sanitized()) return testing::skipped("running out of memory under a sanitizer", ENOTSUP);
  const NoticeReceiver receiver([](const std::string&) { return true; });
  std::size_t whole = 0, smaller = 0, none = 0;
  for (int allocations = 0; allocations < 40; ++allocations) {
    try {
      allocations_left = allocations;
      ThreadPool pool(9);
      allocations_left = -1;
      BOOST_TEST(done(pool, 100) == 100u);
      ++(pool.size() == 9 ? whole : smaller);
    } catch (const std::bad_alloc&) {
      allocations_left = -1;
      ++none;
    }
    BOOST_TEST_REQUIRE(threads_become(1));
  }
  BOOST_TEST(whole > 0u);
  BOOST_TEST(smaller > 0u);
  BOOST_TEST(none > 0u);
}

BOOST_AUTO_TEST_CASE(a_limit_of_processes_leaves_a_smaller_pool) {
  if (::geteuid() != 0) return testing::skipped("processes of a user that has no others", EPERM);
  const std::string answer = testing::in_a_child([]() -> std::string {
    const rlimit limit{20, 20};
    if (::setrlimit(RLIMIT_NPROC, &limit) != 0 || ::setresuid(54321, 54321, 54321) != 0) return "no rights";
    return pool_in_need();
  });
  BOOST_TEST(answer == "5000 with fewer");
}

BOOST_AUTO_TEST_CASE(a_limit_of_memory_leaves_a_smaller_pool_and_memory_to_work_with) {
  if (is_sanitized()) return testing::skipped("limits of memory under a sanitizer", ENOTSUP);
  for (const rlim_t megabytes : {200, 400, 1000}) {
    const std::string answer = testing::in_a_child([&] {
      const rlimit limit{megabytes << 20, megabytes << 20};
      ::setrlimit(RLIMIT_AS, &limit);
      return pool_in_need();
    });
    BOOST_TEST(answer == "5000 with fewer", megabytes << " MB: " << answer);
  }
}

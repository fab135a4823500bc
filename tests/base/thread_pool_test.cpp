#include <algorithm>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

import rnn.base.thread_pool;

using namespace rnn;

// More threads than any machine here has cores too: those wait for the system, the others look for themselves.
static const std::vector<unsigned> sizes{1, 2, 3, available_cores() + 5};

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

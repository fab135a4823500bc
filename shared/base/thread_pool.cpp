module;
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

module rnn.base.thread_pool;

import rnn.base.function_ref;
import rnn.base.notice;
import rnn.base.ranks;

namespace rnn {

unsigned available_cores() {
  const unsigned cores = std::thread::hardware_concurrency() / processes_on_this_machine();
  return cores == 0 ? 1 : cores;
}

// A batch takes a millisecond or so, and being woken by the system takes a good part of a tenth of one. So a thread
// first spins for about that long.
template <class T>
static void wait_while(const std::atomic<T>& value, T old, bool spin) {
  for (int looks = 0; spin && looks < 4000; ++looks) {
    if (value.load(std::memory_order_acquire) != old) return;
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
  value.wait(old, std::memory_order_acquire);
}

ThreadPool::ThreadPool(unsigned threads) : shares_(threads), spin_(threads <= available_cores()) {
  if (threads == 0) throw std::invalid_argument("ThreadPool: there must be at least one thread");
  const int error = start(threads);
  size_ = static_cast<unsigned>(threads_.size()) + 1;
  if (error == 0) return;
  // The last of these threads used up the memory, or the processes that a user may have, and the work needs some too.
  dismiss(1 + (size_ - 1) / 2);
  try {
    notice("fewer threads could be started than requested (" + std::generic_category().message(error) +
           "): the work goes on with them");
  } catch (const std::bad_alloc&) {  // the notice is not worth failing for
  }
}

ThreadPool::~ThreadPool() { dismiss(1); }

// Starts the other threads, as far as possible. Returns the system's error, or 0 when all are running.
int ThreadPool::start(unsigned threads) try {
  threads_.reserve(threads - 1);
  while (threads_.size() < threads - 1) {
    const auto worker = static_cast<unsigned>(threads_.size()) + 1;
    threads_.emplace_back([this, worker] { work(worker); });
  }
  return 0;
} catch (const std::system_error& error) {
  return error.code().value();
} catch (const std::bad_alloc&) {
  return ENOMEM;
}

// Ends the threads beyond the first `size`. To the others it looks like a round without tasks.
void ThreadPool::dismiss(unsigned size) {
  tasks_ = 0;
  size_ = size;
  busy_.store(size - 1, std::memory_order_relaxed);
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  for (; threads_.size() > size - 1; threads_.pop_back()) threads_.back().join();
  for (unsigned busy; (busy = busy_.load(std::memory_order_acquire)) != 0;) wait_while(busy_, busy, false);
}

void ThreadPool::work(unsigned worker) {
  for (std::uint32_t seen = 0;; ++seen) {
    wait_while(round_, seen, spin_);
    if (worker >= size_) return;
    take_tasks(worker);
    if (busy_.fetch_sub(1, std::memory_order_acq_rel) == 1) busy_.notify_all();
  }
}

void ThreadPool::take_tasks(unsigned worker) {
  try {
    for (unsigned i = 0; i < size(); ++i) {
      std::atomic<std::size_t>& next = shares_[(worker + i) % size()].next;
      for (std::size_t n; (n = next.fetch_add(size(), std::memory_order_relaxed)) < tasks_;) (*task_)(n, worker);
    }
  } catch (...) {
    const std::lock_guard lock(error_mutex_);
    if (!error_) error_ = std::current_exception();
    for (Share& share : shares_) share.next.store(tasks_, std::memory_order_relaxed);
  }
}

void ThreadPool::run(std::size_t tasks, Task task) {
  task_ = &task;
  tasks_ = tasks;
  std::size_t worker = 0;
  for (Share& share : shares_) share.next.store(worker++, std::memory_order_relaxed);
  busy_.store(static_cast<unsigned>(threads_.size()), std::memory_order_relaxed);
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  take_tasks(0);
  for (unsigned busy; (busy = busy_.load(std::memory_order_acquire)) != 0;) wait_while(busy_, busy, spin_);
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

}  // namespace rnn

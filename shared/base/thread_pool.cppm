module;
#include <mutex>
#include <thread>

/// Threads that live as long as the training does.
export module rnn.base.thread_pool;

import rnn.base.function_ref;
import rnn.base.std;

export namespace rnn {

/// Runs numbered tasks on a fixed number of threads. The thread that calls is one of them.
class ThreadPool {
 public:
  using Task = FunctionRef<void(std::size_t number, unsigned worker)>;

  /// If the system does not start that many threads, the pool makes do with fewer, the calling one at least, and issues
  /// a notice. Throws std::invalid_argument for no threads at all.
  explicit ThreadPool(unsigned threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// How many threads there are, the calling one included.
  inline unsigned size() const { return size_; }

  /// Calls task(number, worker) once for each number from 0 to tasks − 1, in any order, on any worker 0 … size() − 1,
  /// one at a time on each; returns when all are done. Each worker begins with every size()-th task, always the same
  /// ones, since their data may still be in its core's cache; then it helps the others. The first exception thrown by a
  /// task is rethrown here.
  void run(std::size_t tasks, Task task);

 private:
  int start(unsigned threads);
  void dismiss(unsigned size);
  void work(unsigned worker);
  void take_tasks(unsigned worker);

  const Task* task_ = nullptr;
  std::size_t tasks_ = 0;
  struct alignas(64) Share {  // of a worker, in a cache line of its own
    std::atomic<std::size_t> next{0};
  };
  std::vector<Share> shares_;
  unsigned size_ = 1;
  std::atomic<std::uint32_t> round_{0};  // goes up when there is work, or when the pool ends
  std::atomic<unsigned> busy_{0};        // threads that have not finished the round
  const bool spin_;
  std::mutex error_mutex_;
  std::exception_ptr error_;
  std::vector<std::thread> threads_;
};

/// How many threads this process may use at once, when every process of its run on this machine uses as many.
unsigned available_cores();

}  // namespace rnn

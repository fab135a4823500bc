#pragma once
// The most that this machine can add and multiply: what every other figure is held against.

import rnn.base.thread_pool;

namespace rnn::bench {

/// Threads that do nothing but fused multiply-adds on numbers in registers, 8 floats at a time.
class FmaLimit {
 public:
  explicit FmaLimit(unsigned threads) : pool_(threads) {}

  /// Works for about this many seconds and returns how many floating-point operations were made.
  double run(double seconds);

 private:
  ThreadPool pool_;
  double seconds_per_task_ = 0;  // not known yet
};

}  // namespace rnn::bench

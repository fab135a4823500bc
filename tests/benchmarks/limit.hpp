#pragma once
// The most that this machine can add and multiply: what every other figure is held against.

#include <vector>

#include "stopwatch.hpp"

import rnn.base.thread_pool;

namespace rnn::bench {

/// How wide the registers are, in bits, whose fused multiply-adds a limit counts. From narrow to wide, those that this
/// machine has: which of them is the fastest differs from processor to processor.
const std::vector<int>& register_widths();

/// Threads that do nothing but fused multiply-adds on numbers in registers of one width.
class FmaLimit {
 public:
  FmaLimit(unsigned threads, int width);

  /// What one run came to.
  struct Sample {
    double operations;  // floating-point operations that were made
    Seconds seconds;    // in which
  };
  /// Works for about this many seconds.
  Sample run(double seconds);

 private:
  ThreadPool pool_;
  double operations_per_task_;
  void (*work_)();
  double seconds_per_task_ = 0;  // not known yet
};

}  // namespace rnn::bench

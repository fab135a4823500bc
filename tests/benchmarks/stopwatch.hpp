#pragma once
// Time by the clock on the wall, and processor time of all threads together: on a machine with other work to do the
// second is the steadier.

#include <ctime>

namespace rnn::bench {

struct Seconds {
  double wall = 0, cpu = 0;
};

class Stopwatch {
 public:
  /// Since the stopwatch was made.
  Seconds spent() const {
    const Seconds now = read();
    return {now.wall - start_.wall, now.cpu - start_.cpu};
  }

 private:
  static double seconds(clockid_t clock) {
    timespec time;
    clock_gettime(clock, &time);
    return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
  }
  static Seconds read() { return {seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID)}; }

  Seconds start_ = read();
};

}  // namespace rnn::bench

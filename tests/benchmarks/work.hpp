#pragma once
// What is measured, and how: the work and the limit of the machine in turn, so that both see the same weather.

#include <functional>
#include <string>

namespace rnn::bench {

struct Work {
  std::string name;
  double operations = 0;  // floating-point operations of one run; 0: count elements instead
  double elements = 0;    // of one run
  unsigned threads = 1;
  std::function<std::function<void()>()> prepare;  // makes the data, returns what is timed
  std::function<std::string()> remark = {};        // after the last run: what else there is to say
};

/// How often everything is measured from here on; the median counts. Once means: only to see that it runs, so what
/// takes long is left out or made smaller.
void set_rounds(int rounds);
bool only_once();

/// Adds a line to the benchmark.
void measure(Work work);

// The lines of each file.
void add_limits();
void add_ladder();
void add_kernels();
void add_sequences();
void add_training();

}  // namespace rnn::bench

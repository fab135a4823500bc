#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "work.hpp"
// Imports something, so it comes last.
#include "limit.hpp"

import rnn.base.thread_pool;
import rnn.linalg.kernel.cpu;

namespace rnn::bench {

// A fused multiply-add is done after four cycles, and two begin in each: eight chains that do not wait for one another
// are needed to keep the processor busy, a few more do no harm.
constexpr int chains = 12;
constexpr std::size_t rounds = 50'000;

using Narrow [[gnu::vector_size(32)]] = float;
using Wide [[gnu::vector_size(64)]] = float;

static volatile float one_minus = 0.999f, little = 0.001f;  // volatile: nothing can be computed in advance,
static thread_local volatile float result;                  // and nothing left out

// [chains_of_multiply_adds]
template <class Vector>
[[gnu::always_inline]] static inline void chains_of_multiply_adds() {
  const Vector factor = one_minus - Vector{}, summand = little - Vector{};
  Vector x[chains] = {};
  for (std::size_t i = 0; i < rounds; ++i) {
    for (int c = 0; c < chains; ++c) x[c] = x[c] * factor + summand;
  }
  Vector total{};
  for (int c = 0; c < chains; ++c) total += x[c];
  result = total[0] + total[7];
}
// [end]

#if defined(__x86_64__)
[[gnu::target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]] static void with_avx512() {
  chains_of_multiply_adds<Wide>();
}
[[gnu::target("avx2,fma")]] static void with_avx2() { chains_of_multiply_adds<Narrow>(); }
#else
static void with_avx512() {}
static void with_avx2() {}
#endif
static void without() { chains_of_multiply_adds<Narrow>(); }

static int width_of(InstructionSet set) {
  switch (set) {
    case InstructionSet::avx512: return 512;
    case InstructionSet::avx2: return 256;
    case InstructionSet::baseline: return 128;
  }
}

const std::vector<int>& register_widths() {
  static const std::vector<int> widths = [] {
    std::vector<int> here;
    for (const InstructionSet set : {InstructionSet::avx2, InstructionSet::avx512}) {
      if (available(set)) here.push_back(width_of(set));
    }
    if (here.empty()) here.push_back(width_of(InstructionSet::baseline));
    return here;
  }();
  return widths;
}

// A multiplication and an addition in each lane.
static double operations_of_task(int width) {
  const std::size_t bytes = width == 512 ? sizeof(Wide) : sizeof(Narrow);
  return 2.0 * chains * rounds * double(bytes / sizeof(float));
}

FmaLimit::FmaLimit(unsigned threads, int width)
    : pool_(threads),
      operations_per_task_(operations_of_task(width)),
      work_(width == 512   ? with_avx512
            : width == 256 ? with_avx2
                           : without) {}

FmaLimit::Sample FmaLimit::run(double seconds) {
  const auto run_tasks = [this](std::size_t tasks) {
    const Stopwatch watch;
    pool_.run(tasks, [this](std::size_t, unsigned) { work_(); });
    const Seconds spent = watch.spent();
    seconds_per_task_ = spent.wall / double(tasks);
    return Sample{operations_per_task_ * double(tasks), spent};
  };
  if (seconds_per_task_ == 0) run_tasks(4 * pool_.size());
  const auto tasks = std::size_t(std::clamp(std::round(seconds / seconds_per_task_), 1.0, 10'000.0));
  return run_tasks((tasks + pool_.size() - 1) / pool_.size() * pool_.size());
}

void add_limits() {
  for (const unsigned threads : {1u, available_cores()}) {
    for (const int width : register_widths()) {
      measure({.name = "limit: " + std::to_string(width) + "-bit registers",
               .operations = threads * operations_of_task(width),
               .threads = threads,
               .prepare = [=]() -> std::function<void()> {
                 const auto limit = std::make_shared<FmaLimit>(threads, width);
                 return [limit] { limit->run(0); };  // a task for each thread
               }});
    }
    if (available_cores() == 1) break;
  }
}

}  // namespace rnn::bench

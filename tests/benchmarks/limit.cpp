#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>

#include "stopwatch.hpp"
// Imports something, so it comes last.
#include "limit.hpp"

import rnn.base.thread_pool;
import rnn.linalg.kernel.cpu;

namespace rnn::bench {

using Vector [[gnu::vector_size(32)]] = float;

// A fused multiply-add is done after four cycles, and two begin in each: eight chains that do not wait for one another
// are needed to keep the processor busy, a few more do no harm.
constexpr int chains = 12;
constexpr std::size_t rounds = 100'000;
constexpr double operations_per_task = 2.0 * 8 * chains * rounds;  // a multiplication and an addition in 8 lanes

static volatile float one_minus = 0.999f, little = 0.001f;  // volatile: nothing can be computed in advance,
static thread_local volatile float result;                  // and nothing left out

// [chains_of_multiply_adds]
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
[[gnu::target("avx2,fma")]] static void with_avx2() { chains_of_multiply_adds(); }
#else
static void with_avx2() {}
#endif
static void without() { chains_of_multiply_adds(); }

double FmaLimit::run(double seconds) {
  static const bool has_fma = available(InstructionSet::avx2);
  const auto work = [](std::size_t, unsigned) { has_fma ? with_avx2() : without(); };
  const auto run_tasks = [&](std::size_t tasks) {
    Stopwatch watch;
    pool_.run(tasks, std::ref(work));
    seconds_per_task_ = watch.spent().wall / double(tasks);
  };
  if (seconds_per_task_ == 0) run_tasks(4 * pool_.size());
  const auto tasks = std::size_t(std::clamp(std::round(seconds / seconds_per_task_), 1.0, 10'000.0));
  const std::size_t for_all = (tasks + pool_.size() - 1) / pool_.size() * pool_.size();
  run_tasks(for_all);
  return operations_per_task * double(for_all);
}

}  // namespace rnn::bench

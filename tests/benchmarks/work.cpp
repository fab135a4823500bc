#include "work.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "stopwatch.hpp"
// Imports something, so it comes last.
#include "limit.hpp"

namespace rnn::bench {

struct Spread {
  double median = 0, least = 0, most = 0;
};

static Spread spread(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return {values[values.size() / 2], values.front(), values.back()};
}

static int rounds = 15;
void set_rounds(int count) { rounds = count; }
bool only_once() { return rounds == 1; }

static FmaLimit& limit(unsigned threads) {
  static std::map<unsigned, std::unique_ptr<FmaLimit>> limits;
  std::unique_ptr<FmaLimit>& found = limits[threads];
  if (!found) found = std::make_unique<FmaLimit>(threads);
  return *found;
}

// How often the work has to be done for a slice that a clock can measure.
static int repetitions(const std::function<void()>& run) {
  constexpr double slice = 0.01;
  for (int count = 1;; count *= 2) {
    Stopwatch watch;
    for (int i = 0; i < count; ++i) run();
    if (watch.spent().wall > slice || count >= 1 << 20) return count;
  }
}

static void in_turn(benchmark::State& state, const Work& work) {
  const std::function<void()> run = work.prepare();
  run();  // fills caches, and buffers that are allocated once
  const int count = only_once() ? 1 : repetitions(run);
  const double amount = count * (work.operations > 0 ? work.operations : work.elements);

  std::vector<double> speeds, shares, cpu_shares;
  for (auto _ : state) {
    const Stopwatch working;
    for (int i = 0; i < count; ++i) run();
    const Seconds ours = working.spent();

    const Stopwatch limiting;
    const double most = limit(work.threads).run(std::clamp(ours.wall, 0.002, 0.05));
    const Seconds theirs = limiting.spent();

    state.SetIterationTime(ours.wall / count);
    speeds.push_back(amount / ours.wall * 1e-9);
    shares.push_back(amount / ours.wall / (most / theirs.wall));
    cpu_shares.push_back(amount / ours.cpu / (most / theirs.cpu));
  }

  if (work.operations > 0) {
    const Spread share = spread(shares);
    state.counters["GFLOP/s"] = spread(speeds).median;
    state.counters["share"] = share.median;
    state.counters["least"] = share.least;
    state.counters["most"] = share.most;
    state.counters["cpu_share"] = spread(cpu_shares).median;
  } else {
    state.counters["Gelements/s"] = spread(speeds).median;
  }
  if (work.remark) state.SetLabel(work.remark());
}

void measure(Work work) {
  const std::string name = work.name + (work.threads == 1 ? "" : ", " + std::to_string(work.threads) + " threads");
  benchmark::RegisterBenchmark(name.c_str(),
                               [work = std::move(work)](benchmark::State& state) { in_turn(state, work); })
      ->UseManualTime()
      ->Iterations(rounds);
}

}  // namespace rnn::bench

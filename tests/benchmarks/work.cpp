#include "work.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
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

static std::vector<double> ratios(std::vector<double> values, const std::vector<double>& of) {
  for (std::size_t i = 0; i < values.size(); ++i) values[i] /= of[i];
  return values;
}

static int rounds = 15;
void set_rounds(int count) { rounds = count; }
bool only_once() { return rounds == 1; }

// The limit of so many threads with registers of each width, and what they reached in the turns of one line.
class Limits {
 public:
  explicit Limits(unsigned threads) {
    static std::map<std::pair<unsigned, int>, std::unique_ptr<FmaLimit>> known;
    for (const int width : register_widths()) {
      std::unique_ptr<FmaLimit>& limit = known[{threads, width}];
      if (!limit) limit = std::make_unique<FmaLimit>(threads, width);
      widths_.push_back({width, *limit});
    }
  }

  // One more turn, of about this many seconds.
  void run(double seconds) {
    for (OfWidth& width : widths_) {
      const auto [operations, spent] = width.limit.run(seconds / double(widths_.size()));
      width.by_clock.push_back(operations / spent.wall);
      width.by_processor.push_back(operations / spent.cpu);
    }
  }

  struct OfWidth {
    int width;
    FmaLimit& limit;
    std::vector<double> by_clock = {}, by_processor = {};  // operations per second in each turn
    double median() const { return spread(by_clock).median; }
  };
  // That of the fastest width in all turns together. (To take the faster one in each turn would raise the limit by
  // what the clock is off.)
  const OfWidth& best() const {
    return *std::max_element(widths_.begin(), widths_.end(),
                             [](const OfWidth& a, const OfWidth& b) { return a.median() < b.median(); });
  }

 private:
  std::vector<OfWidth> widths_;
};

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

  Limits limits(work.threads);
  std::vector<double> by_clock, by_processor;  // what was done per second in each turn
  for (auto _ : state) {
    const Stopwatch working;
    for (int i = 0; i < count; ++i) run();
    const Seconds ours = working.spent();
    limits.run(std::clamp(ours.wall, 0.004, 0.1));

    state.SetIterationTime(ours.wall / count);
    by_clock.push_back(amount / ours.wall);
    by_processor.push_back(amount / ours.cpu);
  }

  const double speed = spread(by_clock).median * 1e-9;
  if (work.operations > 0) {
    const Limits::OfWidth& limit = limits.best();
    const Spread share = spread(ratios(by_clock, limit.by_clock));
    state.counters["GFLOP/s"] = speed;
    state.counters["share"] = share.median;
    state.counters["least"] = share.least;
    state.counters["most"] = share.most;
    state.counters["cpu_share"] = spread(ratios(by_processor, limit.by_processor)).median;
    state.counters["limit"] = limit.median() * 1e-9;
    state.counters["width"] = limit.width;
  } else {
    state.counters["Gelements/s"] = speed;
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

// How fast the kernels, the passes and whole training steps are, and what share of the machine's limit that is.
//
//   bench [WHAT] [--quick | --smoke] [options of Google Benchmark]
//
// WHAT is a regular expression: the lines whose names it fits. --quick measures each thing fewer times, --smoke does
// everything once, to see that it runs.

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "work.hpp"

import rnn.linalg.kernel.cpu;

// One line for each: what, how fast, which share.
class Lines : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override {
    std::printf(
        "Kernels: %s. Limit: multiply-adds in registers of each width that this machine has, measured in turn with each\n"
        "line, of which the fastest counts: it stands at the end. Shares are medians (least-most); in brackets the share\n"
        "by processor time, for a busy machine.\n\n",
        rnn::name(rnn::instruction_set()));
    return true;
  }

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      std::printf("%-44s %s", run.run_name.function_name.c_str(), time(run.GetAdjustedRealTime()).c_str());
      const auto value = [&](const char* name) { return run.counters.at(name).value; };
      if (run.counters.contains("share")) {
        std::printf("%8.2f GFLOP/s  %5.1f%% (%.1f-%.1f) [%.1f] of %.0f (%.0f bits)", value("GFLOP/s"),
                    100 * value("share"), 100 * value("least"), 100 * value("most"), 100 * value("cpu_share"),
                    value("limit"), value("width"));
      } else if (run.counters.contains("Gelements/s")) {
        std::printf("%8.2f billion elements/s", value("Gelements/s"));
      }
      std::printf("%s%s\n", run.report_label.empty() ? "" : "  ", run.report_label.c_str());
    }
    std::fflush(stdout);
  }

 private:
  static std::string time(double nanoseconds) {
    char text[32];
    const double ms = nanoseconds * 1e-6;
    std::snprintf(text, sizeof text, ms < 1 ? "%9.2f us" : "%9.2f ms", ms < 1 ? ms * 1e3 : ms);
    return text;
  }
};

int main(int argc, char** argv) {
  int rounds = 15;
  std::string filter;
  std::vector<char*> rest;
  for (int i = 0; i < argc; ++i) {
    if (std::strcmp(argv[i], "--smoke") == 0) {
      rounds = 1;
    } else if (std::strcmp(argv[i], "--quick") == 0) {
      rounds = 5;
    } else if (i > 0 && argv[i][0] != '-') {
      filter = std::string("--benchmark_filter=") + argv[i];
    } else {
      rest.push_back(argv[i]);
    }
  }
  if (!filter.empty()) rest.push_back(filter.data());
  int count = static_cast<int>(rest.size());
  rest.push_back(nullptr);
  benchmark::Initialize(&count, rest.data());
  if (benchmark::ReportUnrecognizedArguments(count, rest.data())) return 2;

  rnn::bench::set_rounds(rounds);
  rnn::bench::add_limits();
  rnn::bench::add_ladder();
  rnn::bench::add_kernels();
  rnn::bench::add_sequences();
  rnn::bench::add_training();
  Lines lines;
  benchmark::RunSpecifiedBenchmarks(&lines);
  return 0;
}

// In place of libFuzzer in the ordinary builds: gives every file of a folder to the target, once, so that what was
// once found is found again should it come back. As libFuzzer does, it limits the memory and the time of each.

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "target.hpp"

namespace {

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr int slower = 10;  // and larger
#else
constexpr int slower = 1;
#endif
constexpr double most_seconds = 1.0 * slower;
constexpr unsigned longest_wait = 60 * slower;  // seconds after which it is taken to hang

/// MiB that one input may take: some for buffers, and some for what it holds, unpacked as it may be.
double most_memory(std::size_t size) { return (32 + 128 * double(size) / (1 << 20)) * slower; }

/// A line of /proc/self/status in MiB: VmRSS is the memory that is held, VmHWM the most that was since the mark was
/// set.
double memory(const std::string& what) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(what + ":")) return std::stod(line.substr(what.size() + 1)) / 1024;
  }
  return 0;
}

void set_mark() { std::ofstream("/proc/self/clear_refs") << "5"; }

double seconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) { return double(time.tv_sec) + double(time.tv_usec) / 1e6; };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  int inputs = 0;
  double longest = 0, largest = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(file), {}};
      std::cout << entry.path().filename().string() << std::endl;  // the last one named is the one that crashed
      alarm(longest_wait);
      set_mark();
      const double held = memory("VmRSS"), begun = seconds();
      LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
      const double taken = seconds() - begun, grown = memory("VmHWM") - held;
      rnn::testing::require(taken <= most_seconds, "an input takes no longer than its size is worth",
                            entry.path().c_str());
      rnn::testing::require(grown <= most_memory(bytes.size()), "an input takes no more memory than its size is worth",
                            entry.path().c_str());
      longest = std::max(longest, taken);
      largest = std::max(largest, grown);
      ++inputs;
    }
  }
  std::cout << inputs << " inputs, each of at most " << longest << " s and " << largest << " MiB\n";
  return inputs > 0 ? 0 : 1;
}

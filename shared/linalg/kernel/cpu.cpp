module;
#include <atomic>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

module rnn.linalg.kernel.cpu;

namespace rnn {

static InstructionSet choose() {
  using enum InstructionSet;
  const char* wanted = std::getenv("RNN_KERNEL");
  for (const InstructionSet set : {avx512, avx2, baseline}) {
    if (wanted == nullptr || *wanted == '\0') {
      if (available(set)) return set;
    } else if (std::string_view(wanted) == name(set)) {
      if (available(set)) return set;
      throw std::invalid_argument(std::string("RNN_KERNEL: this machine cannot run ") + wanted);
    }
  }
  throw std::invalid_argument(std::string("RNN_KERNEL: expected avx512, avx2 or baseline, got \"") +
                              std::string(std::string_view(wanted).substr(0, 60)) + '"');
}

static std::atomic<InstructionSet>& chosen() {
  static std::atomic<InstructionSet> set{choose()};
  return set;
}

InstructionSet instruction_set() { return chosen().load(std::memory_order_relaxed); }

const char* name(InstructionSet set) {
  switch (set) {
    case InstructionSet::avx512: return "avx512";
    case InstructionSet::avx2: return "avx2";
    default: return "baseline";
  }
}

const char* kind_of_kernel() { return instruction_set() == InstructionSet::baseline ? "baseline" : "fused"; }

bool available(InstructionSet set) {
#if defined(__x86_64__)
  switch (set) {
    case InstructionSet::avx512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
    case InstructionSet::avx2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    default: return true;
  }
#else
  return set == InstructionSet::baseline;
#endif
}

void force_instruction_set(InstructionSet set) {
  if (!available(set)) throw std::invalid_argument(std::string("this machine cannot run ") + name(set));
  chosen().store(set, std::memory_order_relaxed);
}

}  // namespace rnn

#pragma once
// The kernels to be tested.

#include <vector>

import rnn.linalg.kernel.cpu;

namespace rnn::testing {

/// Those that this machine has, the baseline first.
inline std::vector<InstructionSet> available_sets() {
  std::vector<InstructionSet> sets;
  for (const InstructionSet set : {InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avx512}) {
    if (available(set)) sets.push_back(set);
  }
  return sets;
}

}  // namespace rnn::testing

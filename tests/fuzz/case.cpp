#include <cmath>
#include <sstream>
#include <string>

#include "target.hpp"

import rnn.base.error;
import rnn.cases.recorded_case;
import rnn.linalg.matrix;

using namespace rnn;
using namespace rnn::testing;

/// A recorded case.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read_or_refuse<FileError>([&] {
    const Case recorded = parse_case(to_text(data, size), "F");
    const Matrix &w_y = recorded.weights["w_y"], &b = recorded.weights["b"];
    require(w_y.size2() == b.size2() && w_y.size2() % w_y.size1() == 0, "shapes agree");
    require(recorded.inputs || !recorded.batches.empty(), "there is something to compute");
    require(std::isfinite(recorded.tolerance) && recorded.tolerance >= 0, "a tolerance is one");
    for (const auto& [key, values] : recorded.expected) {
      Index count = 1;
      for (const Index axis : values.shape) count *= axis;
      require(values.numbers.size() == count, "as many numbers as the shape says", key);
    }
    const CaseKind kind{{"inputs"}, {"lengths", "weights.w_out"}, {"outputs", "state"}, 2, {}};
    require_kind(recorded, kind);
  });
  return 0;
}

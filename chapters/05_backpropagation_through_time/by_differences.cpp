module;
#include <iostream>
#include <span>
#include <vector>

module backpropagation.by_differences;

import backpropagation.by_tape;
import backpropagation.network;
import backpropagation.tables;
import rnn.autodiff.gradient_check;
import rnn.autodiff.tape;
import rnn.cases.recorded_case;
import rnn.linalg.matrix;

using namespace rnn;

namespace backpropagation {

int check_every_weight(const Tiny& tiny, Real step) {
  std::vector<NamedMatrix> weights;
  for (const auto& [name, matrix] : tiny.weights.all) weights.push_back({name, matrix});
  const auto loss = [&](Tape& tape, std::span<const Var> vars) {
    return record(tape, tiny.cell, vars, tiny.examples).loss;
  };
  const auto errors = check_gradients(weights, loss, {.step = step});
  print_errors(errors, step);
  const bool near = largest_relative_error(errors) <= 1e-6;
  std::cout << (near ? "Every relative error is at most 1e-6.\n" : "There is a relative error above 1e-6.\n");
  return near ? 0 : 1;
}

}  // namespace backpropagation

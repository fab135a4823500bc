// Chapter 04: sequences of different lengths in one batch.
//
// A batch is one block of numbers, batch × time × inputs, so short sequences are padded to the length of the longest.
// The layer must not mistake padding for data. Given the lengths, a sequence of length L behaves as if it ended there:
//
//     t < L:   y[t] = tanh(x[t]·W_x + y[t−1]·W_y + b)    as before
//     t ≥ L:   y[t] = 0, whatever the padding holds
//     state  = y[L−1], the last real output; for L = 0 the state before the first step
//
// and no gradient goes into the padding or through it.
//
// (In the notebook's variable-length run the last cell shows states_val = [[0.9570105]]: one sequence instead of two,
// and neither of the outputs above it. It is left over from another run, as its number shows: In [121] after In [192].
// The state that belongs to those outputs is [[-0.9169307], [-0.53586686]].)
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <iostream>
#include <limits>
#include <vector>

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.cases.example;
import rnn.console.example_options;
import rnn.console.options;
import rnn.console.print;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.kinds;
import rnn.network.unroll;

using namespace rnn;

struct Result {
  Sequence outputs;  // (time × batch × n)
  Matrix carry;      // (batch × n): the last valid state; an LSTM's has its cell state too
  Sequence dx;       // (time × batch × inputs): how the sum of all outputs changes with each input
};

/// Forward over x (time × batch × inputs), and the gradient of the sum of all outputs back to x.
Result run(const Sequence& x, const Example& example) {
  Tape tape;
  const SequenceVar inputs = tape.variable(x);  // a variable: its gradient is wanted
  std::vector<Var> weights;                     // of the basic cell w_x (inputs × n), w_y (n × n) and b (1 × n)
  for (const auto& [name, weight] : example.weights.all) weights.push_back(tape.constant(weight, name.c_str()));
  Cell& cell = find_cell_kind(example.cell).make(weights, example.activation);

  UnrollOptions options;
  options.initial_state = tape.constant(example.initial_state, "initial_state");  // (batch × n)
  options.lengths = example.lengths;
  const Unrolled unrolled = unroll_dynamic(cell, inputs, options);

  tape.backward(sum(unrolled.outputs.rows));
  Sequence dx(x.steps(), x.batch(), x.features());
  copy(inputs.rows.gradient(), dx.rows());
  return {to_sequence(unrolled.outputs), to_matrix(unrolled.carry.value()), dx};
}

/// The same inputs with NaN as padding, which spoils whatever is computed from it.
Sequence with_nan_for_padding(const Example& example) {
  Sequence x = example.inputs;
  for (Index i = 0; i < x.batch(); ++i) {
    for (Index t = example.lengths[i]; t < x.steps(); ++t) {
      fill(x[t].rows_from(i, 1), std::numeric_limits<Real>::quiet_NaN());
    }
  }
  return x;
}

/// |dx| of each step: (batch × time).
Matrix size_of_steps(const Sequence& dx) {
  Matrix size(dx.batch(), dx.steps());
  for (Index i = 0; i < dx.batch(); ++i) {
    for (Index t = 0; t < dx.steps(); ++t) {
      Real squares = 0;
      for (Index j = 0; j < dx.features(); ++j) squares += dx(t, i, j) * dx(t, i, j);
      size(i, t) = std::sqrt(squares);
    }
  }
  return size;
}

void show(const Example& example, const Result& result) {
  std::cout << fmt::format("lengths {}\n", fmt::join(example.lengths, ", "));
  print(std::cout, "inputs, padded", example.inputs, "inputs");
  print(std::cout, "outputs, zero past the end", result.outputs, "neurons");
  print(std::cout, "state, the last output before the end",
        ConstView(result.carry).columns_from(0, result.outputs.features()), {"batch", "neurons"});

  std::cout << "\nHow much the sum of all outputs depends on each step; not at all on padding:\n";
  print(std::cout, "|dx|", size_of_steps(result.dx), {"batch", "time"});

  const Result spoilt = run(with_nan_for_padding(example), example);
  const bool same = same_numbers(spoilt.outputs.rows(), result.outputs.rows()) &&
                    same_numbers(spoilt.carry, result.carry) && same_numbers(spoilt.dx.rows(), result.dx.rows());
  std::cout << fmt::format("\nWith NaN for padding: {} outputs, state and gradients.\n",
                           same ? "the same" : "DIFFERENT");
}

int main(int argc, char** argv) {
  Options options("04_variable_lengths",
                  "Sequences of different lengths in one batch: zero outputs past the end, the last valid state, no "
                  "gradient through padding.");
  ExampleOptions chosen(options, Form::variable_lengths);
  options.example("--lengths 1,2,2,0", "different lengths");
  options.example("--steps 5 --lengths 5,5,5,5", "nothing is padded: what chapter 03 prints with --steps 5");

  return options.run(argc, argv, [&] {
    const Example example = chosen.read();
    const Result result = run(example.inputs, example);
    if (chosen.for_a_person()) show(example, result);
    return chosen.finish(result.outputs, result.carry);
  });
}

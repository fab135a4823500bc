// Chapter 02: the same layer for any number of steps, unrolled into one graph.
//
// Chapter 01 wrote the same four lines for each step. Here they are a cell, with its weights, and a loop calls it once
// for each step. Every operation is recorded on a tape. This is the graph: walking it in reverse, from the last
// operation to the first, will give the gradients (chapter 05). The weights are on the tape once and are used at every
// step, but each step adds its own operations. So the graph grows with the sequence.
#include <fmt/format.h>

#include <iostream>
#include <vector>

import rnn.autodiff.graph;
import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.cases.example;
import rnn.console.example_options;
import rnn.console.options;
import rnn.console.print;
import rnn.formats.dot;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.kinds;
import static_unrolling.commands;

using namespace rnn;

struct Unrolled {
  SequenceVar outputs;  // (time × batch × n)
  Var carry;            // (batch × n)
};

/// Static unrolling: one call of the cell, and its nodes on the tape, for each step of x (time × batch × inputs).
/// Chapter 03 calls this loop by its name, unroll_static.
Unrolled unroll(Tape& tape, const Sequence& x, const Example& example) {
  const SequenceVar inputs = tape.constant(x);
  std::vector<Var> weights;  // of the basic cell w_x (inputs × n), w_y (n × n) and b (1 × n)
  for (const auto& [name, weight] : example.weights.all) weights.push_back(tape.variable(weight, name.c_str()));
  const Cell& cell = find_cell_kind(example.cell).make(weights, example.activation);

  Var carry = tape.constant(example.initial_state, "initial_state");  // (batch × n)
  std::vector<Var> outputs;
  for (Index t = 0; t < x.steps(); ++t) {
    tape.set_step(t);                       // nodes from here on are named after step t
    const Var x_t = slice_time(inputs, t);  // (batch × inputs)
    carry = cell.step(x_t, carry);          // y = tanh(x_t·W_x + y_before·W_y + b)
    outputs.push_back(cell.output(carry));
  }
  tape.set_step(no_step);
  return {stack_time(tape, outputs, x.batch(), cell.state_size()), carry};
}

/// What a longer sequence costs. The inputs' values do not matter here.
void show_growth(const Example& example) {
  std::cout << "\nHow the graph grows:\n   steps   nodes   bytes kept   and with gradients\n";
  for (Index steps = 1; steps <= 64; steps *= 2) {
    const Sequence x(steps, example.inputs.batch(), example.inputs.features());
    Tape tape;
    const Unrolled unrolled = unroll(tape, x, example);
    const Index nodes = tape.size(), forward = tape.bytes_kept();
    tape.backward(sum(unrolled.outputs.rows));
    std::cout << fmt::format("  {:6}  {:6}  {:11}  {:19}\n", steps, nodes, forward, tape.bytes_kept());
  }
  std::cout << "Every value of every step is kept for the backward pass. Chapter 03 needs less.\n";
}

int main(int argc, char** argv) {
  Options options("02_static_unrolling",
                  "A recurrent cell, unrolled: each time step adds its own operations to the tape.");
  options.word("unroll", "unroll a cell: the command of this page, which may be left out");
  options.word("slope", "what a gradient is: one neuron, three steps", static_unrolling::slope);
  options.word("scalars", "five numbers on a tape, forward and backward", static_unrolling::scalars);
  ExampleOptions chosen(options, Form::any_length);
  options.group("Graph");
  const auto graph = options.output_drawing("graph", "FILE.svg|FILE.dot", "draw the graph, or write it for Graphviz");
  options.example("--steps 8", "a longer sequence");
  options.example("--graph graph.svg", "a drawing of the graph");

  return options.run(argc, argv, [&] {
    const Example example = chosen.read();
    Tape tape;
    const Unrolled unrolled = unroll(tape, example.inputs, example);
    const Sequence outputs = to_sequence(unrolled.outputs);  // (time × batch × n)
    const ConstView carry = unrolled.carry.value();          // (batch × n); an LSTM's has its cell state too
    if (graph.given()) write_graph(*graph, graph_of(tape), "02_static_unrolling");

    if (chosen.for_a_person()) {
      print(std::cout, "inputs", example.inputs, "inputs");
      print(std::cout, "outputs", outputs, "neurons");
      const Index n = outputs.features();
      print(std::cout, "state, the output of the last step", carry.columns_from(0, n), {"batch", "neurons"});
      std::cout << fmt::format("\nThe tape has {} nodes and keeps {} bytes:\n", tape.size(), tape.bytes_kept());
      print_nodes(std::cout, graph_of(tape));
      show_growth(example);
    }
    return chosen.finish(outputs, carry);
  });
}

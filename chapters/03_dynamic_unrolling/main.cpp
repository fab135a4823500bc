// Chapter 03: the same cell in one looping operation.
//
// Chapter 02 recorded the cell's operations once for each step and kept the value of every one of them. But the
// backward pass through y = tanh(a), a = x·W_x + y_before·W_y + b, never needs a, since tanh′(a) = 1 − y²: the outputs
// are enough. So let one node do the whole loop:
//
//     forward, t = 0 … T−1:    y[t] = tanh(x[t]·W_x + y[t−1]·W_y + b)         keep y[t], nothing else
//     backward, t = T−1 … 0:   da = dy[t] ⊙ (1 − y[t]²)                       (batch × n)
//                              dW_x += x[t]ᵀ·da,  dW_y += y[t−1]ᵀ·da,  db += the rows of da
//                              dy[t−1] += da·W_yᵀ
//
// The tape then has the same few nodes for any number of steps.
#include <fmt/format.h>

#include <iostream>
#include <string>
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
import rnn.network.unroll;

using namespace rnn;

enum class Unrolling { fixed, looping };

/// One cell and its initial state, unrolled over x (time × batch × inputs) in either way.
Unrolled unroll(Unrolling how, Tape& tape, const Sequence& x, const Example& example) {
  const SequenceVar inputs = tape.constant(x);
  std::vector<Var> weights;  // of the basic cell w_x (inputs × n), w_y (n × n) and b (1 × n)
  for (const auto& [name, weight] : example.weights.all) weights.push_back(tape.variable(weight, name.c_str()));
  Cell& cell = find_cell_kind(example.cell).make(weights, example.activation);

  UnrollOptions start;
  start.initial_state = tape.constant(example.initial_state, "initial_state");  // (batch × n)
  if (how == Unrolling::fixed) return unroll_static(cell, inputs, start);       // the loop of chapter 02
  return unroll_dynamic(cell, inputs, start);
}

/// What each way costs for a sequence of `steps`: nodes, and bytes after the forward and after the backward pass.
std::string cost(Unrolling how, Index steps, const Example& example) {
  const Sequence x(steps, example.inputs.batch(), example.inputs.features());  // zeros will do
  Tape tape;
  const Unrolled unrolled = unroll(how, tape, x, example);
  const Index nodes = tape.size(), forward = tape.bytes_kept();
  tape.backward(sum(unrolled.outputs.rows));
  return fmt::format("{:7}{:9}{:9}", nodes, forward, tape.bytes_kept());
}

void show_growth(const Example& example) {
  std::cout << "\nWhat a longer sequence costs: nodes, and bytes kept after the forward and after the backward pass:\n"
               "          chapter 02: step by step     one looping node\n"
               "   steps    nodes  forward     back    nodes  forward     back\n";
  for (Index steps = 1; steps <= 64; steps *= 2) {
    std::cout << fmt::format("  {:6}  {}  {}\n", steps, cost(Unrolling::fixed, steps, example),
                             cost(Unrolling::looping, steps, example));
  }
}

int main(int argc, char** argv) {
  Options options("03_dynamic_unrolling",
                  "The recurrent cell of chapter 02 in one looping operation: the same numbers, less memory.");
  ExampleOptions chosen(options, Form::any_length);
  options.group("Graph");
  const auto graph = options.output_drawing("graph", "FILE.svg|FILE.dot", "draw the graph, or write it for Graphviz");
  options.example("--steps 28", "a longer sequence, the same nodes");
  options.example("--graph graph.svg", "a drawing of the graph");

  return options.run(argc, argv, [&] {
    const Example example = chosen.read();
    Tape tape;
    const Unrolled unrolled = unroll(Unrolling::looping, tape, example.inputs, example);
    const Sequence outputs = to_sequence(unrolled.outputs);  // (time × batch × n)
    const ConstView state = unrolled.state.value();          // (batch × n)
    if (graph.given()) write_graph(*graph, graph_of(tape), "03_dynamic_unrolling");

    if (chosen.for_a_person()) {
      print(std::cout, "inputs", example.inputs, "inputs");
      print(std::cout, "outputs", outputs, "neurons");
      print(std::cout, "state, the output of the last step", state, {"batch", "neurons"});
      std::cout << fmt::format("\nThe tape has {} nodes and keeps {} bytes:\n", tape.size(), tape.bytes_kept());
      print_nodes(std::cout, graph_of(tape));

      Tape other;
      const Unrolled fixed = unroll(Unrolling::fixed, other, example.inputs, example);
      const bool same = same_numbers(fixed.outputs.rows.value(), unrolled.outputs.rows.value());
      std::cout << fmt::format("\nStep by step, as in chapter 02: {} nodes, {} bytes, and {} outputs.\n", other.size(),
                               other.bytes_kept(), same ? "the same" : "DIFFERENT");
      show_growth(example);
    }
    return chosen.finish(outputs, unrolled.carry.value());
  });
}

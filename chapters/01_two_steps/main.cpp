// Chapter 01: a recurrent layer over two time steps, written out by hand.
//
// A layer of n neurons sees a batch of sequences. At each time step every neuron gets the inputs of that step, plus the
// outputs of all neurons at the previous step:
//
//     y = tanh(x·W_x + y_before·W_y + b)
//
// The weights W_x, W_y and the bias b are the same at every step. Through y_before, an output depends on all earlier
// inputs: this is the layer's memory.
#include <iostream>

import rnn.cases.example;
import rnn.console.example_options;
import rnn.console.options;
import rnn.console.print;
import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.matrix;
import rnn.linalg.products;

using namespace rnn;

int main(int argc, char** argv) {
  Options options("01_two_steps",
                  "A recurrent layer over two time steps, written out by hand: y = tanh(x·W_x + y_before·W_y + b).");
  ExampleOptions chosen(options, Form::two_steps);
  options.example("", "the notebook's inputs, random weights, and the outputs");
  options.example("--seed 7 --initial-state 0.5", "different weights, and a memory that does not start empty");

  return options.run(argc, argv, [&] {
    const Example example = chosen.read();
    const Sequence& x = example.inputs;             // two steps, each (batch × inputs)
    const Matrix& w_x = example.weights["w_x"];     // (inputs × n)
    const Matrix& w_y = example.weights["w_y"];     // (n × n)
    const Matrix& b = example.weights["b"];         // (1 × n)
    const Matrix& y_start = example.initial_state;  // (batch × n)

    // t = 0. There is no output yet: y_start, what the neurons remember from before, is zero unless given.
    Matrix y0 = product(x[0], w_x);   // (batch × n) = (batch × inputs)·(inputs × n)
    add_product(y_start, w_y, y0);    // (batch × n) + (batch × n)·(n × n)
    add_bias(b, y0);                  // each row + (1 × n)
    apply(Activation::tanh, y0, y0);  // each element by itself: −1 … 1

    // t = 1. The same weights, the inputs of the next step, and y0 in place of y_start.
    Matrix y1 = product(x[1], w_x);
    add_product(y0, w_y, y1);
    add_bias(b, y1);
    apply(Activation::tanh, y1, y1);

    if (chosen.for_a_person()) {
      print(std::cout, "x0, the inputs at t = 0", x[0], {"batch", "inputs"});
      print(std::cout, "x1, the inputs at t = 1", x[1], {"batch", "inputs"});
      std::cout << '\n';
      print(std::cout, "W_x, from inputs to neurons", w_x, {"inputs", "neurons"});
      print(std::cout, "W_y, from neurons to neurons one step later", w_y, {"neurons", "neurons"});
      print(std::cout, "b", b, {"row", "neurons"});
      std::cout << '\n';
      print(std::cout, "y_start, the state before the first step", y_start, {"batch", "neurons"});
      print(std::cout, "y0 = tanh(x0·W_x + y_start·W_y + b)", y0, {"batch", "neurons"});
      print(std::cout, "y1 = tanh(x1·W_x + y0·W_y + b)", y1, {"batch", "neurons"});
    }

    Sequence outputs(2, y0.size1(), y0.size2());  // (time × batch × n)
    copy(y0, outputs[0]);
    copy(y1, outputs[1]);
    return chosen.finish(outputs, y1);  // what --replay and --json ask for
  });
}

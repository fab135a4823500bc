// Chapter 05: backpropagation through time, or where the gradients come from.
//
// The backward pass goes through the operations of the forward pass, from the last to the first: by the chain rule, the
// gradient of what came out of an operation gives the gradient of what went in. In a recurrent network it passes
// through the cell once for each time step, back through time. Four things are shown:
//
//   by_hand.cpp         three steps written out, line by line; the tape (by_tape.cpp) finds the same numbers
//   by_differences.cpp  moving each weight a little to either side, which needs no calculus, finds them too
//   norms.cpp           over many steps a gradient is multiplied by W_y again and again: it vanishes, or it explodes
//   training.cpp        clipping: a gradient that exploded points in the right direction, only its length is useless
//
// Everything is computed in double: a difference of two losses loses half of the digits.
#include <fmt/format.h>

#include <iostream>
#include <limits>
#include <string>
#include <vector>

import backpropagation.by_differences;
import backpropagation.by_hand;
import backpropagation.by_tape;
import backpropagation.network;
import backpropagation.norms;
import backpropagation.replay;
import backpropagation.tables;
import backpropagation.training;
import rnn.base.file;
import rnn.console.norm_tables;
import rnn.console.options;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.kinds;
import rnn.training.gradient_norms;

using namespace rnn;
using namespace backpropagation;

/// Shows how the norms change along one sequence, without tanh and with it. Returns all curves.
std::vector<GradientNorms> show_norms(const RandomSequence& sequence) {
  const auto linear = norms_of_three_scales(sequence, "linear", Activation::identity, 0.1);
  const auto tanh = norms_of_three_scales(sequence, "tanh", Activation::tanh, 0.1);
  const auto saturated = norms_of_three_scales(sequence, "saturated", Activation::tanh, 3);
  std::cout << "\nThe norm of dh_T/dh_t, for an orthogonal W_y times 0.5 (o), 1 (+) and 2 (*)\n";
  print_norms("Without tanh: multiplied by the factor at every step back", linear);
  print_norms("With tanh and small inputs: 1 - h^2 takes a little off at each step, and limits the explosion", tanh);
  print_norms("With tanh and inputs 30 times as large: tanh is flat there, and next to nothing comes back", saturated);

  std::vector<GradientNorms> all = linear;
  all.insert(all.end(), tanh.begin(), tanh.end());
  all.insert(all.end(), saturated.begin(), saturated.end());
  return all;
}

int main(int argc, char** argv) {
  Options options("05_backpropagation_through_time",
                  "Gradients by hand, from the tape and from differences; what becomes of them over many steps back.");
  const auto seed = options.integer("seed", 1, {0, 4294967295}, "decides every random number");
  options.group("Gradient check");
  const auto cell = options.choice("cell", "rnn", cell_names(), "kind of cell, checked with --gradcheck");
  const auto gradcheck = options.flag("gradcheck", "only compare every weight's gradient with centered differences");
  const auto step = options.real("difference", 1e-5, {0, 1, true}, "how far a weight is moved to either side");
  options.group("Vanishing and exploding gradients");
  const auto steps = options.integer("steps", 50, {1, 500}, "length of the sequence");
  const auto neurons = options.integer("neurons", 20, {1, 256}, "size of the layer");
  const auto csv_file = options.output_file("csv", "FILE.csv", "write the norms of every step as well");
  options.group("Clipping");
  const auto updates = options.integer("updates", 60, {1, 10000}, "steps of gradient descent");
  const auto learning_rate = options.real("learning-rate", 1, {0, 100, true}, "learning rate of gradient descent");
  const auto clip = options.real("clip", 1, {0, 1e6, true}, "scale gradients down to at most this norm");
  options.group("Recorded cases and JSON");
  const auto [recorded, json] = options.replay();
  for (const char* name :
       {"seed", "cell", "gradcheck", "steps", "neurons", "csv", "updates", "learning-rate", "clip"}) {
    options.excludes(name, "replay");
  }
  options.needs("difference", "gradcheck");
  options.needs("cell", "gradcheck");
  options.example("--gradcheck --difference 1e-2", "too far: the function is not a straight line");
  options.example("--gradcheck --difference 1e-12", "too close: only rounding is left of the difference");
  options.example("--steps 100 --csv norms.csv", "a longer sequence, for a drawing");

  return options.run(argc, argv, [&] {
    if (recorded.given()) return replay(*recorded, *json);
    const Tiny tiny(*cell, *seed);
    if (*gradcheck) return check_every_weight(tiny, *step);

    std::cout << "The loss of a tiny network and its gradients\n";
    print_side_by_side(by_hand(tiny.weights, tiny.examples), by_tape(tiny.cell, tiny.weights, tiny.examples));

    const std::vector<GradientNorms> curves = show_norms({*seed, *steps, *neurons});
    if (csv_file.given()) replace_file(*csv_file, norms_csv(curves));

    const Task task{.seed = *seed};
    std::cout << fmt::format("\nTraining to remember the first of {} inputs, W_y = {:g} times an orthogonal matrix\n",
                             task.steps, task.recurrent_scale);
    const Real no_limit = std::numeric_limits<Real>::infinity();
    print_trainings(train(task, *updates, *learning_rate, no_limit), train(task, *updates, *learning_rate, *clip),
                    *clip);
    return 0;
  });
}

module;
#include <boost/random/mersenne_twister.hpp>
#include <tuple>
#include <vector>

module backpropagation.training;

import backpropagation.by_tape;
import backpropagation.network;
import rnn.autodiff.tape;
import rnn.base.random;
import rnn.linalg.matrix;
import rnn.network.initializers;
import rnn.network.parameters;
import rnn.training.clipping;

using namespace rnn;

namespace backpropagation {

static Examples examples_of(const Task& task, Engine& engine) {
  constexpr Index batch = 32;
  Examples examples{.x = rnn::Sequence(task.steps, batch, 1), .labels = std::vector<Index>(batch)};
  random_normal(examples.x.rows(), engine, 0.1);
  for (Index i = 0; i < batch; ++i) {
    examples.labels[i] = i % 2;
    examples.x(0, i, 0) = i % 2 == 0 ? Real(1) : Real(-1);
  }
  return examples;
}

std::vector<Step> train(const Task& task, Index updates, Real learning_rate, Real max_norm) {
  auto engine = seeded(task.seed);
  const Index n = task.neurons;
  Parameters parameters;  // one flat buffer, and so will be their gradients: clipping sees them as one vector
  for (const auto& [name, rows, columns] : {std::tuple{"w_x", Index(1), n},
                                            {"w_y", n, n},
                                            {"b", Index(1), n},
                                            {"w_out", n, Index(2)},
                                            {"b_out", Index(1), Index(2)}}) {
    parameters.add(name, rows, columns);
  }
  glorot_uniform(parameters["w_x"], engine, 1, n);
  orthogonal(parameters["w_y"], engine, task.recurrent_scale);
  glorot_uniform(parameters["w_out"], engine, n, 2);
  const Examples examples = examples_of(task, engine);

  Matrix gradients(1, parameters.flat().columns);
  std::vector<Step> steps;
  Tape tape;
  for (Index update = 0; update < updates; ++update) {
    tape.clear();
    fill(gradients, Real(0));
    std::vector<Var> weights;
    for (Index i = 0; i < parameters.entries().size(); ++i) weights.push_back(parameters.on(tape, i, gradients));
    const Var loss = record(tape, "rnn", weights, examples).loss;
    tape.backward(loss);
    const Real norm = clip_by_global_norm(gradients, max_norm);  // at most max_norm from here on
    steps.push_back({loss.value()(0, 0), norm});
    for (Index k = 0; k < gradients.size2(); ++k) parameters.flat()(0, k) -= learning_rate * gradients(0, k);
  }
  return steps;
}

}  // namespace backpropagation

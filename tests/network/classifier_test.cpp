#include <boost/random/mersenne_twister.hpp>
#include <boost/test/unit_test.hpp>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "../support/matrices.hpp"

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.kinds;
import rnn.network.classifier;
import rnn.network.initializers;
import rnn.network.layers;
import rnn.network.unroll;

using namespace rnn;
using rnn::testing::same_bits;

namespace {

Classifier network(const CellKind& kind) {
  Classifier result({.inputs = 3, .hidden = 5, .classes = 4, .cell = kind.name});
  Engine engine(1);
  result.initialize(engine);
  random_normal(result.parameters["b_out"], engine);
  return result;
}

Sequence inputs(Index steps, Index batch) {
  Sequence x(steps, batch, 3);
  Engine engine(2);
  random_normal(x.rows(), engine);
  return x;
}

const std::vector<Index> lengths{4, 0, 2};

}  // namespace

BOOST_AUTO_TEST_CASE(the_cells_parameters_come_first_and_then_those_of_the_dense_layer) {
  for (const CellKind& kind : cell_kinds()) {
    const Classifier classifier({.inputs = 3, .hidden = 5, .classes = 4, .cell = kind.name});
    std::vector<CellParameter> expected = kind.parameters(3, 5);
    expected.insert(expected.end(), {{"w_out", 5, 4}, {"b_out", 1, 4}});
    BOOST_TEST_REQUIRE(classifier.parameters.entries().size() == expected.size());
    for (Index i = 0; i < expected.size(); ++i) {
      BOOST_TEST(classifier.parameters.entries()[i].name == expected[i].name);
      BOOST_TEST(shape(classifier.parameters[i]) == shape(expected[i].rows, expected[i].columns));
    }
    const Matrix zero(1, classifier.parameters.flat().columns, Real(0));
    BOOST_TEST(same_bits(classifier.parameters.flat(), zero));
  }
  BOOST_CHECK_THROW(Classifier({.cell = "no such cell"}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(initialize_draws_everything_whatever_was_there) {
  for (const CellKind& kind : cell_kinds()) {
    const ClassifierShape shape{.inputs = 3, .hidden = 5, .classes = 4, .cell = kind.name};
    Classifier zero(shape), used(shape);
    for (Index i = 0; i < used.parameters.entries().size(); ++i) fill(used.parameters[i], Real(7));
    Engine engine(1), same_engine(1);
    zero.initialize(engine);
    used.initialize(same_engine);
    BOOST_TEST(same_bits(zero.parameters.flat(), used.parameters.flat()), kind.name);
    BOOST_TEST(same_bits(used.parameters["b_out"], Matrix(1, 4, Real(0))));
  }
}

BOOST_AUTO_TEST_CASE(the_logits_are_those_of_a_dense_layer_on_the_last_valid_state) {
  for (const CellKind& kind : cell_kinds()) {
    const Classifier classifier = network(kind);
    const Sequence x = inputs(4, 3);
    Tape tape(Tape::Mode::evaluate);
    std::vector<Var> weights;
    for (Index i = 0; i < classifier.parameters.entries().size(); ++i) {
      weights.push_back(tape.constant(classifier.parameters[i]));
    }
    const Index of_cell = weights.size() - 2;
    Cell& cell = kind.make(std::span(weights).first(of_cell), Activation::tanh);
    const SequenceVar on_tape = tape.constant(x);
    const auto expected = [&](SequenceVar read) {
      const Unrolled states = unroll_dynamic(cell, read, {.lengths = lengths});
      return dense(states.state, weights[of_cell], weights[of_cell + 1]).value();
    };
    BOOST_TEST(same_bits(classifier.logits({.x = on_tape, .lengths = lengths}).value(), expected(on_tape)), kind.name);
    const auto with_dropout = [&](const Dropout& how) { return classifier.logits({on_tape, lengths, how}).value(); };
    const ConstView of_seed_9 = expected(dropout(on_tape, Real(0.5), 9)),
                    of_seed_0 = expected(dropout(on_tape, Real(0.5), 0));
    BOOST_TEST(same_bits(with_dropout({.keep = Real(0.5), .seed = 9}), of_seed_9), kind.name);
    BOOST_TEST(same_bits(with_dropout({.keep = Real(0.5)}), of_seed_0), kind.name);
    BOOST_TEST(!same_bits(of_seed_9, of_seed_0), kind.name);
  }
}

BOOST_AUTO_TEST_CASE(after_each_step_it_says_what_it_says_of_a_sequence_that_ends_there) {
  for (const CellKind& kind : cell_kinds()) {
    const Classifier classifier = network(kind);
    const Sequence x = inputs(4, 3);
    Tape tape(Tape::Mode::evaluate);
    const auto [states, logits] = classifier.every_step({.x = tape.constant(x)});
    BOOST_TEST(shape(states.value()) == "12x5");
    for (Index t = 0; t < 4; ++t) {
      const SequenceVar beginning{tape.constant(x.rows().rows_from(0, (t + 1) * 3)), t + 1, 3};
      const ConstView then = classifier.logits({.x = beginning}).value();
      BOOST_TEST(same_bits(logits.value().rows_from(t * 3, 3), then), kind.name << ", step " << t);
    }
  }
}

// What the tape of a forward pass keeps, in bytes; with 8 sequences and 64 neurons.
static Index kept(const char* cell, Index steps) {
  const Classifier network({.inputs = 1, .hidden = 64, .classes = 2, .cell = cell});
  Matrix gradients(1, network.parameters.flat().columns);
  const Matrix x(steps * 8, 1);
  Tape tape;
  network.logits({.x = {tape.constant(x), steps, 8}}, gradients);
  return tape.bytes_kept();
}

BOOST_AUTO_TEST_CASE(states_are_kept_as_long_as_they_fit_into_64_mebibytes) {
  const Index state = 8 * 64 * sizeof(Real), most = 64 * 1024 * 1024;
  for (const auto& [cell, saved] : {std::pair("rnn", Index(1)), std::pair("lstm", Index(6))}) {
    const Index steps = most / (saved * state);
    BOOST_TEST(kept(cell, steps) >= steps * saved * state, cell);
    BOOST_TEST(kept(cell, steps + 1) < most / 4, cell);
  }
}

#include <boost/test/unit_test.hpp>

import rnn.autodiff.tape;
import rnn.linalg.matrix;
import rnn.network.classifier;

using namespace rnn;

// What the tape of a forward pass keeps, in bytes; a state takes 2 KiB with 8 sequences and 64 neurons.
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
  BOOST_TEST(kept("rnn", 30'000) >= 30'000 * state);
  BOOST_TEST(kept("rnn", most / state + 1) < most / 20);
  BOOST_TEST(kept("lstm", 5'000) >= 5'000 * 6 * state);
  BOOST_TEST(kept("lstm", most / (6 * state) + 1) < most / 4);
}

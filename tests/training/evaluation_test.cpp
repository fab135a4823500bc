#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <stdexcept>
#include <vector>

import rnn.base.error;
import rnn.data.digits;
import rnn.data.images;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.classifier;
import rnn.network.initializers;
import rnn.network.reading;
import rnn.training.classification;
import rnn.training.data_parallel;
import rnn.training.evaluation;
import rnn.training.metrics;
import rnn.training.trainer;

using namespace rnn;

namespace {

Classifier some_network(Activation activation = Activation::tanh) {
  Classifier network({.hidden = 7, .activation = activation});
  Engine engine(5);
  network.initialize(engine);
  random_normal(network.parameters["b_out"], engine);
  return network;
}

/// The states and the logits after each row, by the book, in double.
struct ByTheBook {
  std::vector<std::vector<double>> states, logits;

  ByTheBook(const Classifier& network, const Images& images, Index which) {
    const auto& [inputs, n, classes, activation, cell, steps] = network.shape();
    const ConstView w_x = network.parameters["w_x"], w_y = network.parameters["w_y"], b = network.parameters["b"];
    const ConstView w_out = network.parameters["w_out"], b_out = network.parameters["b_out"];
    std::vector<double> before(n);
    for (Index t = 0; t < images.rows; ++t) {
      std::vector<double> h(n), z(classes);
      for (Index k = 0; k < n; ++k) {
        h[k] = b(0, k);
        for (Index j = 0; j < inputs; ++j)
          h[k] += images.pixels[(which * images.rows + t) * inputs + j] / 255.0 * double(w_x(j, k));
        for (Index j = 0; j < n; ++j) h[k] += before[j] * double(w_y(j, k));
        h[k] = activation == Activation::relu ? std::max(0.0, h[k]) : std::tanh(h[k]);
      }
      for (Index c = 0; c < classes; ++c) {
        z[c] = b_out(0, c);
        for (Index k = 0; k < n; ++k) z[c] += h[k] * double(w_out(k, c));
      }
      states.push_back(h);
      logits.push_back(z);
      before = h;
    }
  }
};

Matrix matrix(const std::vector<std::vector<Real>>& rows) {
  Matrix result(rows.size(), rows[0].size());
  for (Index i = 0; i < rows.size(); ++i)
    for (Index j = 0; j < rows[i].size(); ++j) result(i, j) = rows[i][j];
  return result;
}

Matrix logits_with(const Classifier& network, const Images& images, unsigned threads) {
  DataParallel shards(threads);
  return logits_of(network, images, shards);
}

}  // namespace

BOOST_AUTO_TEST_CASE(one_image_is_read_row_by_row_as_the_book_says) {
  const Dataset digits = draw_digits(3, 1);
  for (const Activation activation : {Activation::tanh, Activation::relu}) {
    const Classifier network = some_network(activation);
    const Reading reading = read_by_rows(network, digits.images, 2);
    const ByTheBook book(network, digits.images, 2);
    BOOST_TEST_REQUIRE(reading.states.size1() == 28u);
    BOOST_TEST_REQUIRE(reading.states.size2() == 7u);
    BOOST_TEST_REQUIRE(reading.probabilities.size1() == 28u);
    BOOST_TEST_REQUIRE(reading.probabilities.size2() == 10u);
    for (Index t = 0; t < 28; ++t) {
      for (Index k = 0; k < 7; ++k) BOOST_TEST(std::abs(double(reading.states(t, k)) - book.states[t][k]) < 1e-5);
      double sum = 0;
      for (const double logit : book.logits[t]) sum += std::exp(logit);
      for (Index c = 0; c < 10; ++c) {
        BOOST_TEST(std::abs(double(reading.probabilities(t, c)) - std::exp(book.logits[t][c]) / sum) < 1e-5);
      }
    }
  }
}

/// The same weights, reading these steps.
Classifier reading_steps(const ImageSteps& steps, Index inputs) {
  Classifier network({.inputs = inputs, .hidden = 7, .steps = steps});
  Engine engine(5);
  network.initialize(engine);
  random_normal(network.parameters["b_out"], engine);
  return network;
}

BOOST_AUTO_TEST_CASE(pixels_are_read_as_the_rows_of_images_that_are_one_pixel_wide) {
  const Images digits = draw_digits(60, 1).images;
  const Images laid_out{digits.count, 784, 1, digits.pixels};
  const Classifier of_pixels = reading_steps({.pixels = true}, 1), of_rows = reading_steps({}, 1);
  const Matrix expected = logits_with(of_rows, laid_out, 1);
  for (const unsigned threads : {1u, 2u, 3u}) {
    BOOST_TEST(logits_with(of_pixels, digits, threads).data() == expected.data(), boost::test_tools::per_element());
  }
  const Reading after_rows = read_by_rows(of_pixels, digits, 7), after_pixels = read_by_rows(of_rows, laid_out, 7);
  BOOST_TEST_REQUIRE(after_rows.states.size1() == 28u);
  BOOST_TEST_REQUIRE(after_rows.probabilities.size1() == 28u);
  for (Index row = 0; row < 28; ++row) {
    for (Index k = 0; k < 7; ++k) BOOST_TEST(after_rows.states(row, k) == after_pixels.states(row * 28 + 27, k));
    for (Index c = 0; c < 10; ++c)
      BOOST_TEST(after_rows.probabilities(row, c) == after_pixels.probabilities(row * 28 + 27, c));
  }
  const Classifier shrunk = reading_steps({.pixels = true, .shrink = 2}, 1);
  BOOST_TEST(read_by_rows(shrunk, digits, 7).states.size1() == 14u);
  BOOST_TEST(read_by_rows(reading_steps({.shrink = 4}, 7), digits, 7).probabilities.size1() == 7u);
}

BOOST_AUTO_TEST_CASE(many_images_are_read_in_their_order_with_the_same_bits_for_any_number_of_threads) {
  const Dataset digits = draw_digits(130, 1);
  const Classifier network = some_network();
  const Matrix one = logits_with(network, digits.images, 1);
  BOOST_TEST_REQUIRE(one.size1() == 130u);
  for (const Index i : {Index(0), Index(64), Index(129)}) {
    const ByTheBook book(network, digits.images, i);
    for (Index c = 0; c < 10; ++c) BOOST_TEST(std::abs(double(one(i, c)) - book.logits[27][c]) < 1e-5);
  }
  for (const unsigned threads : {2u, 3u, 8u}) {
    const Matrix several = logits_with(network, digits.images, threads);
    BOOST_TEST(std::equal(one.data().begin(), one.data().end(), several.data().begin()));
  }
}

BOOST_AUTO_TEST_CASE(no_images_have_no_logits) {
  BOOST_TEST(shape(logits_with(some_network(), {.count = 0, .rows = 28, .columns = 28, .pixels = {}}, 2)) == "0x10");
}

BOOST_AUTO_TEST_CASE(a_score_counts_what_each_digit_is_read_as) {
  const Matrix logits = matrix({{2, 1, 0}, {0, 3, 1}, {1, 0, 5}, {4, 4, 1}});
  const std::uint8_t labels[] = {0, 1, 1, 1};
  const Score result = score(logits, labels);
  const std::vector<std::vector<Index>> confusion{{1, 0, 0}, {1, 1, 1}, {0, 0, 0}};  // of equals the first
  BOOST_TEST((result.confusion == confusion));
  BOOST_TEST(result.accuracy == 0.5);
  BOOST_TEST(result.accuracy_of(0) == 1.0);
  BOOST_TEST(std::abs(result.accuracy_of(1) - 1.0 / 3) < 1e-15);
  BOOST_TEST(std::isnan(result.accuracy_of(2)));
  double loss = 0;
  for (Index i = 0; i < 4; ++i) {
    double sum = 0;
    for (Index j = 0; j < 3; ++j) sum += std::exp(double(logits(i, j)));
    loss -= std::log(std::exp(double(logits(i, labels[i]))) / sum) / 4;
  }
  BOOST_TEST(std::abs(result.loss - loss) < 1e-12);
}

BOOST_AUTO_TEST_CASE(a_score_of_very_large_logits_is_finite) {
  const std::uint8_t labels[] = {1};
  BOOST_TEST(score(matrix({{1e30f, -1e30f}}), labels).loss == 2e30, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(score(matrix({{-1e30f, 1e30f}}), labels).loss == 0.0);
}

BOOST_AUTO_TEST_CASE(a_score_is_what_training_measures) {
  const Dataset digits = draw_digits(500, 1);
  Classifier network = some_network();
  const Classification task(network, digits, {.batch = 50});
  Trainer trainer(network.parameters, {.adam = {.learning_rate = 0.01f}});
  for (Index epoch = 0; epoch < 30; ++epoch) task.train_epoch(trainer, epoch);
  const Score result = score(logits_with(network, digits.images, 2), digits.labels);
  BOOST_TEST(result.accuracy > 0.4);
  BOOST_TEST(result.accuracy == task.accuracy(digits, trainer.shards()));
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_or_is_not_finite_is_refused) {
  const std::uint8_t labels[] = {0, 2};
  BOOST_CHECK_THROW(score(matrix({{1, 2}}), labels), std::invalid_argument);
  BOOST_CHECK_THROW(score(matrix({{1, 2}, {1, 2}}), labels), std::invalid_argument);
  BOOST_CHECK_THROW(score(Matrix(0, 2), {}), std::invalid_argument);
  Classifier network = some_network(Activation::relu);
  for (Index i = 0; i < 49; ++i) network.parameters["w_y"].data[i] = 1e5f;
  const Dataset digits = draw_digits(1, 1);
  BOOST_CHECK_THROW(logits_with(network, digits.images, 1), ResultError);
  BOOST_CHECK_THROW(read_by_rows(network, digits.images, 0), ResultError);
  BOOST_TEST(logits_with(network, Images{0, 28, 28, {}}, 1).size1() == 0u);
}

#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.linalg.products;
import rnn.network.cell;
import rnn.network.cell.kinds;
import rnn.network.initializers;
import rnn.training.gradient_norms;

using namespace rnn;

namespace {

// A network with one kind of cell, and a sequence.
struct Sample {
  explicit Sample(const CellKind& kind) : kind(kind) {
    Engine engine(1);
    for (const auto& [name, rows, columns] : kind.parameters(inputs, n)) {
      random_normal(weights.emplace_back(rows, columns), engine, 0.6);
    }
    random_normal(x, engine);
  }
  Var step(Var x_t, Var carry_before) const {
    std::vector<Var> vars;
    for (const Matrix& weight : weights) vars.push_back(x_t.tape().constant(weight));
    return kind.make(vars, Activation::tanh).step(x_t, carry_before);
  }
  std::vector<GradientNorms> norms() const {
    return norms_through_time(x, n, kind.carry(n), [&](Var x_t, Var before) { return step(x_t, before); });
  }

  // h_T of the last steps, t … T − 1, from a carry.
  Matrix last_state(const Matrix& carry, Index t) const {
    Tape tape(Tape::Mode::evaluate);
    Var now = tape.constant(carry);
    for (; t < x.size1(); ++t) now = step(tape.constant(ConstView(x).rows_from(t, 1)), now);
    return to_matrix(now.value().columns_from(0, n));
  }

  static constexpr Index inputs = 2, n = 3, steps = 5;
  const CellKind& kind;
  std::vector<Matrix> weights;
  Matrix x{steps, inputs};
};

// The carry after t steps, from zero.
Matrix carry_after(const Sample& sample, Index t) {
  Tape tape(Tape::Mode::evaluate);
  const Matrix zero(1, sample.kind.carry(Sample::n), Real(0));
  Var now = tape.constant(zero);
  for (Index k = 0; k < t; ++k) now = sample.step(tape.constant(ConstView(sample.x).rows_from(k, 1)), now);
  return to_matrix(now.value());
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_norms_are_those_that_differences_show) {
  constexpr Real difference = sizeof(Real) == 8 ? Real(1e-5) : Real(1e-2);
  constexpr double tolerance = sizeof(Real) == 8 ? 1e-7 : 1e-2;
  for (const CellKind& kind : cell_kinds()) {
    const Sample sample(kind);
    const std::vector<GradientNorms> norms = sample.norms();
    BOOST_TEST(norms.size() == kind.carry(Sample::n) / Sample::n);
    for (Index part = 0; part < norms.size(); ++part) {
      BOOST_REQUIRE(norms[part].at.size() == Sample::steps + 1);
      for (Index t = 0; t <= Sample::steps; ++t) {
        double squares = 0;  // of the elements of ∂h_T/∂(part of the carry after t steps)
        for (Index j = 0; j < Sample::n; ++j) {
          Matrix more = carry_after(sample, t), less = more;
          more(0, part * Sample::n + j) += difference;
          less(0, part * Sample::n + j) -= difference;
          const Matrix a = sample.last_state(more, t), b = sample.last_state(less, t);
          for (Index i = 0; i < Sample::n; ++i) {
            const double slope = double(a(0, i) - b(0, i)) / (2 * double(difference));
            squares += slope * slope;
          }
        }
        const double expected = std::sqrt(squares / Sample::n);
        BOOST_TEST(
            std::abs(norms[part].at[t] - expected) <= tolerance * std::max(1.0, expected),
            kind.name << ", part " << part << ", t = " << t << ": " << norms[part].at[t] << ", not " << expected);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(of_the_basic_cell_they_are_the_norms_of_a_product_of_weights_and_slopes) {
  const Sample sample(cell_kinds()[0]);
  const std::vector<GradientNorms> norms = sample.norms();
  Matrix back(Sample::n, Sample::n, Real(0));
  for (Index i = 0; i < Sample::n; ++i) back(i, i) = 1;
  double size = 0;
  for (Index t = Sample::steps;; --t) {
    double squares = 0;
    for (const Real element : back.data()) squares += double(element) * double(element);
    const double expected = std::sqrt(squares / Sample::n);
    BOOST_TEST(std::abs(norms[0].at[t] - expected) <= (sizeof(Real) == 8 ? 1e-13 : 1e-5));
    if (t == 0) break;
    const Matrix h = carry_after(sample, t);  // ∂h_t/∂h_(t−1) = W_y·diag(1 − h_t²)
    for (Index i = 0; i < Sample::n; ++i) {
      size += std::abs(double(h(0, i))) / double(Sample::n * Sample::steps);
      for (Index j = 0; j < Sample::n; ++j) back(i, j) *= 1 - h(0, i) * h(0, i);
    }
    back = product(sample.weights[1], back);
  }
  BOOST_TEST(std::abs(norms[0].mean_state - size) <= 1e-6);
}

BOOST_AUTO_TEST_CASE(a_state_that_stays_as_it_is_keeps_its_norm) {
  const Matrix x(7, 2, Real(1));
  const auto stay = [](Var, Var before) { return scale(before, Real(1)); };
  const std::vector<GradientNorms> norms = norms_through_time(x, 4, 4, stay);
  BOOST_REQUIRE(norms.size() == 1u);
  for (const Real norm : norms[0].at) BOOST_TEST(norm == Real(1));
  BOOST_TEST(norms[0].mean_state == Real(0));
  // What the carry holds besides is multiplied by a half each time and never shown.
  const auto fade = [](Var, Var before) {
    const Var parts[] = {slice_columns(before, 0, 4), scale(slice_columns(before, 4, 4), Real(0.5))};
    return join_columns(parts);
  };
  const std::vector<GradientNorms> both = norms_through_time(x, 4, 8, fade);
  BOOST_REQUIRE(both.size() == 2u);
  for (const Real norm : both[0].at) BOOST_TEST(norm == Real(1));
  for (const Real norm : both[1].at) BOOST_TEST(norm == Real(0));
}

BOOST_AUTO_TEST_CASE(a_step_finds_nothing_on_the_tape_but_its_input_and_the_carry) {
  const Sample sample(cell_kinds()[0]);
  Index steps = 0;
  norms_through_time(sample.x, Sample::n, Sample::n, [&](Var x_t, Var before) {
    ++steps;
    BOOST_TEST(x_t.tape().size() == 2u);
    return sample.step(x_t, before);
  });
  BOOST_TEST(steps == 2 * Sample::steps);  // forward and back
}

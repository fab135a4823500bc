#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

import rnn.autodiff.gradient_check;
import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.activation;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.initializers;
import rnn.network.unroll;

using namespace rnn;

// ---- a small network, run in every way that there is ----

struct Network {
  Network(Index steps, Index batch, Index features, Index n, std::vector<Index> lengths = {})
      : x(steps, batch, features), w_x(features, n), w_y(n, n), b(1, n), initial(batch, n), lengths(lengths) {
    static Engine engine(1);
    for (const View v : {x.rows(), View(w_x), View(w_y), View(b), View(initial)}) random_normal(v, engine, 0.5);
  }
  Sequence x;
  Matrix w_x, w_y, b, initial;
  std::vector<Index> lengths;
  bool with_initial = true;
  Activation activation = Activation::tanh;
};

enum class Way { by_hand, static_, dynamic, final_state, square_root };
enum class Use { both, outputs, state };

struct Computed {
  Matrix outputs, state;
  Matrix x, w_x, w_y, b, initial;  // gradients
};

// Σ cₖ·yₖ: a scalar in which each element of y has a weight of its own.
static Var weighted_sum(Var y) {
  const View weights = y.tape().workspace(y.rows(), y.columns());
  for (Index k = 0; k < weights.size(); ++k) weights.data[k] = Real(0.2) + std::sin(Real(k + 1));
  return sum(multiply(y, y.tape().constant(weights)));
}

static Var loss_of(const Unrolled& y, Use use) {
  if (use == Use::outputs) return weighted_sum(y.outputs.rows);
  if (use == Use::state) return weighted_sum(y.state);
  return add(weighted_sum(y.outputs.rows), weighted_sum(y.state));
}

static Unrolled unroll(Way way, BasicRnnCell& cell, SequenceVar x, Var w_x, Var w_y, Var b,
                       const UnrollOptions& options, Activation f) {
  if (way == Way::static_) return unroll_static(cell, x, options);
  if (way == Way::dynamic) return unroll_dynamic(cell, x, options);
  if (way == Way::final_state) return {{}, final_state(cell, x, options)};
  if (way == Way::square_root) return {{}, final_state(cell, x, options, History::square_root_states)};
  std::vector<Var> outputs;
  Var h = options.initial_state;
  for (Index t = 0; t < x.steps; ++t) {
    Var a = matmul(slice_time(x, t), w_x);
    if (!h.empty()) a = add_matmul(a, h, w_y);
    outputs.push_back(h = activation(f, add_bias(a, b)));
  }
  return {stack_time(x.rows.tape(), outputs, x.batch, w_x.columns()), h};
}

static Computed run(const Network& net, Way way, Use use = Use::both) {
  Tape tape;
  const SequenceVar x = tape.variable(net.x);
  const Var w_x = tape.variable(net.w_x), w_y = tape.variable(net.w_y), b = tape.variable(net.b);
  const Var initial = tape.variable(net.initial);
  BasicRnnCell& cell = BasicRnnCell::make(w_x, w_y, b, net.activation);
  UnrollOptions options{.lengths = net.lengths};
  if (net.with_initial) options.initial_state = initial;
  const Unrolled y = unroll(way, cell, x, w_x, w_y, b, options, net.activation);
  tape.backward(loss_of(y, use));
  return {y.outputs.rows.empty() ? Matrix() : to_matrix(y.outputs.rows.value()),
          to_matrix(y.state.value()),
          to_matrix(x.rows.gradient()),
          to_matrix(w_x.gradient()),
          to_matrix(w_y.gradient()),
          to_matrix(b.gradient()),
          to_matrix(initial.gradient())};
}

static bool same_bits(const Matrix& a, const Matrix& b) {
  return a.size1() == b.size1() && a.size2() == b.size2() &&
         (a.data().size() == 0 || std::memcmp(&a.data()[0], &b.data()[0], a.data().size() * sizeof(Real)) == 0);
}

static void require_same_bits(const Computed& a, const Computed& b) {
  BOOST_REQUIRE(same_bits(a.outputs, b.outputs));
  BOOST_REQUIRE(same_bits(a.state, b.state));
  for (Matrix Computed::* gradient : {&Computed::x, &Computed::w_x, &Computed::w_y, &Computed::b, &Computed::initial}) {
    BOOST_REQUIRE(same_bits(a.*gradient, b.*gradient));
  }
}

// Sums in another order: apart by rounding, measured by the largest element.
static void require_close_gradients(const Computed& a, const Computed& b) {
  const Real tolerance = sizeof(Real) == 8 ? Real(1e-12) : Real(2e-5);
  for (Matrix Computed::* gradient : {&Computed::x, &Computed::w_x, &Computed::w_y, &Computed::b, &Computed::initial}) {
    const Matrix &p = a.*gradient, &q = b.*gradient;
    BOOST_REQUIRE(p.data().size() == q.data().size());
    Real largest = Real(1), difference = 0;
    for (Index k = 0; k < p.data().size(); ++k) {
      largest = std::max(largest, std::abs(q.data()[k]));
      difference = std::max(difference, std::abs(p.data()[k] - q.data()[k]));
    }
    BOOST_REQUIRE_LE(difference, tolerance * largest);
  }
}

static const std::vector<Network>& networks() {
  static const std::vector<Network> all{{1, 1, 1, 1},   {2, 4, 3, 5},   {7, 3, 2, 9},  {20, 1, 4, 6},
                                        {5, 200, 3, 4}, {9, 30, 2, 17}, {400, 1, 1, 3}};
  return all;
}

// ---- by hand = static = dynamic = masked at full length ----

BOOST_AUTO_TEST_CASE(all_ways_of_unrolling_give_the_same_bits_and_the_same_gradients) {
  for (Network net : networks()) {
    for (const bool with_initial : {true, false}) {
      for (const Activation f : {Activation::tanh, Activation::relu}) {
        for (const Use use : {Use::both, Use::outputs, Use::state}) {
          net.with_initial = with_initial;
          net.activation = f;
          if (f == Activation::relu) net.w_y *= Real(0.5);  // or 400 steps would explode
          const Computed by_hand = run(net, Way::by_hand, use);
          for (const Way way : {Way::static_, Way::dynamic}) {
            const Computed full = run(net, way, use);
            BOOST_REQUIRE(same_bits(full.outputs, by_hand.outputs));
            BOOST_REQUIRE(same_bits(full.state, by_hand.state));
            require_close_gradients(full, by_hand);
            Network masked = net;
            masked.lengths.assign(net.x.batch(), net.x.steps());
            const Computed with_lengths = run(masked, way, use);
            if (way == Way::dynamic) require_same_bits(with_lengths, full);
            BOOST_REQUIRE(same_bits(with_lengths.outputs, by_hand.outputs));
            BOOST_REQUIRE(same_bits(with_lengths.state, by_hand.state));
            require_close_gradients(with_lengths, by_hand);
          }
          if (use == Use::state) {
            Computed state_only = run(net, Way::dynamic, use);
            state_only.outputs = Matrix();
            require_same_bits(run(net, Way::final_state, use), state_only);
          }
        }
      }
    }
  }
}

// ---- ragged lengths ----

static std::vector<Network> ragged() {
  return {{1, 2, 1, 1, {0, 1}},       {2, 2, 1, 1, {1, 2}},
          {5, 4, 3, 5, {5, 0, 3, 1}}, {6, 3, 2, 9, {2, 4, 0}},  // nobody is there at the last step
          {4, 3, 2, 3, {0, 0, 0}},    {30, 7, 3, 8, {30, 1, 29, 0, 12, 28, 17}}};
}

BOOST_AUTO_TEST_CASE(static_and_dynamic_unrolling_agree_on_ragged_lengths) {
  for (Network net : ragged()) {
    for (const bool with_initial : {true, false}) {
      for (const Use use : {Use::both, Use::outputs, Use::state}) {
        net.with_initial = with_initial;
        const Computed by_static = run(net, Way::static_, use), by_loop = run(net, Way::dynamic, use);
        BOOST_REQUIRE(same_bits(by_static.outputs, by_loop.outputs));
        BOOST_REQUIRE(same_bits(by_static.state, by_loop.state));
        require_close_gradients(by_static, by_loop);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(each_example_of_a_ragged_batch_is_what_it_is_alone) {
  for (const Network& net : ragged()) {
    const Computed together = run(net, Way::dynamic);
    const Index batch = net.x.batch(), features = net.x.features(), n = net.w_x.size2();
    for (Index example = 0; example < batch; ++example) {
      const Index length = net.lengths[example];
      Network alone(length, 1, features, n);
      alone.w_x = net.w_x, alone.w_y = net.w_y, alone.b = net.b;
      copy(ConstView(net.initial).rows_from(example, 1), alone.initial);
      for (Index t = 0; t < length; ++t) copy(net.x[t].rows_from(example, 1), alone.x[t]);
      const Computed one = run(alone, Way::dynamic);
      for (Index j = 0; j < n; ++j) {
        BOOST_REQUIRE(together.state(example, j) == one.state(0, j));
        if (length == 0) BOOST_REQUIRE(together.state(example, j) == net.initial(example, j));
        for (Index t = 0; t < net.x.steps(); ++t) {
          BOOST_REQUIRE(together.outputs(t * batch + example, j) == (t < length ? one.outputs(t, j) : Real(0)));
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(what_stands_in_the_padding_changes_nothing_and_gets_no_gradient) {
  for (const Network& net : ragged()) {
    for (const Way way : {Way::static_, Way::dynamic, Way::final_state, Way::square_root}) {
      const Use use = way == Way::static_ || way == Way::dynamic ? Use::both : Use::state;
      const Computed before = run(net, way, use);
      for (const Real padding :
           {std::numeric_limits<Real>::quiet_NaN(), std::numeric_limits<Real>::infinity(), Real(1e30), Real(0)}) {
        Network padded = net;
        for (Index t = 0; t < net.x.steps(); ++t) {
          for (Index i = 0; i < net.x.batch(); ++i) {
            if (t >= net.lengths[i]) fill(padded.x[t].rows_from(i, 1), padding);
          }
        }
        require_same_bits(run(padded, way, use), before);
      }
      for (Index t = 0; t < net.x.steps(); ++t) {
        for (Index i = 0; i < net.x.batch(); ++i) {
          for (Index j = 0; j < net.x.features() && t >= net.lengths[i]; ++j) {
            BOOST_REQUIRE(before.x(t * net.x.batch() + i, j) == Real(0));
          }
        }
      }
    }
  }
}

// ---- the edges ----

BOOST_AUTO_TEST_CASE(no_steps_leave_the_initial_state) {
  for (const Way way : {Way::static_, Way::dynamic, Way::final_state, Way::square_root}) {
    const Use use = way == Way::static_ || way == Way::dynamic ? Use::both : Use::state;
    Network net(0, 3, 2, 4);
    Computed computed = run(net, way, use);
    BOOST_TEST(same_bits(computed.state, net.initial));
    BOOST_TEST(computed.initial(2, 3) != Real(0));  // the state's gradient went through
    BOOST_TEST(same_bits(computed.w_y, Matrix(4, 4, Real(0))));
    net.with_initial = false;
    computed = run(net, way, use);
    BOOST_TEST(same_bits(computed.state, Matrix(3, 4, Real(0))));
    BOOST_TEST(same_bits(computed.w_x, Matrix(2, 4, Real(0))));
    if (use == Use::both) BOOST_TEST(shape(computed.outputs) == "0x4");
  }
}

BOOST_AUTO_TEST_CASE(an_empty_batch_is_a_batch) {
  for (const Way way : {Way::by_hand, Way::static_, Way::dynamic}) {
    const Computed computed = run(Network(3, 0, 2, 4), way);
    BOOST_TEST(shape(computed.outputs) == "0x4");
    BOOST_TEST(shape(computed.state) == "0x4");
    BOOST_TEST(same_bits(computed.w_x, Matrix(2, 4, Real(0))));
  }
}

BOOST_AUTO_TEST_CASE(a_cell_may_be_unrolled_twice_on_one_tape) {
  const Network net(4, 3, 2, 5), other(6, 3, 2, 5);
  const auto twice = [&](auto unroll_once) {
    Tape tape;
    const Var w_x = tape.variable(net.w_x), w_y = tape.variable(net.w_y), b = tape.variable(net.b);
    BasicRnnCell& cell = BasicRnnCell::make(w_x, w_y, b);
    const Unrolled first = unroll_once(cell, tape.constant(net.x), UnrollOptions{});
    const Unrolled second = unroll_once(cell, tape.constant(other.x), UnrollOptions{.initial_state = first.state});
    tape.backward(add(loss_of(first, Use::outputs), loss_of(second, Use::both)));
    Computed computed;
    computed.w_x = to_matrix(w_x.gradient());
    computed.w_y = to_matrix(w_y.gradient());
    computed.b = to_matrix(b.gradient());
    return computed;
  };
  require_close_gradients(twice([](auto& cell, auto x, const auto& o) { return unroll_dynamic(cell, x, o); }),
                          twice([](auto& cell, auto x, const auto& o) { return unroll_static(cell, x, o); }));
}

BOOST_AUTO_TEST_CASE(only_the_gradients_that_are_wanted_are_computed) {
  const Network net(5, 3, 2, 4);
  const Computed all = run(net, Way::dynamic);
  for (int wanted = 0; wanted < 5; ++wanted) {
    Tape tape;
    const auto leaf = [&](int i, ConstView v) { return i == wanted ? tape.variable(v) : tape.constant(v); };
    const Var x = leaf(0, net.x.rows()), w_x = leaf(1, net.w_x), w_y = leaf(2, net.w_y), b = leaf(3, net.b);
    const Var initial = leaf(4, net.initial);
    BasicRnnCell& cell = BasicRnnCell::make(w_x, w_y, b);
    tape.backward(loss_of(unroll_dynamic(cell, {x, 5, 3}, {.initial_state = initial}), Use::both));
    const Var vars[] = {x, w_x, w_y, b, initial};
    const Matrix* gradients[] = {&all.x, &all.w_x, &all.w_y, &all.b, &all.initial};
    for (int i = 0; i < 5; ++i) {
      if (i == wanted)
        BOOST_TEST(same_bits(to_matrix(vars[i].gradient()), *gradients[i]));
      else
        BOOST_TEST(!vars[i].has_gradient());
    }
  }
}

BOOST_AUTO_TEST_CASE(gradients_are_those_that_differences_show) {
  if (sizeof(Real) == 4) return;
  std::vector<Network> all{{1, 1, 1, 1}, {0, 2, 1, 3}, {2, 4, 3, 5}, {7, 2, 2, 4}, {3, 1, 1, 9}};
  for (const Network& net : ragged()) {
    if (net.x.steps() < 10) all.push_back(net);  // longer, the differences themselves lose digits
  }
  for (const Network& net : all) {
    for (const Way way : {Way::static_, Way::dynamic, Way::final_state, Way::square_root}) {
      for (const Use use : {Use::both, Use::outputs, Use::state}) {
        if (use != Use::state && (way == Way::final_state || way == Way::square_root)) continue;
        const auto errors = check_gradients(
            {{"x", net.x.rows()}, {"w_x", net.w_x}, {"w_y", net.w_y}, {"b", net.b}, {"initial", net.initial}},
            [&](Tape&, std::span<const Var> v) {
              BasicRnnCell& cell = BasicRnnCell::make(v[1], v[2], v[3]);
              const UnrollOptions options{.initial_state = v[4], .lengths = net.lengths};
              const SequenceVar x{v[0], net.x.steps(), net.x.batch()};
              return loss_of(unroll(way, cell, x, v[1], v[2], v[3], options, Activation::tanh), use);
            });
        BOOST_REQUIRE_LE(largest_relative_error(errors), 1e-6);
        BOOST_TEST_MESSAGE("unroll " << int(way) << ": " << largest_relative_error(errors));
      }
    }
  }
}

// ---- messages ----

static auto says(const std::string& text) {
  return [text](const std::invalid_argument& error) {
    BOOST_TEST(error.what() == text);
    return error.what() == text;
  };
}

BOOST_AUTO_TEST_CASE(shapes_and_lengths_that_do_not_fit_are_named) {
  const Network net(4, 3, 2, 5);
  const Sequence wide(4, 3, 6);
  const Matrix state(2, 5, Real(0));
  Tape tape;
  BasicRnnCell& cell = BasicRnnCell::make(tape.variable(net.w_x), tape.variable(net.w_y), tape.variable(net.b));
  const SequenceVar x = tape.variable(net.x);
  const auto refused = [&](SequenceVar x, const UnrollOptions& options, const std::string& text) {
    BOOST_CHECK_EXCEPTION(unroll_static(cell, x, options), std::invalid_argument, says(text));
    BOOST_CHECK_EXCEPTION(unroll_dynamic(cell, x, options), std::invalid_argument, says(text));
    BOOST_CHECK_EXCEPTION(final_state(cell, x, options), std::invalid_argument, says(text));
  };
  refused(tape.variable(wide), {},
          "unroll: x (time 4, batch 3, features 6) must have the cell's 2 features; its axes are time, batch, feature");
  refused({x.rows, 4, 2}, {}, "unroll: x.rows must be 8x2, got 12x2");
  refused(x, {.initial_state = tape.variable(state)}, "unroll: initial_state must be 3x5, got 2x5");
  const std::vector<Index> too_few{1, 2}, too_long{4, 5, 0};
  refused(x, {.lengths = too_few}, "unroll: 2 lengths for a batch of 3");
  refused(x, {.lengths = too_long}, "unroll: length 5 of 4 steps");
}

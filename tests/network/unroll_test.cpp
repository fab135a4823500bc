#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <limits>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "../support/unrolling.hpp"

import rnn.autodiff.gradient_check;
import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.activation;
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.basic;
import rnn.network.cell.kinds;
import rnn.network.unroll;
import rnn.network.unroll.loop;

using namespace rnn;
using namespace rnn::testing;

static std::vector<Network> networks() {
  std::vector<Network> all;
  for (const CellKind& kind : cell_kinds()) {
    all.insert(all.end(), {{kind, 1, 1, 1, 1},
                           {kind, 2, 4, 3, 5},
                           {kind, 7, 3, 2, 9},
                           {kind, 20, 1, 4, 6},
                           {kind, 5, 200, 3, 4},
                           {kind, 9, 30, 2, 17},
                           {kind, 400, 1, 1, 3}});
  }
  return all;
}

// ---- step by step = static = dynamic = masked at full length ----

static void all_ways_agree(const Network& net, Use use) {
  const Computed by_steps = run(net, Way::step_by_step, use);
  for (const Way way : {Way::static_, Way::dynamic}) {
    const Computed full = run(net, way, use);
    BOOST_REQUIRE(same_bits(full.outputs, by_steps.outputs));
    BOOST_REQUIRE(same_bits(full.carry, by_steps.carry));
    require_close_gradients(full, by_steps);
    Network masked = net;
    masked.lengths.assign(net.x.batch(), net.x.steps());
    const Computed with_lengths = run(masked, way, use);
    if (way == Way::dynamic) require_same_bits(with_lengths, full);
    BOOST_REQUIRE(same_bits(with_lengths.outputs, by_steps.outputs));
    BOOST_REQUIRE(same_bits(with_lengths.carry, by_steps.carry));
    require_close_gradients(with_lengths, by_steps);
  }
}

BOOST_AUTO_TEST_CASE(all_ways_of_unrolling_give_the_same_bits_and_the_same_gradients) {
  for (Network net : networks()) {
    const bool basic = net.kind->name == std::string("rnn");
    for (const bool with_initial : {true, false}) {
      for (const Activation f : {Activation::tanh, Activation::relu}) {
        if (f != Activation::tanh && !basic) continue;
        net.with_initial = with_initial;
        net.activation = f;
        if (f == Activation::relu) net.weights[1] *= Real(0.5);  // or 400 steps would explode
        for (const Use use : {Use::both, Use::outputs, Use::state}) {
          BOOST_TEST_CONTEXT(net.kind->name << ", " << net.x.steps() << " steps") { all_ways_agree(net, use); }
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(the_final_state_alone_is_the_one_of_the_dynamic_unrolling) {
  for (const Network& net : networks()) {
    const auto state_of = [&](Way way) {
      Tape tape;
      const SequenceVar x = tape.variable(net.x);
      std::vector<Var> vars{x.rows, tape.variable(net.initial)};
      for (const Matrix& weight : net.weights) vars.push_back(tape.variable(weight));
      Cell& cell = net.kind->make(std::span(vars).subspan(2), net.activation);
      const Var state = unroll(way, cell, x, {.initial_state = vars[1]}).state;
      tape.backward(weighted_sum(state));
      Computed computed{{}, to_matrix(state.value()), {}};
      for (const Var& var : vars) computed.gradients.push_back(to_matrix(var.gradient()));
      return computed;
    };
    require_same_bits(state_of(Way::final_state), state_of(Way::dynamic));
    require_same_bits(state_of(Way::square_root), state_of(Way::dynamic));
  }
}

// ---- ragged lengths ----

static std::vector<Network> ragged() {
  std::vector<Network> all;
  for (const CellKind& kind : cell_kinds()) {
    all.insert(all.end(), {{kind, 1, 2, 1, 1, {0, 1}},
                           {kind, 2, 2, 1, 1, {1, 2}},
                           {kind, 5, 4, 3, 5, {5, 0, 3, 1}},
                           {kind, 6, 3, 2, 9, {2, 4, 0}},  // nobody is left at the last step
                           {kind, 4, 3, 2, 3, {0, 0, 0}},
                           {kind, 30, 7, 3, 8, {30, 1, 29, 0, 12, 28, 17}}});
  }
  return all;
}

BOOST_AUTO_TEST_CASE(static_and_dynamic_unrolling_agree_on_ragged_lengths) {
  for (Network net : ragged()) {
    for (const bool with_initial : {true, false}) {
      for (const Use use : {Use::both, Use::outputs, Use::state}) {
        net.with_initial = with_initial;
        const Computed by_static = run(net, Way::static_, use), by_loop = run(net, Way::dynamic, use);
        BOOST_REQUIRE(same_bits(by_static.outputs, by_loop.outputs));
        BOOST_REQUIRE(same_bits(by_static.carry, by_loop.carry));
        require_close_gradients(by_static, by_loop);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(each_example_of_a_ragged_batch_is_what_it_is_alone) {
  for (const Network& net : ragged()) {
    const Computed together = run(net, Way::dynamic);
    const Index batch = net.x.batch(), features = net.x.features(), n = net.outputs();
    for (Index example = 0; example < batch; ++example) {
      const Index length = net.lengths[example];
      Network alone(*net.kind, length, 1, features, n);
      alone.weights = net.weights;
      copy(ConstView(net.initial).rows_from(example, 1), alone.initial);
      for (Index t = 0; t < length; ++t) copy(net.x[t].rows_from(example, 1), alone.x[t]);
      const Computed one = run(alone, Way::dynamic);
      for (Index j = 0; j < net.initial.size2(); ++j) {
        BOOST_REQUIRE(together.carry(example, j) == one.carry(0, j));
        if (length == 0) BOOST_REQUIRE(together.carry(example, j) == net.initial(example, j));
      }
      for (Index j = 0; j < n; ++j) {
        for (Index t = 0; t < net.x.steps(); ++t) {
          BOOST_REQUIRE(together.outputs(t * batch + example, j) == (t < length ? one.outputs(t, j) : Real(0)));
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(what_the_padding_holds_changes_nothing_and_gets_no_gradient) {
  for (const Network& net : ragged()) {
    for (const Way way : {Way::static_, Way::dynamic, Way::final_state, Way::square_root}) {
      const Use use = gives_outputs(way) ? Use::both : Use::state;
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
            BOOST_REQUIRE(before.gradients[0](t * net.x.batch() + i, j) == Real(0));
          }
        }
      }
    }
  }
}

// ---- the edges ----

BOOST_AUTO_TEST_CASE(no_steps_leave_the_initial_carry) {
  for (const CellKind& kind : cell_kinds()) {
    for (const Way way : {Way::static_, Way::dynamic}) {
      Network net(kind, 0, 3, 2, 4);
      Computed computed = run(net, way);
      BOOST_TEST(same_bits(computed.carry, net.initial));
      BOOST_TEST(computed.gradients[1](2, 3) != Real(0));  // the carry's gradient went through
      BOOST_TEST(same_bits(computed.gradients[3], Matrix(4, net.weights[1].size2(), Real(0))));
      net.with_initial = false;
      computed = run(net, way);
      BOOST_TEST(same_bits(computed.carry, Matrix(3, net.initial.size2(), Real(0))));
      BOOST_TEST(same_bits(computed.gradients[2], Matrix(2, net.weights[0].size2(), Real(0))));
      BOOST_TEST(shape(computed.outputs) == "0x4");
    }
    for (const Way way : {Way::final_state, Way::square_root}) {
      const Network net(kind, 0, 3, 2, 4);
      const Computed computed = run(net, way, Use::state);
      BOOST_TEST(same_bits(computed.carry, to_matrix(ConstView(net.initial).columns_from(0, 4))));
    }
  }
}

BOOST_AUTO_TEST_CASE(the_zeros_before_all_steps_are_zeros_in_memory_that_was_used) {
  for (const CellKind& kind : cell_kinds()) {
    const Network net(kind, 0, 3, 2, 4);
    Tape tape;
    for (const bool is_static : {true, false}) {
      for (Index k = 0; k < 50; ++k) fill(tape.workspace(20, 20), Real(7));
      tape.clear();
      Var weights[4];
      for (Index i = 0; i < net.weights.size(); ++i) weights[i] = tape.variable(net.weights[i]);
      Cell& cell = kind.make(std::span(weights, net.weights.size()), Activation::tanh);
      const SequenceVar x = tape.constant(net.x);
      const Matrix carry = to_matrix((is_static ? unroll_static(cell, x) : unroll_dynamic(cell, x)).carry.value());
      BOOST_TEST(same_bits(carry, Matrix(3, kind.carry(4), Real(0))), kind.name);
    }
  }
}

BOOST_AUTO_TEST_CASE(operations_unrolled_step_by_step_know_their_step) {
  const Network net(find_cell_kind("rnn"), 3, 2, 2, 4);
  Tape tape;
  Var weights[4];
  for (Index i = 0; i < net.weights.size(); ++i) weights[i] = tape.variable(net.weights[i]);
  Cell& cell = net.kind->make(std::span(weights, net.weights.size()), Activation::tanh);
  unroll_static(cell, tape.constant(net.x));
  std::map<Index, int> operations;  // of each step
  for (Index i = 0; i < tape.size(); ++i) ++operations[tape.info(i).step];
  BOOST_TEST(operations.size() == 4u);
  BOOST_TEST((operations[0] > 1 && operations[1] == operations[2] && operations[no_step] > 3));
}

BOOST_AUTO_TEST_CASE(an_empty_batch_is_a_batch) {
  for (const CellKind& kind : cell_kinds()) {
    for (const Way way : {Way::step_by_step, Way::static_, Way::dynamic}) {
      const Network net(kind, 3, 0, 2, 4);
      const Computed computed = run(net, way);
      BOOST_TEST(shape(computed.outputs) == "0x4");
      BOOST_TEST(computed.carry.size1() == 0u);
      BOOST_TEST(same_bits(computed.gradients[2], Matrix(2, net.weights[0].size2(), Real(0))));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_cell_may_be_unrolled_twice_on_one_tape_the_second_time_from_where_the_first_ended) {
  for (const CellKind& kind : cell_kinds()) {
    const Network net(kind, 4, 3, 2, 5), other(kind, 6, 3, 2, 5);
    const auto twice = [&](Way way) {
      Tape tape;
      std::vector<Var> weights;
      for (const Matrix& weight : net.weights) weights.push_back(tape.variable(weight));
      Cell& cell = kind.make(weights, Activation::tanh);
      const Unrolled first = unroll(way, cell, tape.constant(net.x), {});
      const Unrolled second = unroll(way, cell, tape.constant(other.x), {.initial_state = first.carry});
      tape.backward(add(loss_of(first, Use::outputs), loss_of(second, Use::both)));
      Computed computed;
      for (const Var& weight : weights) computed.gradients.push_back(to_matrix(weight.gradient()));
      return computed;
    };
    require_close_gradients(twice(Way::dynamic), twice(Way::static_));
  }
}

BOOST_AUTO_TEST_CASE(a_sequence_cut_in_two_with_the_carry_handed_on_gives_the_outputs_of_the_whole) {
  for (const CellKind& kind : cell_kinds()) {
    const Network net(kind, 9, 3, 2, 5);
    Tape tape;
    std::vector<Var> weights;
    for (const Matrix& weight : net.weights) weights.push_back(tape.variable(weight));
    Cell& cell = kind.make(weights, Activation::tanh);
    const Unrolled whole = unroll_dynamic(cell, tape.constant(net.x));
    const SequenceVar begin{tape.constant(net.x.rows().rows_from(0, 4 * 3)), 4, 3};
    const SequenceVar rest{tape.constant(net.x.rows().rows_from(4 * 3, 5 * 3)), 5, 3};
    const Var carry = unroll_dynamic(cell, begin).carry;
    const Unrolled second = unroll_dynamic(cell, rest, {.initial_state = carry});
    BOOST_TEST(same_bits(to_matrix(second.outputs.rows.value()),
                         to_matrix(whole.outputs.rows.value().rows_from(4 * 3, 5 * 3))));
    BOOST_TEST(same_bits(to_matrix(second.carry.value()), to_matrix(whole.carry.value())));
  }
}

BOOST_AUTO_TEST_CASE(only_the_gradients_that_are_wanted_are_computed) {
  for (const CellKind& kind : cell_kinds()) {
    const Network net(kind, 5, 3, 2, 4);
    const Computed all = run(net, Way::dynamic);
    for (Index wanted = 0; wanted < 2 + net.weights.size(); ++wanted) {
      Tape tape;
      const auto leaf = [&](Index i, ConstView v) { return i == wanted ? tape.variable(v) : tape.constant(v); };
      std::vector<Var> vars{leaf(0, net.x.rows()), leaf(1, net.initial)};
      for (Index i = 0; i < net.weights.size(); ++i) vars.push_back(leaf(2 + i, net.weights[i]));
      Cell& cell = kind.make(std::span(vars).subspan(2), Activation::tanh);
      tape.backward(loss_of(unroll_dynamic(cell, {vars[0], 5, 3}, {.initial_state = vars[1]}), Use::both));
      for (Index i = 0; i < vars.size(); ++i) {
        if (i == wanted) {
          BOOST_TEST(same_bits(to_matrix(vars[i].gradient()), all.gradients[i]));
        } else {
          BOOST_TEST(!vars[i].has_gradient());
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(gradients_are_those_that_differences_show) {
  if (sizeof(Real) == 4) return;
  std::vector<Network> all;
  for (const CellKind& kind : cell_kinds()) {
    all.insert(all.end(),
               {{kind, 1, 1, 1, 1}, {kind, 0, 2, 1, 3}, {kind, 2, 4, 3, 5}, {kind, 7, 2, 2, 4}, {kind, 3, 1, 1, 9}});
  }
  for (const Network& net : ragged()) {
    if (net.x.steps() < 10) all.push_back(net);  // longer, the differences themselves lose digits
  }
  for (const Network& net : all) {
    for (const Way way : {Way::static_, Way::dynamic, Way::final_state, Way::square_root}) {
      for (const Use use : {Use::both, Use::outputs, Use::state}) {
        if (use != Use::state && !gives_outputs(way)) continue;
        std::vector<NamedMatrix> leaves{{"x", net.x.rows()}, {"initial", net.initial}};
        for (const Matrix& weight : net.weights) leaves.push_back({"weight", weight});
        const auto errors = check_gradients(leaves, [&](Tape&, std::span<const Var> v) {
          Cell& cell = net.kind->make(v.subspan(2), Activation::tanh);
          return loss_of(
              unroll(way, cell, {v[0], net.x.steps(), net.x.batch()}, {.initial_state = v[1], .lengths = net.lengths}),
              use);
        });
        BOOST_TEST_CONTEXT(net.kind->name << ", way " << int(way)) {
          BOOST_REQUIRE_LE(largest_relative_error(errors), 1e-6);
        }
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
  const Network net(find_cell_kind("rnn"), 4, 3, 2, 5);
  const Sequence wide(4, 3, 6);
  const Matrix state(2, 5, Real(0));
  Tape tape;
  BasicRnnCell& cell =
      BasicRnnCell::make(tape.variable(net.weights[0]), tape.variable(net.weights[1]), tape.variable(net.weights[2]));
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

BOOST_AUTO_TEST_CASE(a_group_is_as_many_whole_steps_as_128_rows_hold_and_one_at_least) {
  struct Group {
    Index batch, steps;
  };
  for (const auto& [batch, steps] :
       {Group{0, 128}, {1, 128}, {3, 42}, {64, 2}, {65, 1}, {128, 1}, {129, 1}, {999, 1}}) {
    BOOST_TEST(Loop::steps_of_a_group(batch) == steps, "batch " << batch);
  }
}

namespace {

/// A cell that hands everything on to another one, and looks at the steps that it gets.
class Watched final : public Cell {
 public:
  explicit Watched(Cell& inner) : Cell("Watched", inner.sizes(), inner.weights()), inner_(inner) {}

  Var step(Var x, Var carry_before) const override { return inner_.step(x, carry_before); }
  void begin_forward(Index batch) override { inner_.begin_forward(batch); }
  void forward(ConstView x, ConstView carry_before, View carry, View saved) const override {
    inner_.forward(x, carry_before, carry, saved);
  }
  void begin_backward(Index batch) override { inner_.begin_backward(batch); }
  void backward(const StepRows& step, ConstView dcarry, const PreActivationGradients<const PackedSlot>& da,
                View dcarry_before) const override {
    look_at(step);
    inner_.backward(step, dcarry, da, dcarry_before);
  }
  void backward_weights(const StepRows& steps, const PreActivationGradients<const PackedRows>& da) const override {
    look_at(steps);
    inner_.backward_weights(steps, da);
  }
  void backward_input(const PreActivationGradients<const PackedRows>& da, View dx) const override {
    inner_.backward_input(da, dx);
  }

 private:
  static void look_at(const StepRows& steps) {
    const Index rows = steps.x.rows;
    BOOST_TEST((rows > 0 && steps.carry.rows == rows && steps.saved.rows == rows));
    BOOST_TEST((steps.carry_before.rows == rows || steps.carry_before.rows == 0));
  }
  Cell& inner_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_cell_gets_as_many_rows_of_everything_as_of_its_input) {
  for (const CellKind& kind : cell_kinds()) {
    const Network net(kind, 20, 60, 2, 3);
    for (const bool with_initial : {true, false}) {
      for (const bool all_outputs : {true, false}) {
        Tape tape;
        Var weights[4];
        for (Index i = 0; i < net.weights.size(); ++i) weights[i] = tape.variable(net.weights[i]);
        Watched cell(kind.make(std::span(weights, net.weights.size()), Activation::tanh));
        const SequenceVar x = tape.variable(net.x);
        const UnrollOptions options{.initial_state = with_initial ? tape.variable(net.initial) : Var()};
        tape.backward(sum(all_outputs ? unroll_dynamic(cell, x, options).outputs.rows
                                      : final_state(cell, x, options, Keep::square_root_states)));
      }
    }
  }
}

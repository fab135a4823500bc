#include <boost/random/mersenne_twister.hpp>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "../support/allocations.hpp"
#include "../support/matrices.hpp"

import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;
import rnn.network.initializers;

using namespace rnn;
using rnn::testing::allocations;
using rnn::testing::same_bits;
using rnn::testing::says;

static Matrix random(Index rows, Index columns) {
  static Engine engine(1);
  Matrix m(rows, columns);
  random_normal(m, engine);
  return m;
}

BOOST_AUTO_TEST_CASE(leaves_are_looked_at_and_not_copied) {
  const Matrix a = random(2, 3);
  Matrix gradient(2, 3, Real(0));
  Tape tape;
  const Var constant = tape.constant(a), variable = tape.variable(a), parameter = tape.parameter("w", a, gradient);
  for (const Var leaf : {constant, variable, parameter}) BOOST_TEST(leaf.value().data == &a(0, 0));
  BOOST_TEST(parameter.gradient().data == &gradient(0, 0));
  BOOST_TEST(!constant.needs_gradient());
  BOOST_TEST(variable.needs_gradient());
  BOOST_TEST(parameter.needs_gradient());
  BOOST_TEST(tape.bytes_kept() == 0u);
  BOOST_TEST((Var().empty() && Var().index() == 0u));
  BOOST_TEST((SequenceVar().steps == 0u && SequenceVar().batch == 0u));
}

BOOST_AUTO_TEST_CASE(a_step_of_a_sequence_is_some_rows_of_its_value_and_gradient) {
  Sequence x(3, 2, 4);
  Tape tape;
  const SequenceVar v = tape.variable(x);
  fill(x.rows(), Real(7));
  BOOST_TEST(same_bits(to_sequence(v).rows(), x.rows()));
  BOOST_TEST((to_sequence(v).steps() == 3u && to_sequence(v).batch() == 2u));
  BOOST_TEST(v.value(2).data == &x(2, 0, 0));
  BOOST_TEST(v.gradient(2).data == &v.rows.gradient()(4, 0));
  for (const ConstView step : {v.value(2), ConstView(v.gradient(2))}) BOOST_TEST(shape(step) == "2x4");
}

BOOST_AUTO_TEST_CASE(a_parameters_gradient_grows_from_pass_to_pass_and_a_variables_starts_at_zero) {
  const Matrix a(2, 2, Real(3));
  Matrix gradient(2, 2, Real(10));
  Tape tape;
  for (int pass = 1; pass <= 3; ++pass) {
    tape.clear();
    const Var w = tape.parameter("w", a, gradient), v = tape.variable(a);
    BOOST_TEST(!v.has_gradient());
    tape.backward(sum(multiply(w, v)));
    BOOST_TEST(v.has_gradient());
    BOOST_TEST(gradient(1, 1) == Real(10 + 3 * pass));
    BOOST_TEST(v.gradient()(1, 1) == Real(3));
  }
}

BOOST_AUTO_TEST_CASE(a_loss_that_is_itself_a_leaf_has_the_gradient_one) {
  const Matrix a(1, 1, Real(3));
  Matrix gradient(1, 1, Real(10));
  Tape tape;
  tape.backward(tape.parameter("w", a, gradient));
  BOOST_TEST(gradient(0, 0) == Real(11));
}

BOOST_AUTO_TEST_CASE(what_does_not_reach_the_loss_gets_no_gradient) {
  const Matrix a = random(2, 2);
  Tape tape;
  const Var used = tape.variable(a), unused = tape.variable(a), constant = tape.constant(a);
  const Var aside = tanh(unused);
  tape.backward(sum(multiply(used, constant)));
  BOOST_TEST(used.has_gradient());
  BOOST_TEST(!unused.has_gradient());
  BOOST_TEST(!aside.has_gradient());
  BOOST_TEST(!constant.has_gradient());
  BOOST_TEST(unused.gradient()(0, 0) == Real(0));
}

BOOST_AUTO_TEST_CASE(what_comes_after_the_loss_does_not_count) {
  const Matrix a(1, 1, Real(2));
  Tape tape;
  const Var v = tape.variable(a), loss = multiply(v, v), later = multiply(loss, loss);
  tape.backward(loss);
  BOOST_TEST(v.gradient()(0, 0) == Real(4));
  BOOST_TEST(!later.has_gradient());
}

BOOST_AUTO_TEST_CASE(an_empty_matrix_has_a_gradient_too) {
  const Matrix none(0, 3), w(3, 2, Real(1));
  Tape tape;
  const Var x = tape.variable(none), v = tape.variable(w);
  tape.backward(sum(matmul(x, v)));
  BOOST_TEST(x.has_gradient());
  BOOST_TEST(shape(x.gradient()) == "0x3");
  BOOST_TEST(v.gradient()(2, 1) == Real(0));
}

BOOST_AUTO_TEST_CASE(wrong_uses_of_backward_are_named) {
  const Matrix a(2, 3, Real(1)), one(1, 1, Real(1));
  using Wrong = std::invalid_argument;
  Tape tape, other, evaluating(Tape::Mode::evaluate);
  const Var loss = sum(tape.variable(a));
  BOOST_CHECK_EXCEPTION(tape.backward(tape.variable(a)), Wrong, says("backward: loss must be 1x1, got 2x3"));
  BOOST_CHECK_EXCEPTION(tape.backward(other.variable(one)), Wrong, says("backward: loss is on another tape"));
  BOOST_CHECK_EXCEPTION(evaluating.backward(evaluating.variable(one)), Wrong,
                        says("backward: this tape only evaluates and has recorded nothing"));
  tape.backward(loss);
  BOOST_CHECK_EXCEPTION(tape.backward(loss), Wrong,
                        says("backward: gradients would be added twice; clear the tape first"));
  Matrix small(1, 3);
  BOOST_CHECK_EXCEPTION(tape.parameter("w", a, small), Wrong, says("parameter: gradient must be 2x3, got 1x3"));
}

BOOST_AUTO_TEST_CASE(an_evaluating_tape_computes_the_same_and_wants_no_gradient) {
  const Matrix a = random(3, 3);
  Matrix gradient(3, 3, Real(0));
  Tape recording, evaluating(Tape::Mode::evaluate);
  const auto compute = [&](Tape& tape) { return tanh(matmul(tape.parameter("w", a, gradient), tape.variable(a))); };
  BOOST_TEST(same_bits(compute(recording).value(), compute(evaluating).value()));
  BOOST_TEST(!compute(evaluating).needs_gradient());
}

// A pass with operations of every kind; returns the loss and leaves the gradients in `gradient`.
static Real pass(Tape& tape, const Matrix& x, const Matrix& w, const Matrix& b, Matrix& gradient) {
  tape.clear();
  gradient *= Real(0);
  const Var v = tape.variable(x), weights = tape.parameter("w", w, gradient), bias = tape.variable(b);
  const bool keep[] = {true, false, true};
  const Var parts[] = {slice_rows(v, 0, 1), slice_rows(v, 1, 2)};
  const Var chosen = choose_rows(keep, stack_rows(parts), {});
  const Var y = tanh(add_bias(add_matmul(v, transpose(transpose(chosen)), weights), bias));
  const Var loss = add(mean(sigmoid(y)), scale(sum(multiply(relu(y), add(y, v))), Real(0.1)));
  tape.backward(loss);
  return loss.value()(0, 0);
}

BOOST_AUTO_TEST_CASE(a_cleared_tape_gives_the_same_bits_again_and_allocates_nothing) {
  const Matrix x = random(3, 4), w = random(4, 4), b = random(1, 4);
  Matrix first(4, 4, Real(0)), again(4, 4, Real(0));
  Tape tape;
  const Real loss = pass(tape, x, w, b, first);
  const Index bytes = tape.bytes_kept(), nodes = tape.size();
  const Index before = allocations;
  Real second = 0;
  for (int i = 0; i < 3; ++i) second = pass(tape, x, w, b, again);
  const Index allocated = allocations - before;
  BOOST_TEST(second == loss);
  BOOST_TEST(same_bits(first, again));
  BOOST_TEST(tape.bytes_kept() == bytes);
  BOOST_TEST(tape.size() == nodes);
  BOOST_TEST(allocated == 0u);
  if (rnn::testing::counts_allocations) {
    const Index in_vain = allocations;
    Tape fresh;
    pass(fresh, x, w, b, again);
    BOOST_TEST(allocations > in_vain);  // this test can see allocations
  }
}

BOOST_AUTO_TEST_CASE(what_lies_outside_stays_packed_as_long_as_it_is_said_not_to_change) {
  Matrix outside(2, 3, Real(1));
  Tape tape;
  const auto first_number = [&](ConstView b) {
    const PackedMatrix& packed = tape.packed(b);
    return packed.numbers(packed.panels()[0])(0, 0);
  };
  const auto inside = [&](Real value) {
    const View b = tape.workspace(2, 3);
    fill(b, value);
    return b;
  };
  const PackedMatrix* const packed = &tape.packed(outside);
  BOOST_TEST(&tape.packed(outside) == packed);
  BOOST_TEST(&tape.packed(transposed(outside)) != packed);
  BOOST_TEST(first_number(inside(5)) == 5);

  outside(0, 0) = 2;  // in spite of what is said next: now one can see that it is not packed again
  tape.clear(Tape::Outside::unchanged);
  BOOST_TEST(first_number(inside(6)) == 6);  // in the place of the other one, and on the tape
  BOOST_TEST(first_number(outside) == 1);
  tape.clear();
  BOOST_TEST(first_number(outside) == 2);
}

BOOST_AUTO_TEST_CASE(a_smaller_pass_in_between_changes_nothing) {
  const Matrix x = random(3, 4), w = random(4, 4), b = random(1, 4);
  const Matrix small_x(3, 1, Real(1)), small_w(1, 1, Real(2)), small_b(1, 1, Real(3));
  Matrix first(4, 4, Real(0)), again(4, 4, Real(0)), small(1, 1, Real(0));
  Tape tape;
  const Real loss = pass(tape, x, w, b, first);
  pass(tape, small_x, small_w, small_b, small);
  BOOST_TEST(pass(tape, x, w, b, again) == loss);
  BOOST_TEST(same_bits(first, again));
}

BOOST_AUTO_TEST_CASE(objects_of_any_size_and_alignment_are_kept) {
  Tape tape;
  struct alignas(16) Wide {
    double numbers[2];
  };
  std::vector<Index> many(30000);
  for (Index i = 0; i < many.size(); ++i) many[i] = i;
  const char* letter = tape.keep('x');
  const Wide* wide = tape.keep(Wide{{1, 2}});
  const std::span<const Index> kept = tape.keep(std::span<const Index>(many));
  const Wide* after = tape.keep(Wide{{3, 4}});
  BOOST_TEST(*letter == 'x');
  BOOST_TEST(reinterpret_cast<std::uintptr_t>(wide) % alignof(Wide) == 0u);
  BOOST_TEST(wide->numbers[1] == 2);
  BOOST_TEST(after->numbers[0] == 3);
  BOOST_TEST(kept.data() != many.data());
  BOOST_TEST(reinterpret_cast<std::uintptr_t>(kept.data()) % alignof(Index) == 0u);
  BOOST_TEST(std::vector(kept.begin(), kept.end()) == many, boost::test_tools::per_element());
  BOOST_TEST(tape.keep(std::span<const Index>()).empty());
  const bool yes[] = {true, true, true};
  const std::span<const bool> answers = tape.keep(std::span<const bool>(yes));
  tape.keep(false);
  BOOST_TEST((answers[0] && answers[1] && answers[2]));
}

BOOST_AUTO_TEST_CASE(large_objects_do_not_reach_into_one_another) {
  Tape tape;
  for (const Index size : {5000, 3000, 9000}) {  // 40, 24 and 72 KB
    tape.clear();
    std::vector<std::span<const Index>> kept;
    for (Index i = 0; i < 12; ++i) kept.push_back(tape.keep(std::span<const Index>(std::vector<Index>(size, i))));
    for (Index i = 0; i < kept.size(); ++i) {
      BOOST_TEST(std::vector(kept[i].begin(), kept[i].end()) == std::vector<Index>(size, i),
                 boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(what_needs_no_gradient_does_not_go_back) {
  const Matrix a(1, 1, Real(3));
  Tape tape;
  int of_constant = 0, of_variable = 0;
  const auto copied = [&](Var x, int& times) {
    const Var y = tape.add("Copy", {x}, 1, 1);
    copy(x.value(), tape.output(y));
    tape.on_backward(y, [&times] { ++times; });
    return y;
  };
  const Var from_constant = copied(tape.constant(a), of_constant),
            from_variable = copied(tape.variable(a), of_variable);
  from_constant.gradient();
  tape.backward(multiply(from_constant, from_variable));
  BOOST_TEST(of_constant == 0);
  BOOST_TEST(of_variable == 1);
}

BOOST_AUTO_TEST_CASE(what_was_on_the_tape_before_it_was_cleared_does_not_go_back_again) {
  const Matrix a(1, 1, Real(3));
  Tape tape;
  int times = 0;
  for (const int nodes : {3, 1}) {
    tape.clear();
    Var last = tape.variable(a);
    for (int i = 0; i < nodes; ++i) {
      const Var y = tape.add("Copy", {last}, 1, 1);
      copy(last.value(), tape.output(y));
      tape.on_backward(y, [&times, last, y] {
        ++times;
        last.gradient()(0, 0) += y.gradient()(0, 0);
      });
      last = y;
    }
    tape.backward(last);
  }
  BOOST_TEST(times == 3 + 1);
}

BOOST_AUTO_TEST_CASE(values_start_on_a_cache_line) {
  Tape tape;
  for (Index columns = 1; columns < 40; ++columns) {
    BOOST_TEST(reinterpret_cast<std::uintptr_t>(tape.workspace(3, columns).data) % 64 == 0u);
  }
}

BOOST_AUTO_TEST_CASE(a_drawing_can_be_made_of_what_is_on_the_tape) {
  const Matrix a = random(2, 3);
  Tape tape;
  const Var x = tape.constant(a, "x");
  tape.set_step(4);
  const Var y = add(x, x);
  tape.set_step(no_step);
  const Var loss = sum(y);
  BOOST_TEST(tape.size() == 3u);
  BOOST_TEST(tape.info(x.index()).operation == "x");
  BOOST_TEST(tape.info(x.index()).inputs.empty());
  BOOST_TEST(tape.info(x.index()).step == no_step);
  const NodeInfo info = tape.info(y.index());
  BOOST_TEST(info.operation == "Add");
  BOOST_TEST(info.step == 4u);
  BOOST_TEST(info.rows == 2u);
  BOOST_TEST(info.columns == 3u);
  BOOST_REQUIRE(info.inputs.size() == 2u);
  BOOST_TEST(info.inputs[0] == x.index());
  BOOST_TEST(tape.info(loss.index()).step == no_step);
  BOOST_TEST(tape.bytes_kept() == 7 * sizeof(Real));
  const PackedMatrix& packed = tape.packed_workspace(5, 2);
  BOOST_TEST((packed.rows() == 5 && packed.columns() == 2));
  tape.workspace(3, 4);
  BOOST_TEST(tape.bytes_kept() == (7 + 10 + 12) * sizeof(Real));
  tape.clear();
  BOOST_TEST(tape.size() == 0u);
  BOOST_TEST(tape.bytes_kept() == 0u);
  BOOST_CHECK_THROW(tape.info(0), std::out_of_range);
}

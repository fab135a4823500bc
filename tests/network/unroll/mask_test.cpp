#include <boost/test/unit_test.hpp>
#include <span>
#include <vector>

import rnn.linalg.matrix;
import rnn.network.unroll.mask;

using namespace rnn;

namespace {

// Three examples; a fourth row and a fourth length, behind theirs, belong to someone else.
constexpr Index batch = 3, columns = 4, steps = 5;
std::vector<Index> lengths = {2, 5, 0, 9};

Mask some() { return {std::span(lengths).first(batch)}; }

Matrix numbers(int first) {
  Matrix matrix(batch + 1, columns);
  for (Index i = 0; i <= batch; ++i) {
    for (Index j = 0; j < columns; ++j) matrix(i, j) = Real(first + int(10 * i + j));
  }
  return matrix;
}

/// Compares what an operation makes of numbers(100), given numbers(500), with what is expected of each element.
template <class Operation, class Expected>
void compare(Operation operation, Expected expected) {
  const Matrix from = numbers(500), before = numbers(100);
  for (Index k = 0; k < 3 * steps; ++k) {
    const Index t = k % steps;
    lengths.back() = k / steps * 3;
    Matrix to = before;
    operation(t, ConstView(from).rows_from(0, batch), View(to).rows_from(0, batch));
    for (Index i = 0; i <= batch; ++i) {
      for (Index j = 0; j < columns; ++j) {
        const Real wanted = i == batch ? before(i, j) : expected(t, i, from(i, j), before(i, j));
        BOOST_TEST(to(i, j) == wanted, "step " << t << ", " << i << ' ' << j);
      }
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_example_is_valid_up_to_its_length) {
  for (Index t = 0; t < steps; ++t) {
    for (Index i = 0; i < batch; ++i) {
      BOOST_TEST(some().valid(t, i) == (t < lengths[i]));
      BOOST_TEST(Mask().valid(t, i));
    }
  }
  BOOST_TEST((Mask().all_full() && !some().all_full()));
}

BOOST_AUTO_TEST_CASE(what_has_ended_is_cleared_or_copied_and_what_has_not_is_added) {
  for (const bool full : {false, true}) {
    const Mask mask = full ? Mask() : some();
    const auto ended = [&](Index t, Index i) { return !full && t >= lengths[i]; };
    compare([&](Index t, ConstView, View to) { mask.clear_ended(t, to); },
            [&](Index t, Index i, Real, Real before) { return ended(t, i) ? Real(0) : before; });
    compare([&](Index t, ConstView from, View to) { mask.copy_ended(t, from, to); },
            [&](Index t, Index i, Real from, Real before) { return ended(t, i) ? from : before; });
    compare([&](Index t, ConstView from, View to) { mask.add_valid(t, from, to); },
            [&](Index t, Index i, Real from, Real before) { return ended(t, i) ? before : before + from; });
  }
}

BOOST_AUTO_TEST_CASE(an_examples_last_step_is_copied) {
  for (const bool full : {false, true}) {
    const Mask mask = full ? Mask() : some();
    compare(
        [&](Index t, ConstView from, View to) { mask.copy_last(t, steps, from, to); },
        [&](Index t, Index i, Real from, Real before) { return t + 1 == (full ? steps : lengths[i]) ? from : before; });
  }
}

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "../support/kernels.hpp"
#include "../support/matrices.hpp"

import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.kernel.cpu;
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;

using namespace rnn;
using rnn::testing::available_sets;
using rnn::testing::numbered;
using rnn::testing::part;
using rnn::testing::same_bits;

namespace {

constexpr bool is_float = sizeof(Real) == 4;

// Every `stride`-th float there is, infinities and NaNs included, a block at a time.
template <class Check>
void over_all_floats(std::uint32_t stride, Check check) {
  Matrix x(1, 4096);
  std::uint64_t bits = 0;
  while (bits < (std::uint64_t(1) << 32)) {
    for (Index j = 0; j < x.size2(); ++j, bits += stride) {
      const auto pattern = static_cast<std::uint32_t>(bits);
      float value;
      std::memcpy(&value, &pattern, sizeof value);
      x(0, j) = value;
    }
    check(x);
  }
}

double reference(Activation f, double x) {
  switch (f) {
    case Activation::tanh: return std::tanh(x);
    case Activation::sigmoid: return 1 / (1 + std::exp(-x));
    case Activation::relu: return x < 0 ? 0 : x;
    default: return x;
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(tanh_is_within_its_bound_over_the_whole_range_of_floats_with_every_kernel) {
  for (const InstructionSet set : available_sets()) {
    force_instruction_set(set);
    double worst = 0;
    Index lost = 0, above_one = 0, not_odd = 0;
    Matrix y(1, 4096), negative(1, 4096);
    over_all_floats(1999, [&](const Matrix& x) {
      apply(Activation::tanh, x, y);
      apply(Activation::tanh, Matrix(-x), negative);
      for (Index j = 0; j < x.size2(); ++j) {
        if (std::isnan(x(0, j))) {
          lost += !std::isnan(y(0, j));
        } else {
          worst = std::max(worst, std::abs(double(y(0, j)) - std::tanh(double(x(0, j)))));
          above_one += std::abs(y(0, j)) > 1;
          not_odd += y(0, j) != -negative(0, j);
        }
      }
    });
    BOOST_TEST_MESSAGE(name(set) << ": tanh, largest absolute error " << worst);
    BOOST_TEST(worst <= (is_float ? 1e-7 : 1e-15));
    BOOST_TEST(lost == 0u);
    BOOST_TEST(above_one == 0u);
    BOOST_TEST(not_odd == 0u);
  }
}

BOOST_AUTO_TEST_CASE(exp_and_sigmoid_are_within_their_bounds_over_the_whole_range_of_floats_with_every_kernel) {
  for (const InstructionSet set : available_sets()) {
    force_instruction_set(set);
    double worst_exp = 0, worst_sigmoid = 0;
    Index wrong = 0;
    Matrix e(1, 4096), s(1, 4096);
    const auto check = [&](double got, double want, double& worst) {
      if (std::isnan(want)) {
        wrong += !std::isnan(got);
      } else if (want > std::numeric_limits<Real>::max()) {
        wrong += !std::isinf(got);
      } else if (want < 1e-37) {
        wrong += !(got >= 0 && got < 1.1e-37);
      } else {
        worst = std::max(worst, std::abs(got - want) / want);
      }
    };
    over_all_floats(1999, [&](const Matrix& x) {
      exp(x, e);
      apply(Activation::sigmoid, x, s);
      for (Index j = 0; j < x.size2(); ++j) {
        check(e(0, j), std::exp(double(x(0, j))), worst_exp);
        check(s(0, j), reference(Activation::sigmoid, x(0, j)), worst_sigmoid);
      }
    });
    BOOST_TEST_MESSAGE(name(set) << ": largest relative error, exp " << worst_exp << ", sigmoid " << worst_sigmoid);
    BOOST_TEST(worst_exp <= (is_float ? 2e-7 : 1e-15));
    BOOST_TEST(worst_sigmoid <= (is_float ? 3e-7 : 1e-15));
    BOOST_TEST(wrong == 0u);
  }
}

BOOST_AUTO_TEST_CASE(the_special_values_are_what_a_mathematician_expects) {
  const Real infinity = std::numeric_limits<Real>::infinity();
  for (const InstructionSet set : available_sets()) {
    force_instruction_set(set);
    Matrix x(1, 4), y(1, 4);
    x(0, 0) = infinity, x(0, 1) = -infinity, x(0, 2) = Real(0), x(0, 3) = Real(-0.0);
    apply(Activation::tanh, x, y);
    BOOST_TEST(y(0, 0) == Real(1));
    BOOST_TEST(y(0, 1) == Real(-1));
    BOOST_TEST(y(0, 2) == Real(0));
    BOOST_TEST(std::signbit(y(0, 3)));
    apply(Activation::sigmoid, x, y);
    BOOST_TEST(y(0, 0) == Real(1));
    BOOST_TEST(y(0, 1) == Real(0));
    BOOST_TEST(y(0, 2) == Real(0.5));
    exp(x, y);
    BOOST_TEST(y(0, 0) == infinity);
    BOOST_TEST(y(0, 1) == Real(0));
    BOOST_TEST(y(0, 2) == Real(1));
    apply(Activation::relu, x, y);
    BOOST_TEST(y(0, 0) == infinity);
    BOOST_TEST(y(0, 1) == Real(0));
  }
}

BOOST_AUTO_TEST_CASE(an_element_does_not_depend_on_where_it_stands) {
  for (const InstructionSet set : available_sets()) {
    force_instruction_set(set);
    for (const Activation f : {Activation::tanh, Activation::sigmoid, Activation::relu}) {
      Matrix x(5, 13), rows(5, 13), columns(5, 13);
      for (Index i = 0; i < 5; ++i)
        for (Index j = 0; j < 13; ++j) x(i, j) = Real(0.37) * Real(i) - Real(0.21) * Real(j);
      apply(f, x, rows);
      apply(f, transposed(x), transposed(View(columns)));
      for (Index i = 0; i < 5; ++i)
        for (Index j = 0; j < 13; ++j) BOOST_TEST(rows(i, j) == columns(i, j));
    }
  }
}

BOOST_AUTO_TEST_CASE(gradients_of_activations_are_their_difference_quotients) {
  for (const Activation f : {Activation::identity, Activation::tanh, Activation::sigmoid, Activation::relu}) {
    for (double x0 : {-2.5, -0.4, 0.3, 1.7}) {
      Matrix y(1, 1), dy(1, 1, Real(2)), dx(1, 1);
      y(0, 0) = Real(reference(f, x0));
      apply_gradient(f, y, dy, dx);
      const double h = 1e-6, slope = (reference(f, x0 + h) - reference(f, x0 - h)) / (2 * h);
      BOOST_TEST(double(dx(0, 0)) == 2 * slope, boost::test_tools::tolerance(is_float ? 1e-4 : 1e-8));
    }
  }
}

BOOST_AUTO_TEST_CASE(bias_goes_to_every_row_and_its_gradient_is_the_sum_of_the_rows) {
  Matrix y(3, 11, Real(1)), bias(1, 11), sums(1, 11, Real(0.5));
  for (Index j = 0; j < 11; ++j) bias(0, j) = Real(j);
  add_bias(bias, y);
  BOOST_TEST(y(2, 10) == Real(11));
  add_column_sums(y, sums);
  BOOST_TEST(sums(0, 10) == Real(33.5));
}

BOOST_AUTO_TEST_CASE(columns_are_added_up_wherever_their_numbers_are) {
  for (const Index rows : {0, 1, 2, 7, 8, 9, 20}) {
    for (const Index columns : {1, 3, 8, 21}) {
      Matrix x(rows, columns), turned(columns, rows), in_a_row(1, columns, Real(2)), in_a_column(columns, 1, Real(2));
      for (Index i = 0; i < rows; ++i) {
        for (Index j = 0; j < columns; ++j) x(i, j) = turned(j, i) = Real(i * i) - Real(3 * j);
      }
      Matrix of_turned = in_a_row;
      add_column_sums(x, in_a_row);
      add_column_sums(transposed(turned), of_turned);
      add_column_sums(x, transposed(View(in_a_column)));
      for (Index j = 0; j < columns; ++j) {
        Real expected = 2;  // whole numbers: exact in any order
        for (Index i = 0; i < rows; ++i) expected += Real(i * i) - Real(3 * j);
        BOOST_TEST(in_a_row(0, j) == expected);
        BOOST_TEST(of_turned(0, j) == expected);
        BOOST_TEST(in_a_column(j, 0) == expected);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(eight_rows_are_added_up_in_pairs_and_what_is_left_row_by_row_to_the_last_bit) {
  for (const InstructionSet set : available_sets()) {
    force_instruction_set(set);
    for (const Index rows : {8, 16, 21}) {
      const Matrix x = numbered(rows, 37, Real(0.1));
      Matrix sums(1, 37, Real(0.3)), expected = sums;
      add_column_sums(x, sums);
      for (Index j = 0; j < 37; ++j) {
        Index i = 0;
        for (; i + 8 <= rows; i += 8) {
          const auto pair = [&](Index first) { return x(i + first, j) + x(i + first + 1, j); };
          expected(0, j) += (pair(0) + pair(2)) + (pair(4) + pair(6));
        }
        for (; i < rows; ++i) expected(0, j) += x(i, j);
      }
      BOOST_TEST(same_bits(sums, expected));
    }
  }
}

BOOST_AUTO_TEST_CASE(sums_and_scaled_sums_work_on_any_view) {
  Matrix x(3, 4, Real(2)), y(4, 3, Real(1));
  add_scaled(Real(3), transposed(x), y);
  BOOST_TEST(y(3, 2) == Real(7));
  add_multiplied(y, y, y);
  BOOST_TEST(y(0, 0) == Real(56));
  scale(Real(0.5), y);
  BOOST_TEST(sum(y) == 12 * 28.0);
}

namespace {

enum class Layout { whole, columns, turned };

/// Room for rows × columns numbers of a layout, between numbers that nobody may touch.
struct Room {
  Matrix memory;
  View view;
  Room(Layout layout, Index rows, Index columns) {
    const Index margin = layout == Layout::columns ? 3 : 0;
    memory = layout == Layout::turned ? Matrix(columns + 2, rows) : Matrix(rows + 2, columns + margin);
    for (Index k = 0; k < memory.data().size(); ++k) memory.data()[k] = Real(k * k % 11) - 4;
    view = layout == Layout::turned ? transposed(View(memory).rows_from(1, columns))
                                    : View(memory).rows_from(1, rows).columns_from(margin / 2, columns);
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(operations_work_on_any_view_and_touch_nothing_else) {
  using Operation = void (*)(ConstView a, ConstView b, View y);
  using Element = Real (*)(Real a, Real b, Real y);
  const std::pair<Operation, Element> operations[] = {
      {[](ConstView a, ConstView, View y) { add(a, y); }, [](Real a, Real, Real y) { return y + a; }},
      {[](ConstView a, ConstView, View y) { add_scaled(3, a, y); }, [](Real a, Real, Real y) { return y + 3 * a; }},
      {[](ConstView, ConstView, View y) { scale(2, y); }, [](Real, Real, Real y) { return 2 * y; }},
      {[](ConstView a, ConstView b, View y) { multiply(a, b, y); }, [](Real a, Real b, Real) { return a * b; }},
      {[](ConstView a, ConstView b, View y) { add_multiplied(a, b, y); },
       [](Real a, Real b, Real y) { return y + a * b; }},
      {[](ConstView a, ConstView, View y) { apply(Activation::relu, a, y); },
       [](Real a, Real, Real) { return a < 0 ? Real(0) : a; }},
      {[](ConstView a, ConstView b, View y) { add_gradient(Activation::relu, a, b, y); },
       [](Real a, Real b, Real y) { return a > 0 ? y + b : y; }},
      {[](ConstView a, ConstView, View y) {
         if (a.rows > 0) add_bias(a.rows_from(0, 1), y);
       },
       nullptr}};
  constexpr Layout layouts[] = {Layout::whole, Layout::columns, Layout::turned};
  for (const auto& [rows, columns] : {std::pair<Index, Index>{1, 1}, {3, 7}, {2, 70}, {5, 0}, {0, 5}}) {
    for (const Layout of_a : layouts) {
      for (const Layout of_b : layouts) {
        for (const Layout of_y : layouts) {
          for (const auto& [operation, element] : operations) {
            const Room a(of_a, rows, columns), b(of_b, rows, columns);
            Room y(of_y, rows, columns);
            Matrix before = y.memory;
            const View expected(before.data().begin() + (y.view.data - y.memory.data().begin()), rows, columns,
                                y.view.row_stride, y.view.column_stride);
            for (Index i = 0; i < rows; ++i) {
              for (Index j = 0; j < columns; ++j) {
                Real& number = expected(i, j);
                number = element ? element(a.view(i, j), b.view(i, j), number) : number + a.view(0, j);
              }
            }
            operation(a.view, b.view, y.view);
            BOOST_REQUIRE(same_bits(y.memory, before));
          }
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_result_may_be_an_argument_and_may_not_overlap_it_otherwise) {
  Matrix square(4, 4, 1);
  const ConstView turned = transposed(square);
  const auto refused = [&](const char* message, auto call) {
    BOOST_CHECK_EXCEPTION(call(), std::invalid_argument, rnn::testing::says(message));
    BOOST_TEST(same_bits(square, Matrix(4, 4, 1)));
  };
  refused("tanh: result must be the first argument itself or not overlap it",
          [&] { apply(Activation::tanh, turned, square); });
  refused("relu gradient: result must be the first argument itself or not overlap it",
          [&] { apply_gradient(Activation::relu, turned, square, square); });
  refused("multiply: result must be the second argument itself or not overlap it",
          [&] { multiply(square, turned, square); });
  refused("add: result must be the first argument itself or not overlap it",
          [&] { add(View(square).rows_from(0, 3), View(square).rows_from(1, 3)); });
  refused("add_bias: result must be the first argument itself or not overlap it",
          [&] { add_bias(View(square).rows_from(1, 1), square); });
  refused("add_column_sums: sums must not overlap x", [&] { add_column_sums(square, View(square).rows_from(2, 1)); });
  multiply(square, square, square);
  add(View(square).rows_from(0, 2), View(square).rows_from(2, 2));
  BOOST_TEST(square(3, 0) == Real(2));
}

BOOST_AUTO_TEST_CASE(shapes_that_do_not_agree_are_named) {
  Matrix x(2, 3), y(3, 2), row(1, 3), shorter(1, 2), two_rows(2, 3);
  const auto refused = [](const char* message, auto call) {
    BOOST_CHECK_EXCEPTION(call(), std::invalid_argument, rnn::testing::says(message));
  };
  refused("add: result must be 2x3, got 3x2", [&] { add(x, y); });
  refused("multiply: second argument must be 2x3, got 3x2", [&] { multiply(x, y, two_rows); });
  refused("add_bias: bias must be 1x3, got 1x2", [&] { add_bias(shorter, x); });
  refused("add_bias: bias must be 1x3, got 2x3", [&] { add_bias(two_rows, x); });
  refused("add_column_sums: sums must be 1x3, got 1x2", [&] { add_column_sums(x, shorter); });
  refused("add_column_sums: sums must be 1x3, got 2x3", [&] { add_column_sums(x, two_rows); });
  add_bias(row, x);
}

// ---- gradients that go straight into a packed matrix ----

BOOST_AUTO_TEST_CASE(gradients_come_packed_with_the_sums_of_their_columns) {
  for (const InstructionSet set : available_sets()) {
    force_instruction_set(set);
    for (const Activation f : {Activation::identity, Activation::tanh, Activation::relu, Activation::sigmoid}) {
      for (const Index columns : {1, 3, 8, 20, 100}) {
        const Matrix y = numbered(11, columns, Real(0.07)), dy = numbered(11, columns, Real(-0.3));
        Matrix rows(11, columns), sums(1, columns, Real(2)), expected_sums = sums;
        apply_gradient(f, y, dy, rows);
        add_column_sums(rows, expected_sums);

        PackedMatrix packed;
        packed.resize(15, columns);
        apply_gradient(f, y, dy, {packed, 3, y.size1()}, sums);
        BOOST_TEST(same_bits(sums, expected_sums));
        const PackedMatrix as_rows(rows);
        for (Index p = 0; p < packed.panels().size(); ++p) {
          const PackedMatrix::Panel panel = packed.panels()[p];
          const ConstView here = PackedRows(packed, 3, 11).of(panel), there = as_rows.numbers(panel);
          BOOST_TEST(same_bits(here, there));
          if (panel.shared) BOOST_TEST(here.data[here.row_stride - part] == there.data[here.row_stride - part]);
        }
        apply_gradient(f, y, dy, {packed, 0, y.size1()}, {});  // no sums are wanted
        BOOST_TEST(same_bits(PackedRows(packed, 0, 11).of(packed.panels()[0]), as_rows.numbers(packed.panels()[0])));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(gradients_that_do_not_fit_are_refused) {
  const Matrix y = numbered(4, 5), wide = numbered(4, 6);
  Matrix sums(1, 5);
  PackedMatrix packed;
  packed.resize(6, 5);
  const auto fails = [&](ConstView y, ConstView dy, Index first, View sums, const std::string& message) {
    BOOST_CHECK_EXCEPTION(apply_gradient(Activation::tanh, y, dy, {packed, first, 4}, sums), std::invalid_argument,
                          [&](const std::invalid_argument& error) { return error.what() == message; });
  };
  fails(wide, y, 0, sums, "apply_gradient: y must be 4x5, got 4x6");
  fails(y, wide, 0, sums, "apply_gradient: dy must be 4x5, got 4x6");
  fails(y, y, 0, View(sums).columns_from(0, 4), "apply_gradient: sums must be 1x5, got 1x4");
  const std::string no_room = "apply_gradient: rows must be contiguous in memory, and dx must have room for them";
  fails(y, y, 3, sums, no_room);
  const Matrix turned(5, 4);
  fails(transposed(turned), y, 0, sums, no_room);
  fails(y, transposed(turned), 0, sums, no_room);
  Matrix apart(1, 10);
  fails(y, y, 0, {&apart(0, 0), 1, 5, 10, 2}, no_room);
  Matrix both = y;
  fails(both, y, 0, View(both).rows_from(1, 1), "apply_gradient: sums must not overlap y");
  fails(y, both, 0, View(both).rows_from(1, 1), "apply_gradient: sums must not overlap dy");
  apply_gradient(Activation::tanh, y, y, {packed, 2, 4}, sums);  // exactly the last rows
}

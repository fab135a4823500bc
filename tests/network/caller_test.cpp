#include <boost/test/unit_test.hpp>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

import rnn.autodiff.gradient_check;
import rnn.autodiff.operations;
import rnn.autodiff.tape;
import rnn.base.caller;
import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;
import rnn.linalg.products;
import rnn.network.cell;
import rnn.network.cell.basic;
import rnn.network.embedding;
import rnn.network.layers;
import rnn.network.loss;
import rnn.network.unroll;

using namespace rnn;

// The error of a wrong call names the line of that call, in whichever room the function is, and however deep inside the
// library the mistake is found. tests/build/repository_test.py compares this list with the interfaces.
static void names_its_line(const char* call, int line, const std::function<void()>& make) {
  std::string place = "no CallError";
  try {
    make();
  } catch (const CallError& error) {
    place = error.place();
  }
  BOOST_TEST_CONTEXT(call) BOOST_TEST(place == "tests/network/caller_test.cpp:" + std::to_string(line));
}
#define WRONG(...) names_its_line(#__VA_ARGS__, __LINE__, [&] { __VA_ARGS__; })

BOOST_AUTO_TEST_CASE(a_wrong_call_of_linear_algebra_names_its_line) {
  const Matrix a(3, 4, 0), b(5, 2, 0), bias(1, 9, 0);
  const PackedMatrix packed_a(a), packed_b(b);
  PackedMatrix gradients;
  gradients.resize(3, 4);
  const Product products[] = {{a, packed_b}};
  Matrix c(3, 2, 0), square(4, 4, 0);
  WRONG(copy(a, c));
  WRONG(naive_product(a, b, c));
  WRONG(product(a, b));
  WRONG(product(a, b, c));
  WRONG(product(packed_a, packed_b, c));
  WRONG(add_product(a, b, c));
  WRONG(add_product(a, packed_b, c));
  WRONG(add_product(packed_a, packed_b, c));
  WRONG(add_product(packed_a, b, c));
  WRONG(add_product(square, square, square));
  WRONG(sum_of_products(products, {}, c));
  WRONG(apply(Activation::tanh, a, c));
  WRONG(apply(Activation::tanh, transposed(square), square));
  WRONG(apply_gradient(Activation::relu, a, a, c));
  WRONG(apply_gradient(Activation::relu, b, b, PackedSlot(gradients, 0, 3), {}));
  WRONG(add_gradient(Activation::sigmoid, a, a, c));
  WRONG(rnn::exp(a, c));
  WRONG(add(a, c));
  WRONG(add_scaled(2, a, c));
  WRONG(multiply(a, a, c));
  WRONG(add_multiplied(a, b, c));
  WRONG(add_bias(bias, c));
  WRONG(add_column_sums(a, c));
}

BOOST_AUTO_TEST_CASE(a_wrong_call_on_a_tape_names_its_line) {
  Matrix a_values(3, 4, Real(1)), b_values(5, 2, Real(1));
  Tape tape, other;
  const Var a = tape.variable(a_values), b = tape.variable(b_values), elsewhere = other.variable(a_values);
  const bool keep[] = {true, false};
  const std::vector<Var> parts{a, b};
  WRONG(tape.parameter("w", a_values, b_values));
  WRONG(tape.add("Mine", {a, elsewhere}, 3, 4));
  WRONG(tape.backward(a));
  WRONG(tape.backward(elsewhere));
  WRONG(matmul(a, b));
  WRONG(matmul(a, transpose(elsewhere)));
  WRONG(add_matmul(b, a, transpose(a)));
  WRONG(add(a, b));
  WRONG(add_bias(a, b));
  WRONG(multiply(a, b));
  WRONG(add_multiplied(b, a, a));
  WRONG(slice_rows(a, 2, 2));
  WRONG(stack_rows(parts));
  WRONG(slice_columns(a, 3, 2));
  WRONG(join_columns(parts));
  WRONG(slice_time({a, 3, 1}, 3));
  WRONG(stack_time(tape, parts, 3, 4));
  WRONG(choose_rows(keep, a, {}));
  WRONG(mean(slice_rows(a, 0, 0)));
  const ScalarFunction no_scalar = [](Tape&, std::span<const Var> inputs) { return inputs[0]; };
  WRONG(check_gradients({{"a", a_values}}, no_scalar));
  WRONG(check_gradients({{"a", a_values}}, std::span<const ConstView>{}, no_scalar));
}

BOOST_AUTO_TEST_CASE(a_wrong_call_of_a_network_names_its_line) {
  Matrix a_values(3, 4, Real(1)), b_values(5, 2, Real(1)), w_x(9, 5, 0), w_y(5, 5, 0), bias(1, 5, 0), y(3, 2);
  Tape tape;
  const Var a = tape.variable(a_values), b = tape.variable(b_values);
  const std::vector<Var> weights{tape.variable(w_x), tape.variable(w_y), tape.variable(bias)};
  Cell& cell = BasicRnnCell::make(weights, Activation::tanh);
  const SequenceVar x{a, 3, 1};
  const std::vector<Index> labels{1, 2, 4};
  WRONG(dense(a, b, b));
  WRONG(gather_rows(a, labels));
  WRONG(dropout(a, 2, 1));
  WRONG(dropout(x, std::numeric_limits<Real>::quiet_NaN(), 1));
  WRONG(softmax(a_values, y));
  WRONG(softmax_cross_entropy(a, labels));
  WRONG(mean_squared_error(a, b_values));
  WRONG(count_in_top_k(a_values, labels));
  WRONG(unroll_static(cell, x));
  WRONG(unroll_dynamic(cell, x));
  WRONG(final_state(cell, x));
}

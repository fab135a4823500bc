#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "../../support/kernels.hpp"

import rnn.linalg.activation;
import rnn.linalg.kernel.cpu;
import rnn.linalg.kernel.simd;
import rnn.linalg.matrix;

using namespace rnn;
using rnn::testing::available_sets;
using simd::LongVector;
using simd::Vector;
using simd::WideVector;

namespace {

constexpr Real infinity = std::numeric_limits<Real>::infinity(), not_a_number = std::numeric_limits<Real>::quiet_NaN();

/// What a kernel does with a register: `function` of its lanes.
template <class V, class Function>
struct OnRegister {
  const Real* from;
  Real* to;
  Function function;

  template <InstructionSet>
  [[gnu::always_inline]] inline void operator()() const {
    simd::store(function(simd::load<V>(from)), to);
  }
};

/// The function of each of these numbers, which fill whole registers, as each kernel computes it.
template <class V, class Function>
std::vector<Real> on_registers(InstructionSet set, const std::vector<Real>& x, Function function) {
  std::vector<Real> y(x.size());
  for (std::size_t i = 0; i < x.size(); i += simd::lanes_of<V>) {
    simd::run(set, OnRegister<V, Function>{x.data() + i, y.data() + i, function});
  }
  return y;
}

/// Whether is_right(x, f(x)) for each number, with each kernel and each size of a register.
template <class Function, class IsRight>
void check(std::vector<Real> x, Function function, IsRight is_right) {
  x.resize((x.size() + 63) / 64 * 64, Real(1));
  for (const InstructionSet set : available_sets()) {
    for (const auto& y : {on_registers<Vector>(set, x, function), on_registers<WideVector>(set, x, function),
                          on_registers<LongVector>(set, x, function)}) {
      for (std::size_t i = 0; i < x.size(); ++i) {
        if (!is_right(x[i], y[i])) BOOST_FAIL(x[i] << " gives " << y[i]);
      }
    }
  }
}

bool same(Real a, Real b) { return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b)); }

/// From −limit to limit, with numbers next to zero, zeros of both signs, infinities and none.
std::vector<Real> many_numbers(Real limit) {
  std::vector<Real> x{0, Real(-0.0), infinity, -infinity, not_a_number, std::numeric_limits<Real>::min(), Real(1e-20)};
  for (int i = -20000; i <= 20000; ++i) x.push_back(limit * Real(i) / 20000);
  for (Real small = 1; small > Real(1e-12); small *= Real(0.9)) x.insert(x.end(), {small, -small});
  return x;
}

template <class V>
void check_first_lanes() {
  constexpr std::size_t lanes = simd::lanes_of<V>;
  std::vector<Real> numbers(lanes);
  for (std::size_t i = 0; i < lanes; ++i) numbers[i] = Real(i + 1);
  for (std::size_t count = 0; count <= lanes; ++count) {
    const std::vector<Real> from(numbers.begin(), numbers.begin() + std::ptrdiff_t(count));
    const V first = simd::load_first<V>(from.data(), count);
    std::vector<Real> to(lanes + 1, -1);
    simd::store_first(simd::load<V>(numbers.data()), to.data(), count);
    for (std::size_t i = 0; i < lanes; ++i) {
      BOOST_TEST(first[i] == (i < count ? numbers[i] : 0));
      BOOST_TEST(to[i] == (i < count ? numbers[i] : -1));
    }
    BOOST_TEST(to[lanes] == -1);
    BOOST_TEST(simd::nonzero(first) == (count == 64 ? ~std::uint64_t(0) : (std::uint64_t(1) << count) - 1));
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_first_lanes_are_read_and_written_and_no_others) {
  check_first_lanes<Vector>();
  check_first_lanes<WideVector>();
}

BOOST_AUTO_TEST_CASE(every_lane_of_a_broadcast_is_the_number) {
  for (const Real x : {Real(0), Real(-0.0), Real(2.5), infinity, not_a_number}) {
    const WideVector v = simd::broadcast<WideVector>(x);
    for (std::size_t i = 0; i < simd::lanes_of<WideVector>; ++i) BOOST_TEST(same(v[i], x));
  }
}

BOOST_AUTO_TEST_CASE(halves_are_those_of_a_register) {
  WideVector v;
  for (std::size_t i = 0; i < simd::lanes_of<WideVector>; ++i) v[i] = Real(i);
  const Vector low = simd::lower_half(v), high = simd::upper_half(v);
  const WideVector turned = simd::join<WideVector>(high, low);
  for (std::size_t i = 0; i < simd::lanes; ++i) {
    BOOST_TEST(low[i] == Real(i));
    BOOST_TEST(high[i] == Real(i + simd::lanes));
    BOOST_TEST(turned[i] == high[i]);
    BOOST_TEST(turned[i + simd::lanes] == low[i]);
  }
}

BOOST_AUTO_TEST_CASE(a_bit_is_set_for_each_lane_that_is_not_zero) {
  WideVector v{};
  v[1] = 2, v[3] = Real(-0.0), v[4] = -infinity, v[simd::lanes_of<WideVector> - 1] = std::numeric_limits<Real>::min();
  BOOST_TEST(simd::nonzero(v) == ((1u << 1) | (1u << 4) | (1u << (simd::lanes_of<WideVector> - 1))));
}

BOOST_AUTO_TEST_CASE(a_body_runs_for_the_instruction_set_that_it_is_asked_for) {
  for (const InstructionSet set : available_sets()) {
    InstructionSet run{}, chosen{};
    simd::run(set, [&]<InstructionSet own>() { run = own; });
    simd::for_set(set, [&]<InstructionSet own>() { chosen = own; });
    BOOST_TEST((run == set));
    BOOST_TEST((chosen == set));
  }
}

BOOST_AUTO_TEST_CASE(an_exponential_is_right_to_two_in_ten_million_and_zero_or_infinity_beyond) {
  const auto function = [](const auto& x) __attribute__((always_inline)) { return simd::exp(x); };
  check(many_numbers(100), function, [](Real x, Real y) {
    const double expected = std::exp(double(x));
    if (std::isnan(x)) return std::isnan(y);
    if (sizeof(Real) == 8) return same(y, Real(expected));
    if (x < Real(-86.6)) return same(y, 0);
    if (expected > std::numeric_limits<Real>::max()) return y == infinity;
    return std::abs(y - expected) <= 2e-7 * expected;
  });
}

BOOST_AUTO_TEST_CASE(a_hyperbolic_tangent_is_right_to_one_in_ten_million_odd_and_at_most_1) {
  const auto function = [](const auto& x) __attribute__((always_inline)) { return simd::tanh(x); };
  check(many_numbers(12), function, [](Real x, Real y) {
    if (std::isnan(x)) return std::isnan(y);
    const double expected = std::tanh(double(x)), error = std::abs(y - expected);
    return std::signbit(y) == std::signbit(x) && std::abs(y) <= 1 && error <= (sizeof(Real) == 8 ? 1e-15 : 1e-7) &&
           (std::abs(x) > Real(1e-4) || error <= 2e-7 * std::abs(expected));
  });
}

BOOST_AUTO_TEST_CASE(a_sigmoid_is_right_to_three_in_ten_million) {
  const auto function = [](const auto& x) __attribute__((always_inline)) { return simd::sigmoid(x); };
  check(many_numbers(85), function, [](Real x, Real y) {
    const double expected = 1 / (1 + std::exp(-double(x)));
    return std::isnan(x) ? std::isnan(y) : std::abs(y - expected) <= 3e-7 * expected;
  });
}

BOOST_AUTO_TEST_CASE(what_is_simple_is_exact) {
  const auto relu = [](const auto& x) __attribute__((always_inline)) { return simd::relu(x); };
  check(many_numbers(100), relu, [](Real x, Real y) { return same(y, x < 0 ? 0 : x); });
  const auto clamp = [](const auto& x) __attribute__((always_inline)) { return simd::clamp(x, -7, 3); };
  check(many_numbers(100), clamp,
        [](Real x, Real y) { return same(y, std::isnan(x) ? x : std::clamp(x, Real(-7), Real(3))); });
  const auto root = [](const auto& x) __attribute__((always_inline)) { return simd::square_root(x * x); };
  check(many_numbers(100), root, [](Real x, Real y) { return same(y, std::sqrt(x * x)); });
}

BOOST_AUTO_TEST_CASE(activations_are_chosen_by_name_and_their_gradients_come_from_the_result) {
  using enum Activation;
  const WideVector x = simd::broadcast<WideVector>(Real(0.5)), dy = simd::broadcast<WideVector>(3), y = x;
  const auto first = [](const WideVector& v) { return v[0]; };
  BOOST_TEST(first(simd::activate<identity>(x)) == Real(0.5));
  BOOST_TEST(first(simd::activate<relu>(-x)) == 0);
  BOOST_TEST(first(simd::activate<tanh>(x)) == first(simd::tanh(x)));
  BOOST_TEST(first(simd::activate<sigmoid>(x)) == first(simd::sigmoid(x)));
  BOOST_TEST(first(simd::activation_gradient<identity>(y, dy)) == 3);
  BOOST_TEST(first(simd::activation_gradient<tanh>(y, dy)) == Real(3 * 0.75));
  BOOST_TEST(first(simd::activation_gradient<sigmoid>(y, dy)) == Real(3 * 0.25));
  BOOST_TEST(first(simd::activation_gradient<relu>(y, dy)) == 3);
  BOOST_TEST(first(simd::activation_gradient<relu>(y * 0, dy)) == 0);
}

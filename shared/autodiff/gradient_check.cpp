module;
#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

module rnn.autodiff.gradient_check;

import rnn.autodiff.tape;
import rnn.base.caller;
import rnn.linalg.matrix;

namespace rnn {

// Copies of the inputs, whose elements can be moved a step to either side.
struct Moved {
  std::vector<Matrix> values;
  const ScalarFunction& function;
  Caller caller;
  Tape tape{Tape::Mode::evaluate};

  Real operator()() {
    tape.clear();
    std::vector<Var> inputs;
    for (const Matrix& value : values) inputs.push_back(tape.constant(value));
    const Var result = function(tape, inputs);
    require_shape("check_gradients", "the function's result", result.value(), 1, 1, caller);
    return result.value()(0, 0);
  }

  // (f(x + step) − f(x − step)) / (2·step). The distance is that of the two numbers as they were stored.
  Real difference(Real& x, Real step) {
    const Real middle = x;
    const Real above = x = middle + step, f_above = (*this)();
    const Real below = x = middle - step, f_below = (*this)();
    x = middle;
    return (f_above - f_below) / (above - below);
  }
};

static std::vector<Matrix> copies(const std::vector<NamedMatrix>& inputs) {
  std::vector<Matrix> values;
  for (const NamedMatrix& input : inputs) values.push_back(to_matrix(input.value));
  return values;
}

static Real or_infinity(Real error) { return std::isfinite(error) ? error : std::numeric_limits<Real>::infinity(); }

static GradientError compare(const NamedMatrix& input, ConstView gradient, Matrix& value, Moved& function,
                             const GradientCheck& settings) {
  require_shape("check_gradients", input.name.c_str(), gradient, input.value.rows, input.value.columns,
                function.caller);
  GradientError worst{.name = input.name, .rows = input.value.rows, .columns = input.value.columns};
  bool first = true;
  for (Index i = 0; i < worst.rows; ++i) {
    for (Index j = 0; j < worst.columns; ++j) {
      const Real a = gradient(i, j), n = function.difference(value(i, j), settings.step);
      const Real absolute = or_infinity(std::abs(a - n));
      const Real relative = or_infinity(absolute / std::max({std::abs(a), std::abs(n), settings.floor}));
      worst.absolute = std::max(worst.absolute, absolute);
      if (!first && relative <= worst.relative) continue;
      first = false;
      worst.relative = relative;
      worst.row = i, worst.column = j;
      worst.analytic = a, worst.numeric = n;
    }
  }
  return worst;
}

std::vector<GradientError> check_gradients(const std::vector<NamedMatrix>& inputs, std::span<const ConstView> gradients,
                                           const ScalarFunction& function, GradientCheck settings, Caller caller) {
  if (gradients.size() != inputs.size()) {
    throw CallError("check_gradients: there must be one gradient for each input", caller);
  }
  Moved moved{.values = copies(inputs), .function = function, .caller = caller};
  std::vector<GradientError> errors;
  for (Index i = 0; i < inputs.size(); ++i) {
    errors.push_back(compare(inputs[i], gradients[i], moved.values[i], moved, settings));
  }
  return errors;
}

std::vector<GradientError> check_gradients(const std::vector<NamedMatrix>& inputs, const ScalarFunction& function,
                                           GradientCheck settings, Caller caller) {
  const std::vector<Matrix> values = copies(inputs);
  Tape tape;
  std::vector<Var> variables;
  for (const Matrix& value : values) variables.push_back(tape.variable(value));
  tape.backward(function(tape, variables), caller);
  std::vector<ConstView> gradients;
  for (const Var& variable : variables) gradients.push_back(variable.gradient());
  return check_gradients(inputs, gradients, function, settings, caller);
}

Real largest_relative_error(std::span<const GradientError> errors) {
  Real largest = 0;
  for (const GradientError& error : errors) largest = std::max(largest, error.relative);
  return largest;
}

}  // namespace rnn

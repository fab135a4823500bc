module;
#include <functional>
#include <span>
#include <string>
#include <vector>

/// Is a gradient right? The tape's against differences of the function itself, which know nothing of the tape.
export module rnn.autodiff.gradient_check;

import rnn.autodiff.tape;
import rnn.linalg.matrix;

export namespace rnn {

/// An input of the function, as tables and messages call it.
struct NamedMatrix {
  std::string name;
  ConstView value;
};

/// A function of some matrices, recorded on a tape: inputs are Vars in the order of the NamedMatrix list, the result is
/// 1 × 1. It is called very often, and must give the same each time: a random mask comes from a fixed seed.
using ScalarFunction = std::function<Var(Tape& tape, std::span<const Var> inputs)>;

/// How far the two gradients of one input are apart. NaN and infinity are infinitely far.
struct GradientError {
  std::string name;
  Index rows = 0, columns = 0;
  Real absolute = 0;          // the largest |a − n| of all elements; a: the tape's gradient, n: the difference
  Real relative = 0;          // the largest |a − n| / max(|a|, |n|, floor)
  Index row = 0, column = 0;  // the element with that relative error …
  Real analytic = 0;          // … its a
  Real numeric = 0;           // … and its n
};

struct GradientCheck {
  /// The distance to either side. The error of a difference is about step²·|f‴|/6 + 1e-16·|f|/step: 1e-5 is near the
  /// best in double. (In float little can be seen: with a step of 1e-2, two or three digits.)
  Real step = Real(1e-5);

  /// Gradients smaller than this are compared absolutely: |a − n| / floor. Below it the difference is mostly rounding.
  Real floor = Real(1e-4);
};

/// Compares ∂function/∂input, element by element, with (f(x + step) − f(x − step)) / (2·step), one result for each
/// input. The matrices are copied and not changed. Meant for the double build, away from kinks such as relu's at zero.
/// Throws std::invalid_argument when the function's result is not 1 × 1.
std::vector<GradientError> check_gradients(const std::vector<NamedMatrix>& inputs, const ScalarFunction& function,
                                           GradientCheck settings = {});

/// The same comparison for a gradient that was had in some other way, by hand say: one matrix for each input, of its
/// shape.
std::vector<GradientError> check_gradients(const std::vector<NamedMatrix>& inputs, std::span<const ConstView> gradients,
                                           const ScalarFunction& function, GradientCheck settings = {});

/// The largest relative error of all; 0 when there are none.
Real largest_relative_error(std::span<const GradientError> errors);

}  // namespace rnn

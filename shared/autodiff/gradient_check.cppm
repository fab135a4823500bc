/// Is a gradient right? Compares the tape's with differences of the function itself, which know nothing of the tape.
export module rnn.autodiff.gradient_check;

import rnn.autodiff.tape;
import rnn.base.caller;
import rnn.base.std;
import rnn.linalg.matrix;

export namespace rnn {

/// An input of the function, under the name that tables and messages use.
struct NamedMatrix {
  std::string name;
  ConstView value;
};

/// A function of some matrices, recorded on a tape: inputs are Vars in the order of the NamedMatrix list, the result is
/// 1 × 1. It is called very often and must give the same result each time, so a random mask needs a fixed seed.
using ScalarFunction = std::function<Var(Tape& tape, std::span<const Var> inputs)>;

/// How far apart the two gradients of one input are. NaN and infinity are infinitely far.
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
  /// How far to move to either side. The error of a difference is about step²·|f‴|/6 + 1e-16·|f|/step, so 1e-5 is close
  /// to the best step in double. (Float shows little: two or three digits, with a step of 1e-2.)
  Real step = Real(1e-5);

  /// Gradients smaller than this are compared absolutely: |a − n| / floor. Below it the difference is mostly rounding.
  Real floor = Real(1e-4);
};

/// Compares ∂function/∂input, element by element, with (f(x + step) − f(x − step)) / (2·step), one result for each
/// input. The matrices are copied and not changed. Meant for the double build, away from kinks such as relu's at zero.
/// Throws CallError when the function's result is not 1 × 1.
std::vector<GradientError> check_gradients(const std::vector<NamedMatrix>& inputs, const ScalarFunction& function,
                                           GradientCheck settings = {}, Caller caller = Caller::current());

/// The same comparison for gradients computed in some other way, by hand for example: one matrix for each input, of the
/// same shape.
std::vector<GradientError> check_gradients(const std::vector<NamedMatrix>& inputs, std::span<const ConstView> gradients,
                                           const ScalarFunction& function, GradientCheck settings = {},
                                           Caller caller = Caller::current());

/// The largest relative error of all; 0 when there are none.
Real largest_relative_error(std::span<const GradientError> errors);

}  // namespace rnn

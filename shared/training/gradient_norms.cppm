/// How much of a gradient is left after many steps back.
export module rnn.training.gradient_norms;

import rnn.autodiff.tape;
import rnn.base.function_ref;
import rnn.base.std;
import rnn.linalg.matrix;

export namespace rnn {

/// ‖∂h_T/∂h_t‖ for t = 0 … T along one sequence, where h_t is the state after t steps. The norm is Frobenius' divided
/// by √n, so that it is 1 for the identity, ∂h_T/∂h_T, and s^k after k steps back through s times an orthogonal matrix.
struct GradientNorms {
  std::string name;
  char mark;             // in a plot
  std::vector<Real> at;  // for each t
  Real mean_state;       // the mean of |h|: near 1, tanh is flat
};

/// One time step on a tape. Shapes: x (m × inputs), carry_before (m × carry), result (m × carry).
using StepFunction = FunctionRef<Var(Var x, Var carry_before)>;

/// The norms for each part of the carry that is as wide as h: ‖∂h_T/∂h_t‖, and for a cell that hands on more, an LSTM's
/// c say, ‖∂h_T/∂c_t‖ with h_t kept as it is. Names and marks are left empty. Shapes: x (T × inputs); h has n numbers,
/// the carry `carry`, a multiple of n. The carry before the first step is zero.
std::vector<GradientNorms> norms_through_time(ConstView x, Index n, Index carry, StepFunction step);

}  // namespace rnn

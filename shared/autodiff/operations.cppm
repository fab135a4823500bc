/// Operations on a tape. Each is one function: check the shapes, compute, record how the gradient flows back.
export module rnn.autodiff.operations;

import rnn.autodiff.tape;
import rnn.base.caller;
import rnn.base.std;
import rnn.linalg.activation;
import rnn.linalg.matrix;

export namespace rnn {

// All throw CallError, with the operation, the shapes and the place of the call, when the shapes do not fit or the
// arguments are on different tapes. dy stands for ∂loss/∂y.

/// y = a·b. Shapes: a (m × k), b (k × n), y (m × n). da = dy·bᵀ, db = aᵀ·dy.
Var matmul(Var a, Var b, Caller caller = Caller::current());

/// y = c + a·b, where each sum starts from the element of c. Shapes: c (m × n), a (m × k), b (k × n). dc = dy, da =
/// dy·bᵀ, db = aᵀ·dy.
Var add_matmul(Var c, Var a, Var b, Caller caller = Caller::current());

/// y = a + b, of the same shape. da = dy, db = dy.
Var add(Var a, Var b, Caller caller = Caller::current());

/// y = a, with bias added to each row. Shapes: a (m × n), bias (1 × n). da = dy, dbias = the sum of the rows of dy.
Var add_bias(Var a, Var bias, Caller caller = Caller::current());

/// y = a ⊙ b, element by element. da = dy ⊙ b, db = dy ⊙ a.
Var multiply(Var a, Var b, Caller caller = Caller::current());

/// y = c + a ⊙ b, of the same shape. dc = dy, da = dy ⊙ b, db = dy ⊙ a.
Var add_multiplied(Var c, Var a, Var b, Caller caller = Caller::current());

/// y = factor·a. da = factor·dy.
Var scale(Var a, Real factor);

/// y = f(x), element by element. dx = dy ⊙ f′(x), computed from y.
Var activation(Activation f, Var x);
Var tanh(Var x);
Var sigmoid(Var x);
Var relu(Var x);

/// y = aᵀ. da = dyᵀ.
Var transpose(Var a);

/// Rows first … first + count − 1. Their gradient is added to those rows of da.
Var slice_rows(Var a, Index first, Index count, Caller caller = Caller::current());

/// All rows of the first, then all rows of the second, …: the reverse of slices. At least one; columns must agree.
Var stack_rows(std::span<const Var> parts, Caller caller = Caller::current());

/// Columns first … first + count − 1. Their gradient is added to those columns of da.
Var slice_columns(Var a, Index first, Index count, Caller caller = Caller::current());

/// All columns of the first, then all columns of the second, …: the reverse of slices. At least one; rows must agree.
Var join_columns(std::span<const Var> parts, Caller caller = Caller::current());

/// Step t of a sequence, (batch × features): the rows of that step.
Var slice_time(SequenceVar x, Index t, Caller caller = Caller::current());

/// The steps, each (batch × features), as one sequence. Without any steps, its length is 0.
SequenceVar stack_time(Tape& tape, std::span<const Var> steps, Index batch, Index features,
                       Caller caller = Caller::current());

/// Row i of y is row i of `yes` where keep[i] is true, else row i of `no` (where `no` is empty: zero).
/// The gradient of a row goes to the row it came from; rows that are not chosen may hold anything, even NaN.
Var choose_rows(std::span<const bool> keep, Var yes, Var no, Caller caller = Caller::current());

/// The sum of all elements, (1 × 1). da = dy everywhere.
Var sum(Var a);

/// The mean of all elements, (1 × 1). da = dy / size everywhere. Throws for an empty a.
Var mean(Var a, Caller caller = Caller::current());

}  // namespace rnn

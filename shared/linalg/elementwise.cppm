module;

/// Elementwise operations in vector registers. All work on any view, and are fast where the elements of a row are
/// contiguous. Error bounds are for float; the double build calls the standard library. A result may be written over an
/// argument of the same shape, and must not overlap it in any other way. Shapes and views that do not fit are a
/// CallError.
export module rnn.linalg.elementwise;

import rnn.base.caller;
import rnn.linalg.activation;
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;

export namespace rnn {

/// y ← f(x). Shapes: x and y agree; they may be the same view.
/// tanh: absolute error at most 1e-7 over all floats; sigmoid: relative error at most 3e-7 where the result is at
/// least 1e-37; ±∞ give the limits, NaN gives NaN.
void apply(Activation f, ConstView x, View y, Caller caller = Caller::current());

/// dx ← dy ⊙ f′, where f′ is computed from y = f(x) itself: 1 − y² for tanh, y·(1 − y) for sigmoid, y > 0 for relu.
/// Shapes: y, dy and dx agree; dx may be dy.
void apply_gradient(Activation f, ConstView y, ConstView dy, View dx, Caller caller = Caller::current());

/// The same, written into rows of a packed matrix. Adds the column sums of these rows to `sums` (1 × columns), as
/// add_column_sums does, unless `sums` has no columns. Shapes: y, dy and dx agree.
void apply_gradient(Activation f, ConstView y, ConstView dy, const PackedSlot& dx, View sums,
                    Caller caller = Caller::current());

/// dx ← dx + dy ⊙ f′.
void add_gradient(Activation f, ConstView y, ConstView dy, View dx, Caller caller = Caller::current());

/// y ← e^x: relative error at most 2e-7; 0 where e^x < 3e-38, infinity where it overflows.
void exp(ConstView x, View y, Caller caller = Caller::current());

/// y ← y + x.
void add(ConstView x, View y, Caller caller = Caller::current());

/// y ← y + scale·x.
void add_scaled(Real scale, ConstView x, View y, Caller caller = Caller::current());

/// y ← scale·y.
void scale(Real scale, View y);

/// y ← a ⊙ b, element by element.
void multiply(ConstView a, ConstView b, View y, Caller caller = Caller::current());

/// y ← y + a ⊙ b, element by element.
void add_multiplied(ConstView a, ConstView b, View y, Caller caller = Caller::current());

/// Adds bias (1 × columns) to each row of y.
void add_bias(ConstView bias, View y, Caller caller = Caller::current());

/// sums (1 × columns) ← sums + Σ rows of x. The order of the additions depends only on the number of rows.
void add_column_sums(ConstView x, View sums, Caller caller = Caller::current());

/// The sum of all elements, added row by row in double: the same on every machine.
double sum(ConstView x);

}  // namespace rnn

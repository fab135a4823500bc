module;

/// Elementwise operations in vector registers. All work on any view, and are fast where the elements of a row are
/// contiguous. Error bounds are for float; the double build calls the standard library.
export module rnn.linalg.elementwise;

import rnn.linalg.activation;
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;

export namespace rnn {

/// y ← f(x). Shapes: x and y agree; they may be the same view.
/// tanh: absolute error at most 1e-7 over all floats; sigmoid: relative error at most 3e-7 where the result is at
/// least 1e-37; ±∞ give the limits, NaN gives NaN.
void apply(Activation f, ConstView x, View y);

/// dx ← dy ⊙ f′, where f′ is computed from y = f(x) itself: 1 − y² for tanh, y·(1 − y) for sigmoid, y > 0 for relu.
/// Shapes: y, dy and dx agree; dx may be dy.
void apply_gradient(Activation f, ConstView y, ConstView dy, View dx);

/// The same, written into rows of a packed matrix. Adds the column sums of these rows to `sums` (1 × columns), as
/// add_column_sums does, unless `sums` has no columns. Shapes: y, dy and dx agree.
void apply_gradient(Activation f, ConstView y, ConstView dy, const PackedSlot& dx, View sums);

/// dx ← dx + dy ⊙ f′.
void add_gradient(Activation f, ConstView y, ConstView dy, View dx);

/// y ← e^x: relative error at most 2e-7; 0 where e^x < 3e-38, infinity where it overflows.
void exp(ConstView x, View y);

/// y ← y + x.
void add(ConstView x, View y);

/// y ← y + scale·x.
void add_scaled(Real scale, ConstView x, View y);

/// y ← scale·y.
void scale(Real scale, View y);

/// y ← a ⊙ b, element by element.
void multiply(ConstView a, ConstView b, View y);

/// y ← y + a ⊙ b, element by element.
void add_multiplied(ConstView a, ConstView b, View y);

/// Adds bias (1 × columns) to each row of y.
void add_bias(ConstView bias, View y);

/// sums (1 × columns) ← sums + Σ rows of x. The order of the additions depends only on the number of rows.
void add_column_sums(ConstView x, View sums);

/// The sum of all elements, added row by row in double: the same on every machine.
double sum(ConstView x);

}  // namespace rnn

module;
#include <span>

/// Matrix products: where nearly all of the time of training goes.
export module rnn.linalg.products;

import rnn.linalg.activation;
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;

export namespace rnn {

/// c ← a·b by the definition, one sum after the other: the oracle that every faster product is tested against.
/// Shapes: a (m × k), b (k × n), c (m × n). Throws std::invalid_argument when they do not fit.
void naive_product(ConstView a, ConstView b, View c);

/// c ← a·b. Shapes: a (m × k), b (k × n), c (m × n); any of them may be a transposed view. c must not overlap a or b.
/// Every element is the sum over k = 0, 1, …, in this order, of one fused multiply-add each: the result depends
/// neither on the blocking nor on the width of the vectors. Throws std::invalid_argument when the shapes do not fit.
void product(ConstView a, ConstView b, View c);

/// c ← c + a·b; the sum goes on from the value in c. Everything else as `product`.
void add_product(ConstView a, ConstView b, View c);

/// a·b as a new matrix.
Matrix product(ConstView a, ConstView b);

/// What a product does with the zeros of its left-hand side. `skip` leaves out what many rows at a time would multiply
/// by zero: worth while for pixels, of which four fifths are zero. The result is the same bit for bit (but for the sign
/// of a zero) where b is finite; 0·∞ and 0·NaN may be taken for 0.
enum class Zeros { multiply, skip };

/// One product in a sum of products: a (m × k) times b (k × n).
struct Product {
  ConstView a;
  PackedRows b;
  Zeros zeros = Zeros::multiply;
};

/// What becomes of the finished sums, while they are still at hand: y = f(sum + bias).
struct Epilogue {
  const Real* bias = nullptr;  // n numbers, the same for each row; none when null
  Activation activation = Activation::identity;
};

/// c ← f(a₁·b₁ + a₂·b₂ + … + bias): a whole step of a recurrent cell in one pass.
/// The sum of each element runs through the first product, then goes on through the second, and so on.
/// Throws std::invalid_argument when the shapes do not fit.
void sum_of_products(std::span<const Product> products, const Epilogue& epilogue, View c);

/// c ← c + a·b with b already packed.
void add_product(ConstView a, const PackedRows& b, View c, Zeros zeros = Zeros::multiply);

/// c ← a·b with both packed.
void product(const PackedRows& a, const PackedMatrix& b, View c);

/// c ← c + a·b with both packed.
void add_product(const PackedRows& a, const PackedMatrix& b, View c);

/// c ← c + a·b with a packed.
void add_product(const PackedRows& a, ConstView b, View c);

}  // namespace rnn

/// Matrix products, where training spends nearly all of its time. Shapes that do not fit, and a result that overlaps a
/// factor, are a CallError in every one of them.
export module rnn.linalg.products;

import rnn.base.caller;
import rnn.base.std;
import rnn.linalg.activation;
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;

export namespace rnn {

/// c ← a·b straight from the definition, one sum after another: the oracle that every faster product is tested against.
/// Shapes: a (m × k), b (k × n), c (m × n).
void naive_product(ConstView a, ConstView b, View c, Caller caller = Caller::current());

/// c ← a·b. Shapes: a (m × k), b (k × n), c (m × n); any of them may be a transposed view. c must not overlap a or b.
/// Every element is the sum over k = 0, 1, …, in this order, of one fused multiply-add each: the result depends
/// neither on the blocking nor on the width of the vectors.
void product(ConstView a, ConstView b, View c, Caller caller = Caller::current());

/// c ← c + a·b; each sum starts from the value in c. Otherwise like `product`.
void add_product(ConstView a, ConstView b, View c, Caller caller = Caller::current());

/// a·b as a new matrix.
Matrix product(ConstView a, ConstView b, Caller caller = Caller::current());

/// What a product does with zeros in its left-hand side. `skip` leaves out terms that are zero in many rows at once,
/// which pays off for pixels: four fifths of them are zero. The result has the same bits (except for the sign of a
/// zero) where b is finite; 0·∞ and 0·NaN may count as 0.
enum class Zeros { multiply, skip };

/// One product in a sum of products: a (m × k) times b (k × n).
struct Product {
  ConstView a;
  PackedRows b;
  Zeros zeros = Zeros::multiply;
};

/// What is applied to the finished sums while they are still close to the processor: y = f(sum + bias).
struct Epilogue {
  const Real* bias = nullptr;  // n numbers, added to every row; null: none
  Activation activation = Activation::identity;
};

/// c ← f(a₁·b₁ + a₂·b₂ + … + bias): a whole step of a recurrent cell in one call. Each element is one sum that runs
/// through the first product, then through the second, and so on.
void sum_of_products(std::span<const Product> products, const Epilogue& epilogue, View c,
                     Caller caller = Caller::current());

/// c ← c + a·b with b already packed.
void add_product(ConstView a, const PackedRows& b, View c, Zeros zeros = Zeros::multiply,
                 Caller caller = Caller::current());

/// c ← a·b with both packed.
void product(const PackedRows& a, const PackedMatrix& b, View c, Caller caller = Caller::current());

/// c ← c + a·b with both packed.
void add_product(const PackedRows& a, const PackedMatrix& b, View c, Caller caller = Caller::current());

/// c ← c + a·b with a packed.
void add_product(const PackedRows& a, ConstView b, View c, Caller caller = Caller::current());

}  // namespace rnn

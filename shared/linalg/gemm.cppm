module;
#include <span>
#include <vector>

#include <boost/align/aligned_allocator.hpp>

/// Matrix products: where nearly all of the time of training goes.
export module rnn.gemm;

import rnn.activation;
import rnn.cpu;
import rnn.matrix;

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

/// The right-hand side of a product, copied into the order in which the kernel reads it: vertical panels of a few
/// vector registers' width, each row by row, the last one filled up with zeros. Worth keeping when it is used more
/// than once: the weights are packed once for all time steps.
class PackedMatrix {
 public:
  PackedMatrix() = default;
  explicit PackedMatrix(ConstView b) { pack(b); }

  /// Packs b (k × n); memory from an earlier, larger use is used again.
  void pack(ConstView b);

  inline Index rows() const { return rows_; }
  inline Index columns() const { return columns_; }
  inline const Real* data() const { return panels_.data(); }

  /// The kernel that the panels were made for.
  inline InstructionSet made_for() const { return made_for_; }
  /// A panel of at most as many registers as the kernel takes; the widths differ by one at most. Its rows() rows of
  /// vectors · lanes numbers begin at data() + first_column · rows().
  struct Panel {
    Index first_column;
    Index vectors;
  };
  Index panels() const;
  Panel panel(Index p) const;

 private:
  std::vector<Real, boost::alignment::aligned_allocator<Real, 64>> panels_;
  Index rows_ = 0;
  Index columns_ = 0;
  Index vectors_ = 0;
  Index max_vectors_ = 1;
  InstructionSet made_for_ = InstructionSet::baseline;
};

/// One product in a sum of products: a (m × k) times b (k × n).
struct Product {
  ConstView a;
  const PackedMatrix* b = nullptr;
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
void add_product(ConstView a, const PackedMatrix& b, View c);

}  // namespace rnn

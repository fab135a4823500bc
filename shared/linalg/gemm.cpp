module;
#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <stdexcept>
#include <utility>

#define RNN_INLINE [[gnu::always_inline]] inline

module rnn.gemm;

import rnn.activation;
import rnn.cpu;
import rnn.elementwise;
import rnn.matrix;
import rnn.simd;

namespace rnn {

using simd::lanes;
using simd::Vector;

// A block of c stays in registers while the sums run: rows × vectors accumulators, one register for each vector of b
// and one for the number of a that is multiplied with them. That is what 32, 16 and (half as wide) 16 registers hold.
template <InstructionSet>
struct BlockSize {
  static constexpr int rows = 2, vectors = 2;
};
template <>
struct BlockSize<InstructionSet::avx2> {
  static constexpr int rows = 6, vectors = 2;
};
template <>
struct BlockSize<InstructionSet::avx512> {
  static constexpr int rows = 5, vectors = 5;
};

struct SumOfProducts {
  std::span<const Product> products;
  const Real* bias;  // null: none
  View c;
  bool from_c;  // the sums start with what is in c, not with zero

  // Panel after panel, so that the panel of b stays in the first-level cache while all rows of a go past it.
  template <InstructionSet set>
  RNN_INLINE void operator()() const {
    const PackedMatrix& b = *products[0].b;
    for (Index p = 0; p < b.panels(); ++p) {
      const auto [first_column, vectors] = b.panel(p);
      panel<set, BlockSize<set>::vectors>(first_column, vectors);
    }
  }

  // The panel's width and the number of rows become constants of the compiler's: one instance for each.
  template <InstructionSet set, int vectors>
  RNN_INLINE void panel(Index first_column, Index width) const {
    if constexpr (vectors > 1) {
      if (width < vectors) return panel<set, vectors - 1>(first_column, width);
    }
    constexpr int rows = BlockSize<set>::rows;
    Index i = 0;
    for (; i + rows <= c.rows; i += rows) block<rows, vectors>(first_column, i);
    rest<rows - 1, vectors>(first_column, i);
  }
  template <int rows, int vectors>
  RNN_INLINE void rest(Index first_column, Index i) const {
    if constexpr (rows > 0) {
      if (c.rows - i == rows) return block<rows, vectors>(first_column, i);
      rest<rows - 1, vectors>(first_column, i);
    }
  }

  // rows × (vectors · lanes) elements of c, from row i and this column on.
  template <int rows, int vectors>
  RNN_INLINE void block(Index first_column, Index i) const {
    constexpr int last = vectors - 1;
    const Index tail = std::min<Index>(c.columns - first_column - last * lanes, lanes);  // columns of the last vector
    Real* const corner = c.data + i * c.row_stride + first_column;

    Vector sum[rows][vectors] = {};
    if (from_c) {
      for (int r = 0; r < rows; ++r) load_row<vectors>(corner + r * c.row_stride, tail, sum[r]);
    }
    for (const Product& product : products) {
      const ConstView a = product.a;
      if (a.columns == 0) continue;  // a sum over nothing; there need not even be an address
      const Real* pa = a.data + i * a.row_stride;
      const Real* pb = product.b->data() + first_column * a.columns;
      for (Index k = 0; k < a.columns; ++k) {
        Vector b[vectors];
        for (int v = 0; v < vectors; ++v) b[v] = simd::load<Vector>(pb + v * lanes);
        for (int r = 0; r < rows; ++r) {
          const Vector x = simd::broadcast<Vector>(pa[r * a.row_stride]);
          for (int v = 0; v < vectors; ++v) sum[r][v] += x * b[v];
        }
        pa += a.column_stride;
        pb += vectors * lanes;
      }
    }
    if (bias != nullptr) {
      Vector b[vectors];
      load_row<vectors>(bias + first_column, tail, b);
      for (int r = 0; r < rows; ++r) {
        for (int v = 0; v < vectors; ++v) sum[r][v] += b[v];
      }
    }
    for (int r = 0; r < rows; ++r) store_row<vectors>(sum[r], tail, corner + r * c.row_stride);
  }

  // Of the last vector only `tail` columns are there.
  template <int vectors>
  RNN_INLINE static void load_row(const Real* from, Index tail, Vector (&row)[vectors]) {
    for (int v = 0; v < vectors - 1; ++v) row[v] = simd::load<Vector>(from + v * lanes);
    from += (vectors - 1) * lanes;
    row[vectors - 1] = tail == lanes ? simd::load<Vector>(from) : simd::load_first<Vector>(from, tail);
  }
  template <int vectors>
  RNN_INLINE static void store_row(const Vector (&row)[vectors], Index tail, Real* to) {
    for (int v = 0; v < vectors - 1; ++v) simd::store(row[v], to + v * lanes);
    to += (vectors - 1) * lanes;
    tail == lanes ? simd::store(row[vectors - 1], to) : simd::store_first(row[vectors - 1], to, tail);
  }
};

static void require_fit(const char* operation, ConstView a, Index b_rows, Index b_columns, ConstView c) {
  if (a.columns != b_rows) {
    throw std::invalid_argument(
        fmt::format("{}: columns of a ({}) must equal rows of b ({})", operation, shape(a), shape(b_rows, b_columns)));
  }
  require_shape(operation, "c", c, a.rows, b_columns);
}

void naive_product(ConstView a, ConstView b, View c) {
  require_fit("naive_product", a, b.rows, b.columns, c);
  for (Index i = 0; i < c.rows; ++i) {
    for (Index j = 0; j < c.columns; ++j) {
      Real sum = 0;
      for (Index k = 0; k < a.columns; ++k) sum += a(i, k) * b(k, j);
      c(i, j) = sum;
    }
  }
}

Index PackedMatrix::panels() const { return (vectors_ + max_vectors_ - 1) / max_vectors_; }

PackedMatrix::Panel PackedMatrix::panel(Index p) const {
  const Index narrow = vectors_ / panels(), wider = vectors_ % panels();  // 13 registers: panels of 4, 3, 3, 3
  return {(p * narrow + std::min(p, wider)) * lanes, narrow + (p < wider)};
}

// A panel of a matrix whose rows stand in memory: row by row, a register at a time.
struct PackRows {
  ConstView from;
  Real* to;
  Index width;

  template <InstructionSet>
  RNN_INLINE void operator()() const {
    const Index whole = from.columns / lanes * lanes, tail = from.columns - whole;
    for (Index k = 0; k < from.rows; ++k) {
      const Real* row = from.data + k * from.row_stride;
      Real* panel_row = to + k * width;
      for (Index j = 0; j < whole; j += lanes) simd::store(simd::load<Vector>(row + j), panel_row + j);
      if (tail > 0) simd::store(simd::load_first<Vector>(row + whole, tail), panel_row + whole);
    }
  }
};

// A panel of any other matrix.
static void pack_elements(ConstView from, Real* to, Index width) {
  for (Index k = 0; k < from.rows; ++k, to += width) {
    const Real* element = from.data + k * from.row_stride;
    for (Index j = 0; j < from.columns; ++j) to[j] = element[j * from.column_stride];
    std::fill(to + from.columns, to + width, Real(0));
  }
}

void PackedMatrix::pack(ConstView b) {
  rows_ = b.rows;
  columns_ = b.columns;
  made_for_ = instruction_set();
  max_vectors_ = made_for_ == InstructionSet::avx512 ? BlockSize<InstructionSet::avx512>::vectors
                 : made_for_ == InstructionSet::avx2 ? BlockSize<InstructionSet::avx2>::vectors
                                                     : BlockSize<InstructionSet::baseline>::vectors;
  vectors_ = (columns_ + lanes - 1) / lanes;
  if (panels_.size() < vectors_ * lanes * rows_) panels_.resize(vectors_ * lanes * rows_);
  for (Index p = 0; p < panels(); ++p) {
    const auto [first, vectors] = panel(p);
    Real* const to = panels_.data() + first * rows_;
    const Index width = vectors * lanes, there = std::min(width, columns_ - first);
    const ConstView from = b.columns_from(first, there);
    b.column_stride == 1 ? simd::run(made_for_, PackRows{from, to, width}) : pack_elements(from, to, width);
  }
}

static void run(const char* operation, std::span<const Product> products, const Epilogue& epilogue, View c,
                bool from_c) {
  for (const Product& p : products) require_fit(operation, p.a, p.b->rows(), p.b->columns(), c);
  if (c.empty()) return;
  if (c.column_stride != 1) {  // the kernel writes rows
    Matrix rows = to_matrix(c);
    run(operation, products, epilogue, rows, from_c);
    return copy(rows, c);
  }
  simd::run(products[0].b->made_for(), SumOfProducts{products, epilogue.bias, c, from_c});
  if (epilogue.activation != Activation::identity) apply(epilogue.activation, c, c);
}

void sum_of_products(std::span<const Product> products, const Epilogue& epilogue, View c) {
  run("sum_of_products", products, epilogue, c, false);
}

void add_product(ConstView a, const PackedMatrix& b, View c) {
  const Product product{a, &b};
  run("add_product", {&product, 1}, {}, c, true);
}

static const PackedMatrix& packed(ConstView b) {
  thread_local PackedMatrix scratch;
  scratch.pack(b);
  return scratch;
}

void product(ConstView a, ConstView b, View c) {
  require_fit("product", a, b.rows, b.columns, c);
  const Product product{a, &packed(b)};
  run("product", {&product, 1}, {}, c, false);
}

void add_product(ConstView a, ConstView b, View c) {
  require_fit("add_product", a, b.rows, b.columns, c);
  add_product(a, packed(b), c);
}

Matrix product(ConstView a, ConstView b) {
  Matrix c(a.rows, b.columns);
  product(a, b, c);
  return c;
}

}  // namespace rnn

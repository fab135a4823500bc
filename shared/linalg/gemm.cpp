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
  static constexpr int rows = 6, vectors = 4;
};

struct SumOfProducts {
  std::span<const Product> products;
  Epilogue epilogue;
  View c;
  bool from_c;  // the sums start with what is in c, not with zero

  template <InstructionSet set>
  RNN_INLINE void operator()() const {
    const PackedMatrix& b = *products[0].b;
    for (Index p = 0; p < b.panels(); ++p) {
      panel<set, BlockSize<set>::vectors>(p, b.panel(p).vectors);
      finish(b.panel(p));
    }
  }

  // The panel's width and the number of rows become constants of the compiler's: one instance for each.
  template <InstructionSet set, int vectors>
  RNN_INLINE void panel(Index p, Index width) const {
    if constexpr (vectors > 1) {
      if (width < vectors) return panel<set, vectors - 1>(p, width);
    }
    constexpr int rows = BlockSize<set>::rows;
    Index i = 0;
    for (; i + rows <= c.rows; i += rows) block<rows, vectors>(p, i);
    rest<rows - 1, vectors>(p, i);
  }
  template <int rows, int vectors>
  RNN_INLINE void rest(Index p, Index i) const {
    if constexpr (rows > 0) {
      if (c.rows - i == rows) return block<rows, vectors>(p, i);
      rest<rows - 1, vectors>(p, i);
    }
  }

  // rows × (vectors · lanes) elements of c, from row i and the panel's first column on.
  template <int rows, int vectors>
  RNN_INLINE void block(Index p, Index i) const {
    const Index first = products[0].b->panel(p).first_column;
    const Index tail = std::min<Index>(c.columns - first, vectors * lanes) - (vectors - 1) * lanes;  // of the last vector
    Vector sum[rows][vectors] = {};
    if (from_c) {
      for (int r = 0; r < rows; ++r) {
        const Real* from = c.data + (i + r) * c.row_stride + first;
        for (int v = 0; v < vectors - 1; ++v) sum[r][v] = simd::load(from + v * lanes);
        from += (vectors - 1) * lanes;
        sum[r][vectors - 1] = tail == lanes ? simd::load(from) : simd::load_first(from, tail);
      }
    }

    for (const Product& product : products) {
      const ConstView a = product.a;
      const Real* pa = a.data + i * a.row_stride;
      const Real* pb = product.b->panel(p).data;
      for (Index k = 0; k < a.columns; ++k) {
        Vector b[vectors];
        for (int v = 0; v < vectors; ++v) b[v] = simd::load(pb + v * lanes);
        for (int r = 0; r < rows; ++r) {
          const Vector x = simd::broadcast(pa[r * a.row_stride]);
          for (int v = 0; v < vectors; ++v) sum[r][v] += x * b[v];
        }
        pa += a.column_stride;
        pb += vectors * lanes;
      }
    }

    for (int r = 0; r < rows; ++r) {
      Real* to = c.data + (i + r) * c.row_stride + first;
      for (int v = 0; v < vectors - 1; ++v) simd::store(sum[r][v], to + v * lanes);
      to += (vectors - 1) * lanes;
      tail == lanes ? simd::store(sum[r][vectors - 1], to) : simd::store_first(sum[r][vectors - 1], to, tail);
    }
  }

  // The epilogue of a panel of c, which the first-level cache still holds.
  RNN_INLINE void finish(const PackedMatrix::Panel& panel) const {
    switch (epilogue.activation) {
      case Activation::tanh: return finish_with<Activation::tanh>(panel);
      case Activation::relu: return finish_with<Activation::relu>(panel);
      case Activation::sigmoid: return finish_with<Activation::sigmoid>(panel);
      case Activation::identity:
        if (epilogue.bias != nullptr) finish_with<Activation::identity>(panel);
    }
  }
  template <Activation f>
  RNN_INLINE void finish_with(const PackedMatrix::Panel& panel) const {
    const Index end = std::min(panel.first_column + panel.vectors * lanes, c.columns);
    for (Index i = 0; i < c.rows; ++i) {
      Index j = panel.first_column;
      Real* row = c.data + i * c.row_stride;
      for (; j + lanes <= end; j += lanes) {
        const Vector bias = epilogue.bias ? simd::load(epilogue.bias + j) : Vector{};
        simd::store(simd::activate(f, simd::load(row + j) + bias), row + j);
      }
      if (const Index tail = end - j; tail > 0) {
        const Vector bias = epilogue.bias ? simd::load_first(epilogue.bias + j, tail) : Vector{};
        simd::store_first(simd::activate(f, simd::load_first(row + j, tail) + bias), row + j, tail);
      }
    }
  }
};

static void require_fit(const char* operation, ConstView a, Index b_rows, Index b_columns, ConstView c) {
  if (a.columns != b_rows) {
    throw std::invalid_argument(fmt::format("{}: columns of a ({}) must equal rows of b ({})", operation, shape(a),
                                            shape(b_rows, b_columns)));
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
  const Index before = p * narrow + std::min(p, wider);
  return {panels_.data() + before * lanes * rows_, before * lanes, narrow + (p < wider)};
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
  Real* to = panels_.data();
  for (Index p = 0; p < panels(); ++p) {
    const Index first = panel(p).first_column, width = panel(p).vectors * lanes;
    const Index here = std::min(width, columns_ - first);
    for (Index k = 0; k < rows_; ++k, to += width) {
      if (b.column_stride == 1) {
        std::copy_n(b.data + k * b.row_stride + first, here, to);
      } else {
        for (Index j = 0; j < here; ++j) to[j] = b(k, first + j);
      }
      std::fill(to + here, to + width, Real(0));
    }
  }
}

static void run(const char* operation, std::span<const Product> products, const Epilogue& epilogue, View c,
                bool from_c) {
  for (const Product& p : products) require_fit(operation, p.a, p.b->rows(), p.b->columns(), c);
  if (c.empty()) return;
  if (c.column_stride == 1) {
    simd::run(products[0].b->made_for(), SumOfProducts{products, epilogue, c, from_c});
  } else {  // the kernel writes rows
    Matrix rows = to_matrix(c);
    simd::run(products[0].b->made_for(), SumOfProducts{products, epilogue, rows, from_c});
    copy(rows, c);
  }
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

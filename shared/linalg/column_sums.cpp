module;
#include <span>

module rnn.linalg.elementwise;

import rnn.base.caller;
import rnn.linalg.activation;
import rnn.linalg.kernel.cpu;
import rnn.linalg.kernel.packed;
import rnn.linalg.kernel.simd;
import rnn.linalg.matrix;

namespace rnn {

// Not the wide ones: a row may begin anywhere in a cache line, so most of those would straddle two.
using simd::lanes;
using simd::Vector;

// sums ← sums + rows, eight rows at a time, since each addition has to wait for the one before it. rows(i, j) is a
// register of row i from column j on; rows(i, j, rest) is one that has only `rest` columns.
template <class Rows>
struct AddColumnSums {
  Rows rows;
  Index count, columns;
  Real* sums;  // null: only the rows are wanted

  template <InstructionSet>
  [[gnu::always_inline]] inline void operator()() const {
    Index i = 0;
    for (; i + 8 <= count; i += 8) some<8>(i);
    for (; i < count; ++i) some<1>(i);
  }

  template <int some_rows>
  [[gnu::always_inline]] inline void some(Index i) const {
    const Rows of = rows;  // copies, which the stores below cannot change: they stay in registers
    const Index end = columns;
    Real* const sum = sums;
    Vector v[some_rows];
    Index j = 0;
    for (; j + lanes <= end; j += lanes) {
      for (int r = 0; r < some_rows; ++r) v[r] = of(i + r, j);
      if (sum != nullptr) simd::store(simd::load<Vector>(sum + j) + tree_sum(v), sum + j);
    }
    if (const Index rest = end - j; rest > 0) {
      for (int r = 0; r < some_rows; ++r) v[r] = of(i + r, j, rest);
      if (sum != nullptr) simd::store_first(simd::load_first<Vector>(sum + j, rest) + tree_sum(v), sum + j, rest);
    }
  }

  template <int some_rows>
  [[gnu::always_inline]] inline static Vector tree_sum(Vector (&v)[some_rows]) {
    for (int step = 1; step < some_rows; step *= 2) {
      for (int r = 0; r < some_rows; r += 2 * step) v[r] += v[r + step];
    }
    return v[0];
  }
};

template <class T>
[[gnu::always_inline]] inline static T* at(BasicView<T> a, Index i, Index j) {  // contiguous rows
  return a.data + i * a.row_stride + j;
}

struct RowsOf {
  ConstView x;
  [[gnu::always_inline]] inline Vector operator()(Index i, Index j) const { return simd::load<Vector>(at(x, i, j)); }
  [[gnu::always_inline]] inline Vector operator()(Index i, Index j, Index rest) const {
    return simd::load_first<Vector>(at(x, i, j), rest);
  }
};

void add_column_sums(ConstView x, View sums, Caller caller) {
  require_shape("add_column_sums", "sums", sums, 1, x.columns, caller);
  require_apart("add_column_sums", "sums", sums, "x", x, caller);
  if (x.column_stride == 1 && sums.column_stride == 1) {
    simd::run(instruction_set(), AddColumnSums<RowsOf>{{x}, x.rows, x.columns, sums.data});
  } else {
    for (Index i = 0; i < x.rows; ++i) add(x.rows_from(i, 1), sums, caller);
  }
}

// The rows dy ⊙ f′, computed on demand and stored.
template <Activation f>
struct GradientRows {
  ConstView y, dy;
  View dx;
  [[gnu::always_inline]] inline Vector operator()(Index i, Index j) const {
    const Vector v = simd::activation_gradient<f>(simd::load<Vector>(at(y, i, j)), simd::load<Vector>(at(dy, i, j)));
    simd::store(v, at(dx, i, j));
    return v;
  }
  [[gnu::always_inline]] inline Vector operator()(Index i, Index j, Index rest) const {
    const Vector v = simd::activation_gradient<f>(simd::load_first<Vector>(at(y, i, j), rest),
                                                  simd::load_first<Vector>(at(dy, i, j), rest));
    simd::store_first(v, at(dx, i, j), rest);
    return v;
  }
};

template <Activation f>
static void gradient_in_panels(ConstView y, ConstView dy, const PackedSlot& dx, View sums) {
  PackedMatrix& matrix = dx.matrix;
  for (const PackedMatrix::Panel& panel : matrix.panels()) {
    const Index begin = panel.first_column, columns = panel.columns;
    const GradientRows<f> rows{y.columns_from(begin, columns), dy.columns_from(begin, columns),
                               matrix.numbers(panel).rows_from(dx.first, y.rows)};
    Real* const sum = sums.empty() ? nullptr : sums.data + begin;
    simd::run(matrix.made_for(), AddColumnSums<GradientRows<f>>{rows, y.rows, columns, sum});
  }
  matrix.complete(dx.first, y.rows);
}

void apply_gradient(Activation f, ConstView y, ConstView dy, const PackedSlot& dx, View sums, Caller caller) {
  const Index columns = dx.matrix.columns();
  require_shape("apply_gradient", "y", y, dx.count, columns, caller);
  require_shape("apply_gradient", "dy", dy, dx.count, columns, caller);
  if (!sums.empty()) require_shape("apply_gradient", "sums", sums, 1, columns, caller);
  require_apart("apply_gradient", "sums", sums, "y", y, caller);
  require_apart("apply_gradient", "sums", sums, "dy", dy, caller);
  if (y.column_stride != 1 || dy.column_stride != 1 || sums.column_stride != 1 ||
      dx.first + dx.count > dx.matrix.rows()) {
    throw CallError("apply_gradient: rows must be contiguous in memory, and dx must have room for them", caller);
  }
  switch (f) {
    case Activation::identity: return gradient_in_panels<Activation::identity>(y, dy, dx, sums);
    case Activation::tanh: return gradient_in_panels<Activation::tanh>(y, dy, dx, sums);
    case Activation::relu: return gradient_in_panels<Activation::relu>(y, dy, dx, sums);
    case Activation::sigmoid: return gradient_in_panels<Activation::sigmoid>(y, dy, dx, sums);
  }
}

}  // namespace rnn
